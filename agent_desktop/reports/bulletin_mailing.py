"""A closed bulletin by mail: its text, the figures of a weekly one, and a link; tried again while the server is away.

No transaction is open while the mail server is waited for. A crash between sending and noting sends the letter again
with the same Message-ID, so that a mail program shows it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.rendering import Rendering
from agent_desktop.reports.bulletin_text import LINES, change, figure
from agent_desktop.reports.mail_server import MailRefused, MailServer, hand_over
from agent_desktop.reports.mailing import one_line
from agent_desktop.words import N_
from crm_core import clock
from crm_core.bulletins.model import Bulletin
from crm_core.db import Database, storable
from crm_core.errors import Invalid
from crm_core.jobs.runner import Due
from crm_core.knowledge.markdown import html
from crm_core.saved_reports.actions import check_recipients
from reports.weekly import from_plain

log = structlog.get_logger(__name__)
NOT_ALLOWED = N_("No mail goes to this address any more, or no mail server is set up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinMailer:
    """`address` is what a link to our pages begins with."""

    database: Database
    rendering: Rendering
    server: MailServer
    address: str

    async def send(self, _session: AsyncSession, job: Due, _at: datetime) -> None:
        """A bulletin's job. Raises MailRefused, so that the runner tries it again later."""
        async with self.database.begin() as session:
            row = await session.get(Bulletin, int(job.key))
            if row is None or row.mailed not in ("waiting", "failed"):
                return
            if not self._allowed(row):
                row.mailed, row.told = "failed", self.rendering.translate(row.language, NOT_ALLOWED)
                return
            letter = self.letter(row)
        try:
            await hand_over(self.server, letter)
        except MailRefused as refused:
            await self._note(int(job.key), "failed", str(refused))
            raise
        await self._note(int(job.key), "sent")

    def letter(self, row: Bulletin) -> EmailMessage:
        """Text and HTML; the HTML of the text was cleaned, see crm_core.knowledge.markdown."""
        letter = EmailMessage()
        letter["Subject"] = one_line(row.title)
        letter["To"] = ", ".join(row.recipients)
        letter["From"] = self.server.sender
        letter["Date"] = format_datetime(row.sent_at or clock.now())
        letter["Auto-Submitted"] = "auto-generated"
        letter["Message-ID"] = f"<bulletin-{row.id}@{self.server.sender.rpartition('@')[2]}>"
        link = f"{self.address}/reports/bulletins/{row.id}"
        letter.set_content("\n\n".join(part for part in (row.text, self._figures(row), link) if part) + "\n")
        letter.add_alternative(f'{html(row.text)}<p><a href="{link}">{link}</a></p>', subtype="html")
        return letter

    def _figures(self, row: Bulletin) -> str:
        """The week beside the one before, a line for each figure."""
        if row.kind != "weekly" or not row.figures:
            return ""
        week = from_plain(row.figures)
        lines = []
        for name, word in LINES:
            moved = change(week, name)
            line = f"{self.rendering.translate(row.language, word)}: {figure(week.now, name)}"
            lines.append(f"{line} ({moved})" if moved else line)
        return "\n".join(lines)

    def _allowed(self, row: Bulletin) -> bool:
        """The list of domains may have become shorter since it was closed."""
        try:
            check_recipients(row.recipients, self.server.domains)
        except Invalid:
            return False
        return self.server.usable

    async def _note(self, bulletin_id: int, mailed: str, told: str = "") -> None:
        async with self.database.begin() as session:
            row = await session.get(Bulletin, bulletin_id)
            if row is not None:
                row.mailed, row.told = mailed, storable(told, 500)
