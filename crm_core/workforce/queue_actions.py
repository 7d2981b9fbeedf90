"""Saving, opening and removing queues. Afterwards tell telephony: `Telephony.workforce_changed`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid, NotFound, Refused
from crm_core.figures.thresholds import note_thresholds
from crm_core.workforce import checks, queries, versions
from crm_core.workforce.fields import Unusable, text_of
from crm_core.workforce.model import QueueRow, WorkforceVersion
from crm_core.workforce.versions import State

_LEAVING = select(QueueRow.id).where(QueueRow.leaving_at.is_not(None), QueueRow.removed_at.is_(None)).limit(1)
FIELDS = (
    "name_zh",
    "name_en",
    "skill",
    "position",
    "strategy",
    "levels",
    "priority",
    "ageing_seconds",
    "ring_seconds",
    "wrap_up_seconds",
    "sticky_seconds",
    "affinity_seconds",
    "overflow",
    "most_waiting",
    "when_full",
    "longest_wait_seconds",
    "when_too_long",
    "first_announcement_seconds",
    "announce_every_seconds",
    "callback_offered",
    "message_offered",
    "service_seconds",
    "service_target_percent",
    "short_abandon_seconds",
    "is_open_for_calls",
)


class QueueNotEmpty(Refused):
    """`waiting` callers would lose their place."""

    def __init__(self, queue: str, waiting: int) -> None:
        super().__init__(
            "{waiting} callers wait in {queue}. Let it run empty, or move them first.", queue=queue, waiting=waiting
        )
        self.waiting = waiting


def queue_state(row: QueueRow) -> State:
    """What one version of a queue holds."""
    return {name: getattr(row, name) for name in FIELDS} | {"leaving": row.leaving_at is not None}


def new_queue_state() -> State:
    """The settings of a queue before anybody has chosen any."""
    defaults = QueueRow.__table__.columns
    state: State = {}
    for name in FIELDS:
        default = getattr(defaults[name].default, "arg", "")
        state[name] = [] if callable(default) else default
    return {**state, "service_seconds": 20, "leaving": False}


async def save_queue(
    session: AsyncSession, queue: str, state: State, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Create or replace a queue; a removed one of this id comes back. None = nothing was changed.

    Raises Unusable with a sentence per field, SavedMeanwhile, or Refused where another queue would lose its way out.
    A queue that takes no calls needs no way out of its own.
    """
    rows = {row.id: row for row in await queries.queues(session, removed=True)}
    row = rows.get(queue)
    states = {one.id: queue_state(one) for one in rows.values() if one.removed_at is None}
    before = states.get(queue)
    wanted = {**new_queue_state(), **(before or {}), **{k: v for k, v in state.items() if k in (*FIELDS, "leaving")}}
    wanted |= {"name_zh": text_of(wanted["name_zh"], 40), "name_en": text_of(wanted["name_en"], 60)}
    await versions.require_unchanged(session, "queue", queue, base)
    levels = await levels_of_skills(session)
    _require_sound(queue, wanted, states, levels)
    if row is not None:
        await note_thresholds(session, queue, before=queue_state(row), after=wanted, actor=actor, at=at)
    if row is None:
        row = QueueRow(id=queue)
        session.add(row)
    for name in FIELDS:
        setattr(row, name, wanted[name])
    row.removed_at = None
    row.leaving_at = (row.leaving_at or at) if wanted["leaving"] else None
    await session.flush()
    return await versions.record(session, "queue", queue, before=before, after=wanted, actor=actor, at=at, base=base)


async def set_open_for_calls(
    session: AsyncSession, queue: str, *, is_open: bool, actor: str, at: datetime
) -> WorkforceVersion | None:
    """The intake switch: callers who wait stay, new ones are told it is closed."""
    row = await _living(session, queue)
    state = {**queue_state(row), "is_open_for_calls": is_open}
    return await save_queue(session, queue, state, base=None, actor=actor, at=at)


async def remove_queue(
    session: AsyncSession,
    queue: str,
    *,
    waiting: int,
    menu_queues: frozenset[str],
    run_empty: bool,
    base: int | None,
    actor: str,
    at: datetime,
) -> WorkforceVersion | None:
    """Remove a queue, or with `run_empty` once the last of its `waiting` callers is served.

    Raises QueueNotEmpty, or Refused where a menu or another queue sends callers here.
    """
    row = await _living(session, queue)
    others = [one for one in await queries.queues(session) if one.id != queue]
    if queue in menu_queues:
        raise Refused("The menu sends callers to {queue}: change the menu first.", queue=row.name_zh)
    for other in others:
        if any(move["to"] == queue for move in other.overflow):
            raise Refused("{other} overflows to {queue}: change that first.", other=other.name_zh, queue=row.name_zh)
    if waiting and not run_empty:
        raise QueueNotEmpty(row.name_zh, waiting)
    before = queue_state(row)
    await versions.require_unchanged(session, "queue", queue, base)
    if waiting:
        row.leaving_at = row.leaving_at or at
        after: State | None = queue_state(row)
    else:
        row.removed_at, after = at, None
    await session.flush()
    return await versions.record(session, "queue", queue, before=before, after=after, actor=actor, at=at, base=base)


async def remove_empty_queues(session: AsyncSession, waiting: Mapping[str, int], *, at: datetime) -> list[str]:
    """Remove the leaving queues in which nobody waits any more; gives their ids."""
    if await session.scalar(_LEAVING) is None:
        return []
    gone = [row for row in await queries.queues(session) if row.leaving_at is not None and not waiting.get(row.id)]
    for row in gone:
        before = queue_state(row)
        row.removed_at = at
        await session.flush()
        await versions.record(session, "queue", row.id, before=before, after=None, actor="system", at=at)
    return [row.id for row in gone]


async def levels_of_skills(session: AsyncSession) -> dict[str, list[int]]:
    """Skill to the levels of the enabled agents who have it."""
    found: dict[str, list[int]] = {}
    for agent in await queries.agents(session):
        for skill, level in agent.skills.items():
            found.setdefault(skill, []).append(level)
    return found


def _require_sound(queue: str, wanted: State, others: Mapping[str, State], levels: Mapping[str, Sequence[int]]) -> None:
    problems: list[Invalid] = (
        [] if checks.WORD.fullmatch(queue) else [Invalid("An id is a lower-case word.", field="id")]
    )
    problems += checks.own_problems(wanted)
    then = {**others, queue: wanted}
    problems += checks.overflow_problems(queue, then)
    if problems:
        raise Unusable(problems)
    stuck = checks.without_way_out(then, levels)
    if queue in stuck and wanted["is_open_for_calls"] and not wanted["leaving"]:
        raise Unusable([_no_way_out(wanted, levels)])
    for other in sorted(stuck - checks.without_way_out(others, levels) - {queue}):
        raise Refused("{queue} would have no way out: its callers overflow here.", queue=then[other]["name_zh"])


def _no_way_out(wanted: Mapping[str, Any], levels: Mapping[str, Sequence[int]]) -> Invalid:
    has = levels.get(wanted["skill"], ())
    if not has:
        return Invalid(
            "No agent has the skill {skill}, so callers would wait for ever. Give it to somebody, let callers "
            "overflow, or end the wait with a message.",
            skill=wanted["skill"],
            field="skill",
        )
    return Invalid(
        "The best agent has level {best}, so callers would wait for ever. Let the last step go down to it, let "
        "callers overflow, or end the wait with a message.",
        best=max(has),
        field="levels",
    )


async def _living(session: AsyncSession, queue: str) -> QueueRow:
    row = await session.get(QueueRow, queue)
    if row is None or row.removed_at is not None:
        raise NotFound("There is no queue {queue}.", queue=queue)
    return row
