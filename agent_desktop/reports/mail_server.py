"""The mail server that takes our reports, and one letter given to it, without waiting in the event loop."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

TIMEOUT = 30.0  # seconds for each step of the talk with the server


class MailRefused(Exception):
    """The server is away, or does not take it; `args[0]` is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`security` is starttls, tls or none. `host` "" = no mail goes out; `domains` are the only ones it goes to."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    domains: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return bool(self.host and self.sender and self.domains)


async def hand_over(server: MailServer, letter: EmailMessage) -> None:
    """The server has taken it for every recipient when this returns. Raises MailRefused else."""
    try:
        await asyncio.to_thread(_hand_over, server, letter)
    except smtplib.SMTPRecipientsRefused as refused:
        raise MailRefused(", ".join(sorted(refused.recipients))) from refused
    except (smtplib.SMTPException, OSError, ssl.SSLError) as wrong:
        raise MailRefused(str(wrong)) from wrong


def _hand_over(server: MailServer, letter: EmailMessage) -> None:
    trusted = ssl.create_default_context()
    if server.security == "tls":
        link: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=trusted)
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with link:
        if server.security == "starttls":
            link.starttls(context=trusted)
        if server.user:
            link.login(server.user, server.password)
        refused = link.send_message(letter)
    if refused:
        raise MailRefused(", ".join(sorted(refused)))
