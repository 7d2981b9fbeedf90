"""Entering, changing and removing what was done in the media; a removal can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.errors import Invalid, NotFound
from crm_core.media.model import MediaAction
from crm_core.workforce.fields import Unusable, text_of

MEDIA = ("tv", "radio", "print", "outdoor", "online", "event", "mail")
LONGEST_DAYS = 366
MOST_YUAN = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a form says, before it is checked. None = no day was given."""

    name: str
    medium: str
    regions: Sequence[str]
    first_day: date | None
    last_day: date | None
    cost_yuan: int
    note: str = ""


async def media_actions(
    session: AsyncSession, first: date | None = None, last: date | None = None, *, removed: bool = False
) -> list[MediaAction]:
    """Those that ran on any of the days from `first` to `last`, the newest first; without days all of them."""
    statement = select(MediaAction).order_by(MediaAction.first_day.desc(), MediaAction.id.desc())
    if first is not None:
        statement = statement.where(MediaAction.last_day >= first)
    if last is not None:
        statement = statement.where(MediaAction.first_day <= last)
    if not removed:
        statement = statement.where(MediaAction.removed_at.is_(None))
    return list(await session.scalars(statement))


async def save_media_action(
    session: AsyncSession,
    action_id: int,
    wanted: Wanted,
    *,
    known_regions: Sequence[str],
    actor: str,
    at: datetime,
) -> MediaAction:
    """Create (`action_id` 0) or change one. Raises Unusable with a sentence for each field, or NotFound."""
    first, last = wanted.first_day, wanted.last_day
    wrong = _problems(wanted, known_regions)
    if wrong or first is None or last is None:
        raise Unusable(wrong)
    row = await _of(session, action_id) if action_id else MediaAction()
    row.name, row.medium, row.note = text_of(wanted.name, 60), wanted.medium, text_of(wanted.note, 200)
    row.regions = sorted(set(wanted.regions))
    row.first_day, row.last_day, row.cost_yuan = first, last, wanted.cost_yuan
    row.by, row.at = actor, at
    session.add(row)
    await session.flush()
    detail = f"{row.name} {first}–{last}"
    await audit(session, at=at, actor=actor, action="media_action_saved", subject=f"media/{row.id}", detail=detail)
    return row


async def remove_media_action(session: AsyncSession, action_id: int, *, back: bool, actor: str, at: datetime) -> None:
    """Out of every report, or `back` again. Raises NotFound."""
    row = await _of(session, action_id)
    row.removed_at = None if back else at
    word = "media_action_restored" if back else "media_action_removed"
    await audit(session, at=at, actor=actor, action=word, subject=f"media/{row.id}", detail=row.name)


async def _of(session: AsyncSession, action_id: int) -> MediaAction:
    row = await session.get(MediaAction, action_id)
    if row is None:
        raise NotFound("There is no such media action.")
    return row


def _problems(wanted: Wanted, known_regions: Sequence[str]) -> list[Invalid]:
    wrong = []
    if not text_of(wanted.name, 60):
        wrong.append(Invalid("Enter a name.", field="name"))
    if wanted.medium not in MEDIA:
        wrong.append(Invalid("Choose from the list.", field="medium"))
    if any(region not in known_regions for region in wanted.regions):
        wrong.append(Invalid("Choose from the list.", field="regions"))
    if wanted.first_day is None or wanted.last_day is None:
        wrong.append(Invalid("Enter the first and the last day.", field="first_day"))
    elif wanted.last_day < wanted.first_day:
        wrong.append(Invalid("The last day is before the first.", field="last_day"))
    elif (wanted.last_day - wanted.first_day).days >= LONGEST_DAYS:
        wrong.append(Invalid("An action runs for a year at most.", field="last_day"))
    if not 0 <= wanted.cost_yuan <= MOST_YUAN:
        wrong.append(Invalid("Enter the cost in whole yuan.", field="cost_yuan"))
    return wrong
