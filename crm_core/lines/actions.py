"""Saving and removing trunks. Afterwards tell telephony: `Telephony.lines_changed`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.errors import Invalid, Refused
from crm_core.lines import queries
from crm_core.lines.model import Trunk
from crm_core.lines.sealing import Safe
from crm_core.lines.trunk_checks import FIELDS, FIRST, ID, is_address, problems
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable, text_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.versions import State

TRUNK = "trunk"
SETTINGS_TRUNK = "settings"
"""The id of the line that the environment names: it has no row."""


class StillArrivesHere(Refused):
    def __init__(self, number: str) -> None:
        super().__init__("{number} arrives by this trunk only. Choose another one for it first.", number=number)


def trunk_state(row: Trunk) -> State:
    """What one version holds: everything but the secret."""
    return {name: getattr(row, name) for name in FIELDS}


async def save_trunk(
    session: AsyncSession,
    trunk_id: str,
    state: Mapping[str, Any],
    *,
    base: int | None,
    actor: str,
    at: datetime,
    secret: str | None = None,
    safe: Safe | None = None,
    taken: Iterable[str] = (),
) -> WorkforceVersion | None:
    """Create or replace it. None = nothing but perhaps the secret was changed.

    `secret` None = it stays; a new one needs the `safe`. `taken` are addresses of other telephones and lines of the
    settings. Raises Unusable with a sentence per field, or SavedMeanwhile.
    """
    rows = {row.id: row for row in await queries.trunks(session)}
    row = rows.get(trunk_id)
    before = trunk_state(row) if row is not None else None
    wanted = _wanted({**FIRST, **(before or {}), **{key: value for key, value in state.items() if key in FIELDS}})
    others = [*taken, *(source for other in rows.values() if other.id != trunk_id for source in other.sources)]
    wrong = problems(wanted, taken=others, secret=secret, has_secret=row is not None and bool(row.sealed))
    if not ID.fullmatch(trunk_id) or trunk_id == SETTINGS_TRUNK:
        wrong.append(Invalid("Choose a word of small letters and digits.", field="id"))
    if wrong:
        raise Unusable(wrong)
    await versions.require_unchanged(session, TRUNK, trunk_id, base)
    if row is None:
        row = Trunk(id=trunk_id)
        session.add(row)
    for name in FIELDS:
        setattr(row, name, wanted[name])
    if secret is not None and safe is not None:
        row.sealed = safe.seal(trunk_id, secret)
    await session.flush()
    if secret is not None:
        await audit(session, at=at, actor=actor, action="trunk_secret_set", subject=trunk_id)
    return await versions.record(session, TRUNK, trunk_id, before=before, after=wanted, actor=actor, at=at, base=base)


def _wanted(state: State) -> State:
    """As it is stored; a carrier that is known by its address calls from there."""
    state = {**state, "name": text_of(state["name"], 60), "host": text_of(state["host"], 253).lower()}
    state["username"] = text_of(state["username"], 64)
    if not state["sources"] and is_address(state["host"]):
        state["sources"] = [state["host"]]
    return state


async def remove_trunk(
    session: AsyncSession, trunk_id: str, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """NotFound; StillArrivesHere for a number that would arrive nowhere. The secret goes with it."""
    row = await queries.trunk(session, trunk_id)
    for number in await queries.numbers(session):
        if number.trunks == [trunk_id]:
            raise StillArrivesHere(number.number)
    before = trunk_state(row)
    await session.delete(row)
    await session.flush()
    return await versions.record(session, TRUNK, trunk_id, before=before, after=None, actor=actor, at=at, base=base)
