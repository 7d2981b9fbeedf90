"""Kinds of shift: those that come with the product, and how a person changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.shifts.model import ShiftKind
from crm_core.shifts.times import DAY, LONGEST, ordered
from crm_core.workforce.fields import Unusable, text_of
from crm_core.workforce.spans import SpansWrong, read_spans

MOST_KINDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Minutes of the site's day; see crm_core.shifts.model.ShiftKind."""

    id: str
    name_zh: str
    name_en: str
    begins: int
    ends: int
    breaks: tuple[tuple[int, int], ...] = ()
    retired: bool = False

    def name(self, language: str) -> str:
        return self.name_en or self.name_zh if language == "en" else self.name_zh


FIRST_KINDS = (
    Kind(id="early", name_zh="早班", name_en="Early", begins=480, ends=990,
         breaks=((600, 610), (710, 740), (860, 870))),
    Kind(id="middle", name_zh="中班", name_en="Middle", begins=570, ends=1080,
         breaks=((690, 700), (780, 810), (940, 950))),
    Kind(id="late", name_zh="晚班", name_en="Late", begins=750, ends=1260,
         breaks=((870, 880), (1010, 1040), (1160, 1170))),
)  # fmt: skip
"""What holds until somebody saves other kinds."""


async def kinds(session: AsyncSession, *, retired: bool = False) -> list[Kind]:
    """In the order in which people list them; with `retired`, also those that only older plans name."""
    rows = list(await session.scalars(select(ShiftKind).order_by(ShiftKind.position, ShiftKind.begins, ShiftKind.id)))
    found = [_kind(row) for row in rows] or list(FIRST_KINDS)
    return [one for one in found if retired or not one.retired]


async def save_kind(session: AsyncSession, kind_id: str, typed: Mapping[str, Any], *, actor: str, at: datetime) -> Kind:
    """Make or change a kind; "" = a new one. Plans that have it keep their times. Raises Unusable, NotFound."""
    await _settle_first(session)
    state = read_kind(typed)
    rows = list(await session.scalars(select(ShiftKind)))
    if kind_id:
        row = next((one for one in rows if one.id == kind_id), None)
        if row is None:
            raise NotFound("There is no such kind of shift.")
    else:
        if len(rows) >= MOST_KINDS:
            raise Refused("There are {most} kinds of shift already. Change one instead.", most=MOST_KINDS)
        number = 1 + max((int(one.id[1:]) for one in rows if one.id[1:].isdigit()), default=0)
        row = ShiftKind(id=f"k{number}", position=len(rows) + 1)
        session.add(row)
    for name, value in state.items():
        setattr(row, name, value)
    await session.flush()
    await audit(session, at=at, actor=actor, action="shift_kind_saved", subject=row.id, detail=noting(**state))
    return _kind(row)


async def retire_kind(session: AsyncSession, kind_id: str, *, actor: str, at: datetime, back: bool = False) -> None:
    """Nobody can be given it any more, or again. Raises NotFound, and Refused for the last one."""
    await _settle_first(session)
    rows = list(await session.scalars(select(ShiftKind)))
    row = next((one for one in rows if one.id == kind_id), None)
    if row is None:
        raise NotFound("There is no such kind of shift.")
    if not back and sum(not one.retired for one in rows) == 1:
        raise Refused("This is the last kind of shift. Make another one first.")
    row.retired = not back
    action = "shift_kind_restored" if back else "shift_kind_retired"
    await audit(session, at=at, actor=actor, action=action, subject=kind_id)


def read_kind(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed: `hours` "08:00-16:30" (past midnight "22:00-06:00"), `pauses` "10:00-10:10, 11:50-12:20".

    Raises Unusable: no name, no hours, longer than sixteen hours, a break outside or over another one.
    """
    problems: list[Invalid] = []
    state: dict[str, Any] = {"name_zh": text_of(typed.get("name_zh"), 20), "name_en": text_of(typed.get("name_en"), 30)}
    if not state["name_zh"]:
        problems.append(Invalid("Enter the Chinese name.", field="name_zh"))
    if not state["name_en"]:
        problems.append(Invalid("Enter the English name.", field="name_en"))
    begins, ends = _hours(str(typed.get("hours") or ""), problems)
    pauses = _pauses(str(typed.get("pauses") or ""), begins, ends, problems)
    if problems:
        raise Unusable(problems)
    return state | {"begins": begins, "ends": ends, "breaks": [list(one) for one in pauses]}


def _hours(text: str, problems: list[Invalid]) -> tuple[int, int]:
    spans = _spans(text)
    if len(spans) != 1:
        problems.append(Invalid("Write the hours as 08:00-16:30.", field="hours"))
        return 0, DAY
    begins, ends = spans[0]
    if ends - begins > LONGEST:
        problems.append(Invalid("A shift is at most {hours} hours long.", hours=LONGEST // 60, field="hours"))
    return begins, ends


def _pauses(text: str, begins: int, ends: int, problems: list[Invalid]) -> tuple[tuple[int, int], ...]:
    if not text.strip():
        return ()
    spans = _spans(text)
    if not spans:
        problems.append(Invalid("Write breaks as 10:00-10:10, 11:50-12:20.", field="pauses"))
        return ()
    later = [(one + DAY, other + DAY) if one < begins else (one, other) for one, other in spans]
    found = ordered(later)
    edges = [begins, *(minute for span in found for minute in span), ends]
    if edges != sorted(edges):
        problems.append(Invalid("Breaks must lie inside the shift and apart from each other.", field="pauses"))
    return found


def _spans(text: str) -> list[tuple[int, int]]:
    """Spans of the day; one that ends before it begins runs over midnight. [] = cannot be read."""
    found: list[tuple[int, int]] = []
    for part in text.replace("，", ",").replace("、", ",").replace("；", ",").split(","):
        try:
            found += [(begins, ends) for begins, ends in read_spans(part.strip())]
        except SpansWrong:
            first, _, second = part.strip().replace("–", "-").partition("-")
            try:
                late, early = read_spans(f"{first}-24:00"), read_spans(f"00:00-{second}")
            except SpansWrong:
                return []
            if not late or not early or early[0][1] > late[0][0]:
                return []
            found.append((late[0][0], early[0][1] + DAY))
    return found


async def _settle_first(session: AsyncSession) -> None:
    """Whoever changes a kind for the first time finds the shipped ones beside it."""
    if await session.scalar(select(ShiftKind.id).limit(1)) is not None:
        return
    for place, one in enumerate(FIRST_KINDS, start=1):
        session.add(
            ShiftKind(
                id=one.id, name_zh=one.name_zh, name_en=one.name_en, begins=one.begins, ends=one.ends,
                breaks=[list(span) for span in one.breaks], position=place,
            )
        )  # fmt: skip
    await session.flush()


def _kind(row: ShiftKind) -> Kind:
    return Kind(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        begins=row.begins,
        ends=row.ends,
        breaks=ordered(row.breaks),
        retired=row.retired,
    )


def by_id(known: Sequence[Kind]) -> dict[str, Kind]:
    return {one.id: one for one in known}
