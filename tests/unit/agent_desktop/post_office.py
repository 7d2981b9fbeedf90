"""A real SMTP server on loopback that keeps what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from agent_desktop.reports.mail_server import MailServer

if TYPE_CHECKING:
    from tests.unit.agent_desktop.conftest import WebSite

AWAY = MailServer(
    host="127.0.0.1", port=9, security="none", sender="reports@yuanchen.example", domains=("yuanchen.example",)
)


@dataclass
class PostOffice:
    """A mail server that keeps what it gets; `answer` is what it says to a letter."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer


@pytest.fixture
async def office() -> AsyncIterator[tuple[PostOffice, MailServer]]:
    post = PostOffice()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(post), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield post, replace(AWAY, port=port)
    listening.close()


def with_mail(web: WebSite) -> None:
    web.app.state.config = replace(web.app.state.config, mails=True, mail_domains=("yuanchen.example",))
