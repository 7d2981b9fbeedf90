"""From a draft to what was sent: made, edited, sent or dropped, each by a person who is named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.bulletins.model import Bulletin, BulletinRules
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.jobs.actions import schedule
from crm_core.saved_reports.actions import check_recipients
from crm_core.workforce.fields import Unusable

KINDS = ("weekly", "flash")
MAIL_JOB = "bulletin_mail"
LONGEST_TITLE, LONGEST_TEXT, MOST_RECIPIENTS = 120, 40_000, 100
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class BulletinClosed(Refused):
    """It was sent or dropped and stays as it is."""

    def __init__(self) -> None:
        super().__init__("This bulletin was sent or dropped and is not changed any more. Make a new draft.")


class SavedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__("Somebody saved this draft meanwhile. Load the page again and compare.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new bulletin says; see Bulletin."""

    kind: str
    subject: str
    language: str
    first_day: date
    last_day: date
    title: str
    text: str
    figures: Mapping[str, Any]


async def bulletins(session: AsyncSession, kind: str = "", *, limit: int = 200) -> list[Bulletin]:
    """The newest first, dropped ones too."""
    statement = select(Bulletin).order_by(Bulletin.made_at.desc(), Bulletin.id.desc()).limit(limit)
    return list(await session.scalars(statement.where(Bulletin.kind == kind) if kind else statement))


async def bulletin(session: AsyncSession, bulletin_id: int) -> Bulletin:
    """Raises NotFound."""
    row = await session.get(Bulletin, bulletin_id)
    if row is None:
        raise NotFound("There is no such bulletin.")
    return row


async def known_draft(
    session: AsyncSession, kind: str, subject: str, first_day: date, language: str
) -> Bulletin | None:
    """The bulletin of this subject, day and language, sent or not; there is at most one."""
    found: Bulletin | None = await session.scalar(
        select(Bulletin).where(
            Bulletin.kind == kind,
            Bulletin.subject == subject,
            Bulletin.first_day == first_day,
            Bulletin.language == language,
        )
    )
    return found


async def make(session: AsyncSession, draft: Draft, *, actor: str, at: datetime) -> Bulletin:
    """The new draft, or the one that exists: a rule that still holds makes no second one that day."""
    known = await known_draft(session, draft.kind, draft.subject, draft.first_day, draft.language)
    if known is not None:
        return known
    row = Bulletin(
        kind=draft.kind, subject=storable(draft.subject, 80), language=draft.language, first_day=draft.first_day,
        last_day=draft.last_day, title=storable(draft.title, LONGEST_TITLE), text=storable(draft.text, LONGEST_TEXT),
        figures=dict(draft.figures), made_by=actor, made_at=at,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="bulletin_made", subject=f"bulletin/{row.id}", detail=row.title)
    return row


async def edit(
    session: AsyncSession, bulletin_id: int, *, title: str, text: str, revision: int, actor: str, at: datetime
) -> Bulletin:
    """Save a draft. Raises Unusable, SavedMeanwhile or BulletinClosed."""
    row = await _draft(session, bulletin_id, revision)
    wrong = []
    if not title.strip():
        wrong.append(Invalid("Enter a title.", field="title"))
    if not text.strip():
        wrong.append(Invalid("Write the text.", field="text"))
    if len(text) > LONGEST_TEXT:
        wrong.append(Invalid("The text is too long: at most {most} signs.", most=LONGEST_TEXT, field="text"))
    if wrong:
        raise Unusable(wrong)
    row.title, row.text = storable(title.strip(), LONGEST_TITLE), storable(text.replace("\r\n", "\n"), LONGEST_TEXT)
    row.revision += 1
    row.changed_by, row.changed_at = actor, at
    await audit(session, at=at, actor=actor, action="bulletin_saved", subject=f"bulletin/{row.id}", detail=row.title)
    return row


async def write_again(
    session: AsyncSession, bulletin_id: int, draft: Draft, *, revision: int, actor: str, at: datetime
) -> Bulletin:
    """The draft from the figures of now: what was edited in it is lost, which the person was asked."""
    row = await _draft(session, bulletin_id, revision)
    row.title, row.text, row.figures = draft.title, draft.text, dict(draft.figures)
    row.revision += 1
    row.changed_by, row.changed_at = actor, at
    await audit(session, at=at, actor=actor, action="bulletin_saved", subject=f"bulletin/{row.id}", detail=row.title)
    return row


async def drop(session: AsyncSession, bulletin_id: int, *, actor: str, at: datetime, back: bool = False) -> Bulletin:
    """Nothing is sent of it; `back` makes it a draft again."""
    row = await bulletin(session, bulletin_id)
    if row.status == "sent" or (row.status == "dropped") is not back:
        raise BulletinClosed
    row.status = "draft" if back else "dropped"
    action = "bulletin_restored" if back else "bulletin_dropped"
    await audit(session, at=at, actor=actor, action=action, subject=f"bulletin/{row.id}", detail=row.title)
    return row


async def send(
    session: AsyncSession,
    bulletin_id: int,
    *,
    recipients: Sequence[str],
    domains: Collection[str],
    revision: int,
    actor: str,
    at: datetime,
) -> Bulletin:
    """Close it, and have it mailed to these addresses, if any: the job stands in the same transaction.

    Raises Invalid for an address outside `domains`, which are those that mail may go to; none = no mail goes out.
    """
    row = await _draft(session, bulletin_id, revision)
    if recipients and not domains:
        raise Invalid(
            "No mail server is set up. The operator sets HOTLINE_SMTP_HOST and HOTLINE_MAIL_DOMAINS.",
            field="recipients",
        )
    if recipients:
        check_recipients(recipients, domains)
        await schedule(session, MAIL_JOB, str(row.id), at)
        row.mailed = "waiting"
    row.status, row.sent_by, row.sent_at, row.recipients = "sent", actor, at, list(recipients)
    row.revision += 1
    detail = ", ".join(recipients)
    await audit(session, at=at, actor=actor, action="bulletin_sent", subject=f"bulletin/{row.id}", detail=detail)
    return row


async def _draft(session: AsyncSession, bulletin_id: int, revision: int) -> Bulletin:
    row = await bulletin(session, bulletin_id)
    if row.status != "draft":
        raise BulletinClosed
    if row.revision != revision:
        raise SavedMeanwhile
    return row


def read_addresses(typed: str) -> list[str]:
    """One or several e-mail addresses, by comma, semicolon or line. Raises Invalid for one that is none."""
    found = list(dict.fromkeys(one for one in re.split(r"[\s,;，；]+", typed) if one))
    for one in found:
        if not _ADDRESS.fullmatch(one):
            raise Invalid("{address} is no e-mail address.", address=one[:80], field="recipients")
    if len(found) > MOST_RECIPIENTS:
        raise Invalid("At most {most} addresses.", most=MOST_RECIPIENTS, field="recipients")
    return found


async def rules_body(session: AsyncSession) -> dict[str, Any]:
    """The rules as stored; {} = as shipped."""
    row = await session.get(BulletinRules, 1)
    return dict(row.body) if row else {}


async def save_rules(session: AsyncSession, body: Mapping[str, Any], *, actor: str, at: datetime) -> None:
    """Of flashes and of who gets what. The values are checked by who reads the form."""
    row = await session.get(BulletinRules, 1) or BulletinRules(id=1)
    row.body, row.at, row.by = dict(body), at, actor
    session.add(row)
    await audit(session, at=at, actor=actor, action="bulletin_rules_saved", subject="bulletin/rules", detail=str(body))
