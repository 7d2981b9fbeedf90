"""What may not be saved of a queue, and what a removal costs nobody."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.db import Database
from crm_core.errors import NotFound, Refused
from crm_core.workforce.actions import QueuesWithoutAgents, add_agent, save_agents
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import agent, queues
from crm_core.workforce.queue_actions import (
    QueueNotEmpty,
    new_queue_state,
    queue_state,
    remove_empty_queues,
    remove_queue,
    save_queue,
    set_open_for_calls,
)
from crm_core.workforce.restore import restore
from crm_core.workforce.versions import SavedMeanwhile, history
from tests.unit.crm_core.builders import NOW

BY: dict[str, Any] = {"actor": "9001", "at": NOW}


async def save(db: Database, queue: str, base: int | None = None, **given: Any):
    state = {"name_zh": queue, "name_en": queue, "skill": queue, **given}
    async with db.begin() as session:
        return await save_queue(session, queue, state, base=base, **BY)


async def refused(db: Database, queue: str, **given: Any) -> dict[str, str]:
    """The problems of a save by field."""
    with pytest.raises(Unusable) as told:
        await save(db, queue, **given)
    return {field: problem.message_id for field, problem in told.value.by_field.items()}


@pytest.fixture
async def site(db: Database) -> Database:
    """Two queues, each with an agent of level 6."""
    async with db.begin() as session:
        for number, skill in (("1001", "repair"), ("1002", "enquiry")):
            await add_agent(session, number=number, name=number, password="x" * 9, skills={skill: 6}, **BY)
    await save(db, "repair")
    await save(db, "enquiry")
    return db


async def test_a_queue_without_an_agent_or_another_way_out_is_refused(site: Database):
    assert "No agent has the skill" in (await refused(site, "vip"))["skill"]
    await save(site, "vip", overflow=[{"to": "repair", "after_seconds": 30, "expected_over_seconds": 0}])
    await save(site, "fleet", longest_wait_seconds=300, when_too_long="voicemail")


async def test_a_promised_callback_is_no_way_out_where_nobody_could_call_back(site: Database):
    assert "skill" in await refused(site, "vip", longest_wait_seconds=300, when_too_long="callback")


async def test_the_last_step_must_go_down_to_an_agent(site: Database):
    steps = [{"after_seconds": 0, "level": 9}, {"after_seconds": 30, "level": 7}]
    assert "The best agent has level" in (await refused(site, "repair", levels=steps))["levels"]
    await save(site, "repair", levels=[*steps, {"after_seconds": 60, "level": 6}])


@pytest.mark.parametrize(
    "steps",
    [
        [(0, 5), (30, 6)],
        [(0, 5), (30, 5)],
        [(10, 5)],
        [(0, 5), (30, 4), (20, 3)],
        [(0, 10)],
        [(0, 0)],
        [(n * 10, 9 - n) for n in range(9)],
    ],
)
async def test_levels_go_down_with_the_wait_and_begin_at_once(site: Database, steps: list[tuple[int, int]]):
    levels = [{"after_seconds": after, "level": level} for after, level in steps]
    assert "levels" in await refused(site, "repair", levels=levels)


def to(queue: str, after: int = 30, expected: int = 0) -> dict[str, Any]:
    return {"to": queue, "after_seconds": after, "expected_over_seconds": expected}


async def test_overflow_never_goes_to_itself_to_nowhere_or_in_a_circle(site: Database):
    for moves in ([to("repair")], [to("nowhere")], [to("enquiry", 0)], [to("enquiry"), to("enquiry", 60)]):
        assert "overflow" in await refused(site, "repair", overflow=moves)
    await save(site, "repair", overflow=[to("enquiry")])
    await save(site, "vip", overflow=[to("repair")])
    told = await refused(site, "enquiry", overflow=[to("vip")])
    assert told["overflow"].startswith("Callers would go in a circle")


async def test_a_queue_on_which_another_relies_keeps_its_way_out(site: Database):
    await save(site, "vip", overflow=[to("repair")])
    with pytest.raises(Refused, match="vip would have no way out"):
        await save(site, "repair", skill="forklift", is_open_for_calls=False)
    await save(site, "enquiry", skill="forklift", is_open_for_calls=False)  # nobody relies on it
    assert "skill" in await refused(site, "enquiry", skill="forklift", is_open_for_calls=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ring_seconds", 0),
        ("ring_seconds", 121),
        ("ageing_seconds", 1),
        ("service_target_percent", 101),
        ("strategy", "by_hand"),
        ("when_full", "shout"),
        ("priority", "high"),
        ("name_zh", " "),
        ("skill", "re pair"),
    ],
)
async def test_every_field_has_its_limits(site: Database, field: str, value: object):
    assert field in await refused(site, "repair", **{field: value})


async def test_a_limit_and_its_way_out_belong_together(site: Database):
    assert "when_full" in await refused(site, "repair", most_waiting=5)
    assert "longest_wait_seconds" in await refused(site, "repair", when_too_long="voicemail")
    await save(site, "repair", when_full="voicemail")  # where callers go while it is closed


async def test_all_wrong_fields_are_told_at_once(site: Database):
    told = await refused(site, "repair", ring_seconds=0, name_en="", strategy="x")
    assert set(told) == {"ring_seconds", "name_en", "strategy"}


async def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(site: Database):
    await save(site, "repair", base=1, ring_seconds=30)
    with pytest.raises(SavedMeanwhile):
        await save(site, "repair", base=1, ring_seconds=10)
    async with site.begin() as session:
        assert {row.id: row.ring_seconds for row in await queues(session)} == {"repair": 30, "enquiry": 20}


async def remove(db: Database, queue: str, *, waiting: int = 0, menu: str = "", run_empty: bool = False):
    async with db.begin() as session:
        return await remove_queue(
            session, queue, waiting=waiting, menu_queues=frozenset({menu}), run_empty=run_empty, base=None, **BY
        )


async def test_a_queue_with_callers_is_not_removed_but_runs_empty(site: Database):
    with pytest.raises(QueueNotEmpty, match="2 callers wait in repair"):
        await remove(site, "repair", waiting=2)
    await remove(site, "repair", waiting=2, run_empty=True)
    async with site.begin() as session:
        assert await remove_empty_queues(session, {"repair": 1}, at=NOW) == []
        assert [row.leaving_at for row in await queues(session) if row.id == "repair"] == [NOW]
        assert await remove_empty_queues(session, {"enquiry": 1}, at=NOW) == ["repair"]
        assert [row.id for row in await queues(session)] == ["enquiry"]


async def test_a_queue_to_which_a_menu_or_another_queue_leads_is_not_removed(site: Database):
    with pytest.raises(Refused, match="menu"):
        await remove(site, "repair", menu="repair")
    await save(site, "vip", overflow=[to("repair")])
    with pytest.raises(Refused, match="vip overflows to repair"):
        await remove(site, "repair")
    with pytest.raises(NotFound):
        await remove(site, "nowhere")


async def test_a_removed_queue_can_be_brought_back_and_a_change_undone(site: Database):
    changed = await save(site, "repair", ring_seconds=33)
    removed = await remove(site, "repair")
    async with site.begin() as session:
        await restore(session, removed.id, undo=True, base=None, **BY)
        assert [row.ring_seconds for row in await queues(session) if row.id == "repair"] == [33]
        await restore(session, changed.id, undo=True, base=None, **BY)
        assert [row.ring_seconds for row in await queues(session) if row.id == "repair"] == [20]
        assert [row.number for row in await history(session, kind="queue", subject="repair")] == [5, 4, 3, 2, 1]


async def test_the_intake_switch_is_a_version_too(site: Database):
    async with site.begin() as session:
        await set_open_for_calls(session, "repair", is_open=False, **BY)
        assert await set_open_for_calls(session, "repair", is_open=False, **BY) is None
        row = next(row for row in await queues(session) if row.id == "repair")
        assert queue_state(row)["is_open_for_calls"] is False


async def test_the_last_agent_of_a_queue_loses_the_skill_only_if_that_is_meant(site: Database):
    change = {"1001": {"skills": {"enquiry": 5}}}
    async with site.begin() as session:
        with pytest.raises(QueuesWithoutAgents, match="repair"):
            await save_agents(session, change, bases={}, confirmed=False, **BY)
        await session.rollback()
    async with site.begin() as session:
        (saved,) = await save_agents(session, change, bases={"1001": 0}, confirmed=True, **BY)
        assert (saved.kind, saved.before["skills"], saved.after["skills"]) == ("agent", {"repair": 6}, {"enquiry": 5})
    async with site.begin() as session:
        with pytest.raises(SavedMeanwhile):
            await save_agents(session, change | {"1001": {"skills": {}}}, bases={"1001": 0}, confirmed=True, **BY)


async def test_tags_and_capacity_of_an_agent_are_kept(site: Database):
    given: dict[str, Any] = {"tags": ["dealer:17", "region:吉林"], "capacity": {"chat": 3}}
    async with site.begin() as session:
        await save_agents(session, {"1001": given}, bases={}, confirmed=False, **BY)
        lin = await agent(session, "1001")
        assert (lin.tags, lin.capacity, lin.skills) == (frozenset(given["tags"]), {"chat": 3}, {"repair": 6})
        for wrong in ({"tags": ["no tag"]}, {"capacity": {"voice": 2}}, {"capacity": {"chat": 0}}):
            with pytest.raises(Exception, match=r"tag|number"):
                await save_agents(session, {"1001": wrong}, bases={}, confirmed=False, **BY)


def test_a_new_queue_begins_with_the_settings_of_the_records():
    state = new_queue_state()
    assert (state["ring_seconds"], state["levels"], state["strategy"], state["leaving"]) == (
        20,
        [],
        "best_skill",
        False,
    )
