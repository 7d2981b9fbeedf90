"""Saving, publishing and going back. New calls take what is published; calls that are in a menu keep theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused, Sentence
from crm_core.flows.model import FlowRow, FlowTest, FlowVersion
from crm_core.flows.queries import draft_of, stored_tests, version_of
from crm_core.workforce.versions import SavedMeanwhile

LONGEST = 256 * 1024  # characters of a flow's text
MOST_TESTS = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,38}")


FAILING = "The test case {name} goes another way."
OTHER_FLOW = "The text is of the flow {found}, not of {flow}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What came of looking at a text: its faults, and the names of the test cases that fail."""

    errors: tuple[Sentence, ...] = ()
    warnings: tuple[Sentence, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.errors and not self.failing


Examine = Callable[[str, str, Sequence[tuple[str, Mapping[str, Any]]]], Examination]
"""(flow, text, test cases as (name, case)) -> what is wrong. `ivr.examination` makes it."""


class FlowNotReady(Refused):
    """`details` are all sentences about what keeps the flow from being published, for who wants more than the sum."""

    def __init__(self, flow: str, examination: Examination) -> None:
        super().__init__(
            "The flow {flow} cannot be published: {errors} errors, {failing} failing test cases.",
            flow=flow,
            errors=len(examination.errors),
            failing=len(examination.failing),
        )
        self.examination = examination
        cases = (Sentence(FAILING, {"name": name}) for name in examination.failing)
        self.details = (*examination.errors, *cases)


async def save_draft(
    session: AsyncSession, flow: str, text: str, *, base: int | None, note: str = "", actor: str, at: datetime
) -> FlowVersion:
    """Keep a text that may still be wrong; a first save makes the flow. `base` is the draft's revision, 0 = no draft.

    Raises SavedMeanwhile, or Invalid for a name or length that cannot be kept; `base` None = whatever is there.
    """
    if not _NAME.fullmatch(flow):
        raise Invalid("A flow's name has lower-case letters, digits, - and _, at most 39.", field="flow")
    if len(text) > LONGEST:
        raise Invalid("A flow's text has at most {limit} KB.", limit=LONGEST // 1024, field="text")
    await _lock(session, flow, make=True)
    draft = await draft_of(session, flow)
    if base is not None and base != (draft.revision if draft else 0):
        raise SavedMeanwhile(draft.author if draft else "?")
    if draft is None:
        latest = await session.scalar(select(func.max(FlowVersion.number)).where(FlowVersion.flow == flow)) or 0
        draft = FlowVersion(flow=flow, number=latest + 1, revision=0, state="draft")
        session.add(draft)
    draft.text, draft.note = storable(text, LONGEST), storable(note, 200)
    draft.author, draft.saved_at, draft.revision = storable(actor, 16), at, draft.revision + 1
    await session.flush()
    await audit(session, at=at, actor=actor, action="flow_saved", subject=f"flow/{flow}", detail=f"#{draft.number}")
    return draft


async def publish(
    session: AsyncSession, flow: str, *, examine: Examine, base: int | None = None, actor: str, at: datetime
) -> FlowVersion:
    """The draft is in force for new calls from now on. Raises FlowNotReady, SavedMeanwhile, or NotFound."""
    await _lock(session, flow)
    draft = await draft_of(session, flow)
    if draft is None:
        raise NotFound("The flow {flow} has no draft.", flow=flow)
    if base is not None and base != draft.revision:
        raise SavedMeanwhile(draft.author)
    await _put_in_force(session, draft, examine=examine, actor=actor, at=at, action="flow_published")
    return draft


async def publish_again(
    session: AsyncSession, flow: str, number: int, *, examine: Examine, actor: str, at: datetime
) -> FlowVersion:
    """Back to a version that was in force before, if it is still good: queues may have gone. Raises as `publish`."""
    row = await _lock(session, flow)
    version = await version_of(session, flow, number)
    if version.state == "draft":
        raise Refused("Version {number} was never in force: publish it.", number=number)
    if row.published == number:
        raise Refused("Version {number} is in force already.", number=number)
    await _put_in_force(session, version, examine=examine, actor=actor, at=at, action="flow_published_again")
    return version


async def drop_draft(session: AsyncSession, flow: str, *, actor: str, at: datetime) -> None:
    """What is in force stays. Raises NotFound without a draft."""
    await _lock(session, flow)
    draft = await draft_of(session, flow)
    if draft is None:
        raise NotFound("The flow {flow} has no draft.", flow=flow)
    await session.delete(draft)
    await session.flush()
    await audit(session, at=at, actor=actor, action="flow_dropped", subject=f"flow/{flow}", detail=f"#{draft.number}")


async def save_test(
    session: AsyncSession, flow: str, name: str, case: Mapping[str, Any], *, actor: str, at: datetime
) -> FlowTest:
    """Create or replace a test case. What stands in it checks `ivr.trial.read_trial`, before it comes here."""
    await _lock(session, flow)
    name = storable(name.strip(), 60)
    tests = await stored_tests(session, flow)
    found = next((test for test in tests if test.name == name), None)
    if not name or (found is None and len(tests) >= MOST_TESTS):
        raise Invalid("A test case needs a name, and a flow has at most {limit}.", limit=MOST_TESTS, field="name")
    if found is None:
        found = FlowTest(flow=flow, name=name)
        session.add(found)
    found.case, found.author, found.saved_at = dict(case), storable(actor, 16), at
    await session.flush()
    await audit(session, at=at, actor=actor, action="flow_test_saved", subject=f"flow/{flow}", detail=name)
    return found


async def remove_test(session: AsyncSession, flow: str, name: str, *, actor: str, at: datetime) -> None:
    """Raises NotFound."""
    await _lock(session, flow)
    gone = await session.execute(
        delete(FlowTest).where(FlowTest.flow == flow, FlowTest.name == name).returning(FlowTest.id)
    )
    if gone.first() is None:
        raise NotFound("There is no test case {name}.", name=name)
    await audit(session, at=at, actor=actor, action="flow_test_removed", subject=f"flow/{flow}", detail=name)


async def _put_in_force(
    session: AsyncSession, version: FlowVersion, *, examine: Examine, actor: str, at: datetime, action: str
) -> None:
    cases = [(test.name, test.case) for test in await stored_tests(session, version.flow)]
    examination = examine(version.flow, version.text, cases)
    if not examination.passed:
        raise FlowNotReady(version.flow, examination)
    older = update(FlowVersion).where(FlowVersion.flow == version.flow, FlowVersion.state == "published")
    await session.execute(older.values(state="replaced"))
    version.state, version.published_by, version.published_at = "published", storable(actor, 16), at
    force = update(FlowRow).where(FlowRow.id == version.flow)
    await session.execute(force.values(published=version.number, changes=FlowRow.changes + 1))
    await session.flush()
    await audit(session, at=at, actor=actor, action=action, subject=f"flow/{version.flow}", detail=f"#{version.number}")


async def _lock(session: AsyncSession, flow: str, *, make: bool = False) -> FlowRow:
    """One change of a flow at a time. Raises NotFound for a flow that nobody has saved, unless it is to be made."""
    row = await session.get(FlowRow, flow, with_for_update=True, populate_existing=True)
    if row is None and make:
        try:
            async with session.begin_nested():
                session.add(FlowRow(id=flow, published=0, changes=0))
        except IntegrityError:  # somebody else made it at the same moment
            pass
        row = await session.get(FlowRow, flow, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no flow {flow}.", flow=flow)
    return row
