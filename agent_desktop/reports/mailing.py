"""Reports by mail: with the rights that their owner has when they are sent, tried again when the server is away.

No transaction is open while the mail server is waited for. A crash between sending and noting sends a letter again;
its Message-ID is the same, so that a mail program shows it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.rendering import Rendering
from agent_desktop.reports.catalogue import report_of
from agent_desktop.reports.files import FORMS, file_name, write_file
from agent_desktop.reports.look import ReportLook, look_for
from agent_desktop.reports.mail_server import MailRefused, MailServer, hand_over
from agent_desktop.reports.sheet import Sheet
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.model import User
from crm_core.access.roles import Permission, read_roles
from crm_core.db import Database, storable
from crm_core.errors import Invalid
from crm_core.jobs.runner import Due, next_try
from crm_core.saved_reports.actions import check_recipients, timing_of
from crm_core.saved_reports.model import SavedReport
from crm_core.workforce.queries import led_agents

log = structlog.get_logger(__name__)
MOST_TRIES = 6  # over some 15 minutes; then the next regular time
NOBODY, NOT_ALLOWED, GONE, NO_SERVER, WRONG = "owner_gone", "not_allowed", "report_gone", "no_server", "wrong"
RESULTS = {
    "": N_("Not sent yet"),
    "sent": N_("Sent"),
    "failed": N_("Not taken by the mail server"),
    NOBODY: N_("Stopped: its owner works here no more"),
    NOT_ALLOWED: N_("Stopped: its owner may not see this report any more"),
    GONE: N_("Stopped: there is no such report any more"),
    NO_SERVER: N_("Stopped: no mail server is set up, or the address is not allowed any more"),
    WRONG: N_("Stopped: what it asks for cannot be answered any more"),
}


class _Stopped(Exception):
    """It cannot be sent, now and later; `args[0]` is a word of RESULTS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMailer:
    """`address` is what a link to our pages begins with."""

    database: Database
    rendering: Rendering
    server: MailServer
    address: str

    async def send(self, _session: AsyncSession, job: Due, _at: datetime) -> datetime | None:
        """A saved report's job; the runner's own transaction has nothing to do until the end."""
        saved_id = int(job.key)
        try:
            async with self.database.begin() as session:
                letter = await self.letter(session, saved_id, job.due_at)
            if letter is None:
                return None
            await hand_over(self.server, letter)
        except _Stopped as stopped:
            return await self._note(saved_id, job.due_at, str(stopped))
        except MailRefused as refused:
            log.warning("report_mail_refused", saved=saved_id, told=str(refused))
            return await self._note(saved_id, job.due_at, "failed", storable(str(refused), 500))
        return await self._note(saved_id, job.due_at, "sent")

    async def letter(self, session: AsyncSession, saved_id: int, due_at: datetime) -> EmailMessage | None:
        """With the owner's rights and language of now; None = it was removed or is only kept."""
        row = await session.get(SavedReport, saved_id)
        if row is None or not row.every:
            return None
        owner, report = await _owner(session, row.owner), report_of(row.report)
        if report is None or report.build is None or row.form not in FORMS:
            raise _Stopped(GONE)
        if not (owner.may(Permission.SEE_REPORTS) and owner.may(report.permission)):
            raise _Stopped(NOT_ALLOWED)
        self._check(row)
        look = await look_for(
            session, moving_query(row), number=owner.number, roles=owner.roles, language=owner.language or "zh-CN",
            rendering=self.rendering,
            led=await led_agents(session, owner) if owner.may(Permission.STEER_AGENTS) else None,
        )  # fmt: skip
        if look.asked.problem is not None:
            raise _Stopped(WRONG)
        sheet = await report.build(look)
        letter = _letter(row, sheet, look, f"{self.address}{look.asked.lasting(report.address)}")
        letter["From"] = self.server.sender
        letter["Message-ID"] = f"<report-{row.id}-{int(due_at.timestamp())}@{self.server.sender.rpartition('@')[2]}>"
        main, _, sub = FORMS[row.form].media_type.partition(";")[0].partition("/")
        content = await write_file(row.form, sheet, look)
        letter.add_attachment(content, maintype=main, subtype=sub, filename=file_name(sheet, look, row.form))
        return letter

    def _check(self, row: SavedReport) -> None:
        """The list of domains may have become shorter since it was saved."""
        if not self.server.usable:
            raise _Stopped(NO_SERVER)
        try:
            check_recipients(row.recipients, self.server.domains)
        except Invalid as wrong:
            raise _Stopped(NO_SERVER) from wrong

    async def _note(self, saved_id: int, due_at: datetime, result: str, told: str = "") -> datetime | None:
        """Keeps how it went; gives when it is sent next, None = not by itself."""
        now = clock.now()
        async with self.database.begin() as session:
            row = await session.get(SavedReport, saved_id)
            if row is None:
                return None
            row.result, row.told = result, told
            if result == "sent":
                row.sent_at = now
            regular = timing_of(row).after(max(now, due_at), self.rendering.site.zone)
            row.tries = row.tries + 1 if result == "failed" else 0
            if result not in ("sent", "failed"):
                row.paused = True
            if 0 < row.tries < MOST_TRIES:
                regular = min(regular, next_try(row.tries, now))
            elif row.tries:
                row.tries = 0
            row.next_at = None if row.paused else regular
            return row.next_at


def moving_query(row: SavedReport) -> list[tuple[str, str]]:
    """What is asked for this time: the saved filters, with the moving period in place of fixed days."""
    pairs = parse_qsl(row.query, max_num_fields=200)
    if row.period:
        pairs = [(name, value) for name, value in pairs if name not in ("from", "to", "period")]
        pairs.append(("period", row.period))
    return pairs


def saved_query(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(name, value) for name, value in pairs if name not in ("row", "of")])


async def _owner(session: AsyncSession, number: str) -> SignedInUser:
    user = await session.scalar(select(User).where(User.number == number))
    if user is None or user.disabled_at is not None:
        raise _Stopped(NOBODY)
    return SignedInUser(
        user_id=user.id, number=user.number, name=user.name, name_en=user.name_en, roles=read_roles(user.roles),
        language=user.language, theme=user.theme, session="", csrf="", expires_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip


def _letter(row: SavedReport, sheet: Sheet, look: ReportLook, link: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = one_line(f"{row.name} · {sheet.period}")
    letter["To"] = ", ".join(row.recipients)
    letter["Date"] = format_datetime(clock.now())
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(_text(sheet, look, link))
    return letter


def one_line(text: str) -> str:
    """A header has no line ends: whatever was typed."""
    return " ".join(text.split())


def _text(sheet: Sheet, look: ReportLook, link: str) -> str:
    figures = [
        f"{one.word}: {look.write(one.value, one.kind)}" + (f"  ({one.note})" if one.note.strip() else "")
        for one in sheet.figures
    ]
    foot = look.say(N_("Sent by {site} at the wish of {name}."), site=look.site, name=look.named.person(look.number))
    parts = [f"{sheet.word} · {sheet.period}", "\n".join(figures), link, foot]
    return "\n\n".join(part for part in parts if part) + "\n"
