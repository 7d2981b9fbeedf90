"""Leave and swaps: an agent asks, of a swap the colleague agrees, a leader decides. All of it is on the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.notices.actions import notify
from crm_core.shifts.model import PlannedShift, ShiftWish
from crm_core.shifts.queries import OFF_DUTY, SWAP, shifts
from crm_core.workforce.fields import text_of

LONGEST_LEAVE = timedelta(days=120)
AHEAD = timedelta(days=400)


class NoSuchWish(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such request.")


class AlreadyDecided(Refused):
    def __init__(self) -> None:
        super().__init__("This request was answered meanwhile.")


async def ask_leave(
    session: AsyncSession, agent: str, kind: str, days: tuple[date, date], note: object, *, today: date, at: datetime
) -> ShiftWish:
    """Ask for leave, tell of an illness or a training, from the first to the last day. Illness may begin in the past.

    Raises Invalid for an end before the beginning, days that are over, more than `LONGEST_LEAVE`, an overlap.
    """
    first, last = days
    if kind not in OFF_DUTY:
        raise Invalid("Choose leave, illness or training.", field="kind")
    if last < first:
        raise Invalid("The last day is before the first.", field="last")
    earliest = today - timedelta(days=7) if kind == "illness" else today
    if first < earliest or last > today + AHEAD:
        raise Invalid("Choose days from today on.", field="first")
    if last - first > LONGEST_LEAVE:
        raise Invalid("Ask for at most {days} days at once.", days=LONGEST_LEAVE.days, field="last")
    same = select(ShiftWish.id).where(
        ShiftWish.agent == agent, ShiftWish.kind.in_(OFF_DUTY), ShiftWish.state.in_(("asked", "approved")),
        ShiftWish.first_day <= last, ShiftWish.last_day >= first,
    )  # fmt: skip
    if await session.scalar(same.limit(1)) is not None:
        raise Refused("You have asked for some of these days already.")
    wish = ShiftWish(agent=agent, kind=kind, first_day=first, last_day=last, note=text_of(note, 200), asked_at=at)
    session.add(wish)
    await session.flush()
    await _noted(session, "wish_asked", wish, actor=agent, at=at)
    return wish


async def ask_swap(
    session: AsyncSession, agent: str, other: str, days: tuple[date, date], note: object, *, today: date, at: datetime
) -> ShiftWish:
    """Offer `other` the own published shift of the first day for theirs of the second. Raises Invalid, Refused."""
    mine, theirs = days
    if min(days) < today:
        raise Invalid("Choose days from today on.", field="first")
    if other == agent:
        raise Invalid("Choose a colleague.", field="other")
    own = await shifts(session, mine, mine, published=True, agents=(agent,))
    others = await shifts(session, theirs, theirs, published=True, agents=(other,))
    if not own:
        raise Invalid("You have no published shift on this day.", field="first")
    if not others:
        raise Invalid("Your colleague has no published shift on this day.", field="last")
    if mine != theirs and (
        await shifts(session, theirs, theirs, published=True, agents=(agent,))
        or await shifts(session, mine, mine, published=True, agents=(other,))
    ):
        raise Refused("One of you would have two shifts on a day.")
    wish = ShiftWish(
        agent=agent, kind=SWAP, first_day=mine, last_day=theirs, other=other, note=text_of(note, 200), asked_at=at
    )
    session.add(wish)
    await session.flush()
    notify(session, [other], "shifts", f"wish-{wish.id}", "swap", at=at)
    await _noted(session, "wish_asked", wish, actor=agent, at=at)
    return wish


async def agree(session: AsyncSession, wish_id: int, *, actor: str, at: datetime, yes: bool) -> ShiftWish:
    """The colleague's answer to a swap. NoSuchWish for anybody else; AlreadyDecided."""
    wish = await session.get(ShiftWish, wish_id)
    if wish is None or wish.other != actor:
        raise NoSuchWish
    if wish.state != "asked":
        raise AlreadyDecided
    wish.state, wish.agreed_at = ("agreed" if yes else "refused"), at
    if not yes:
        wish.decided_at, wish.decided_by = at, actor
    notify(session, [wish.agent], "shifts", f"wish-{wish.id}", wish.state, at=at)
    action = "wish_accepted" if yes else "wish_declined"
    await _noted(session, action, wish, actor=actor, at=at)
    return wish


async def withdraw(session: AsyncSession, wish_id: int, *, actor: str, today: date, at: datetime) -> ShiftWish:
    """Whoever asked takes it back: also leave that was approved, as long as it has not begun."""
    wish = await session.get(ShiftWish, wish_id)
    if wish is None or wish.agent != actor:
        raise NoSuchWish
    approved_leave = wish.state == "approved" and wish.kind != SWAP and wish.first_day > today
    if wish.state not in ("asked", "agreed") and not approved_leave:
        raise AlreadyDecided
    wish.state = "withdrawn"
    await _noted(session, "wish_withdrawn", wish, actor=actor, at=at)
    return wish


async def decide(
    session: AsyncSession, wish_id: int, *, yes: bool, answer: object, led: Collection[str], actor: str, at: datetime
) -> ShiftWish:
    """Approve or refuse. An approved swap changes the published plan and the draft at once.

    Raises NoSuchWish for an agent whom this person does not plan, AlreadyDecided, Refused when a shift is gone.
    """
    wish = await session.get(ShiftWish, wish_id)
    if wish is None or wish.agent not in led:
        raise NoSuchWish
    if wish.state != ("agreed" if wish.kind == SWAP else "asked"):
        raise AlreadyDecided
    if yes and wish.kind == SWAP:
        await _swap(session, wish)
    wish.state, wish.answer = ("approved" if yes else "refused"), text_of(answer, 200)
    wish.decided_at, wish.decided_by = at, actor
    notify(session, [wish.agent, wish.other], "shifts", f"wish-{wish.id}", wish.state, at=at)
    action = "wish_approved" if yes else "wish_refused"
    await _noted(session, action, wish, actor=actor, at=at)
    return wish


async def _swap(session: AsyncSession, wish: ShiftWish) -> None:
    """Each gets the other's shift, in the published plan and, where the draft still says the same, in the draft."""
    for published in (True, False):
        mine = await _row(session, wish.agent, wish.first_day, published=published)
        theirs = await _row(session, wish.other, wish.last_day, published=published)
        if mine is None or theirs is None:
            if published:
                raise Refused("One of the two shifts is no longer in the plan. Refuse the swap.")
            continue
        if wish.first_day == wish.last_day:  # both keep their row: an agent has one a day
            first, second = _state(mine), _state(theirs)
            _set(mine, second)
            _set(theirs, first)
        else:
            mine.agent, theirs.agent = wish.other, wish.agent
        await session.flush()


async def _row(session: AsyncSession, agent: str, day: date, *, published: bool) -> PlannedShift | None:
    found: PlannedShift | None = await session.scalar(
        select(PlannedShift).where(
            PlannedShift.agent == agent, PlannedShift.day == day, PlannedShift.published.is_(published)
        )
    )
    return found


def _state(row: PlannedShift) -> Mapping[str, Any]:
    return {"kind": row.kind, "begins": row.begins, "ends": row.ends, "breaks": row.breaks}


def _set(row: PlannedShift, state: Mapping[str, Any]) -> None:
    for name, value in state.items():
        setattr(row, name, value)


async def _noted(session: AsyncSession, action: str, wish: ShiftWish, *, actor: str, at: datetime) -> None:
    detail = noting(
        agent=wish.agent, kind=wish.kind, first_day=wish.first_day.isoformat(), last_day=wish.last_day.isoformat(),
        other=wish.other, note=wish.note, answer=wish.answer,
    )  # fmt: skip
    await audit(session, at=at, actor=actor, action=action, subject=str(wish.id), detail=detail)
