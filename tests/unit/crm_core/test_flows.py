"""A menu is saved, published, refused, and put back; calls keep the way they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.flows import actions
from crm_core.flows.actions import Examination, FlowNotReady
from crm_core.flows.queries import (
    draft_of,
    flow_lines,
    flows_stamp,
    path_of,
    published_texts,
    stored_tests,
    version_of,
)
from crm_core.history.events import ContactStarted, Direction, FeedRecord, MenuLeft
from crm_core.history.model import Contact
from crm_core.history.writer import apply_all
from crm_core.workforce.versions import SavedMeanwhile
from ivr.examination import examiner
from ivr.flow_file import shipped_text
from reports.menu_path_queries import path_counts

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": "9001", "at": AT}
GOOD = examiner(("enquiry", "complaint", "suggestion", "repair", "rescue"))


def anything(flow, text, cases):
    return Examination()


async def put_in_force(db: Database, text: str = "one", flow: str = "main") -> int:
    async with db.begin() as session:
        await actions.save_draft(session, flow, text, base=None, **WHO)
        return (await actions.publish(session, flow, examine=anything, **WHO)).number


async def texts(db: Database) -> list[tuple[str, int, str]]:
    async with db.begin() as session:
        return [(one.flow, one.version, one.text) for one in await published_texts(session)]


async def test_a_draft_is_met_by_no_caller_until_it_is_published(db: Database):
    assert await put_in_force(db) == 1
    async with db.begin() as session:
        before = await flows_stamp(session)
        await actions.save_draft(session, "main", "two", base=0, **WHO)
        assert await flows_stamp(session) == before
    assert await texts(db) == [("main", 1, "one")]
    async with db.begin() as session:
        await actions.publish(session, "main", examine=anything, base=1, **WHO)
        assert await flows_stamp(session) != before
        assert (await version_of(session, "main", 1)).state == "replaced"
    assert await texts(db) == [("main", 2, "two")]


async def test_an_older_version_is_published_again_with_its_number_and_noticed(db: Database):
    await put_in_force(db, "one")
    await put_in_force(db, "two")
    async with db.begin() as session:
        before = await flows_stamp(session)
        await actions.publish_again(session, "main", 1, examine=anything, **WHO)
        assert await flows_stamp(session) != before
    assert await texts(db) == [("main", 1, "one")]
    async with db.begin() as session:
        with pytest.raises(Refused, match="in force already"):
            await actions.publish_again(session, "main", 1, examine=anything, **WHO)


async def test_going_back_is_refused_when_the_older_version_is_no_longer_good(db: Database):
    await put_in_force(db, shipped_text())
    await put_in_force(db, "two")
    without_rescue = examiner(("enquiry", "complaint", "suggestion", "repair"))
    with pytest.raises(FlowNotReady) as refused:
        async with db.begin() as session:
            await actions.publish_again(session, "main", 1, examine=without_rescue, **WHO)
    assert any("rescue" in str(error) for error in refused.value.details)
    assert await texts(db) == [("main", 2, "two")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nodes: {", "not YAML"),
        (shipped_text().replace("queue: rescue", "queue: rescue_team"), "queue rescue_team"),
        (shipped_text().replace("name: main", "name: other"), "of the flow other"),
    ],
)
async def test_a_text_with_a_fault_may_be_saved_but_not_published(db: Database, text: str, said: str):
    await put_in_force(db, "one")
    async with db.begin() as session:
        await actions.save_draft(session, "main", text, base=0, **WHO)
    with pytest.raises(FlowNotReady) as refused:
        async with db.begin() as session:
            await actions.publish(session, "main", examine=GOOD, **WHO)
    assert any(said in str(error) for error in refused.value.details)
    assert await texts(db) == [("main", 1, "one")]


async def test_a_failing_test_case_keeps_a_flow_from_being_published(db: Database):
    async with db.begin() as session:
        await actions.save_draft(session, "main", shipped_text(), base=0, **WHO)
        await actions.save_test(session, "main", "4 is repair", {"answers": ["4"], "path": ["main", "repair"]}, **WHO)
        await actions.save_test(session, "main", "4 is rescue", {"answers": ["4"], "path": ["main", "rescue"]}, **WHO)
        await actions.save_test(session, "main", "nonsense", {"colour": "red"}, **WHO)
    with pytest.raises(FlowNotReady) as refused:
        async with db.begin() as session:
            await actions.publish(session, "main", examine=GOOD, **WHO)
    assert refused.value.examination.failing == ("4 is rescue", "nonsense")
    async with db.begin() as session:
        await actions.remove_test(session, "main", "4 is rescue", **WHO)
        await actions.remove_test(session, "main", "nonsense", **WHO)
        await actions.publish(session, "main", examine=GOOD, **WHO)
        assert [test.name for test in await stored_tests(session, "main")] == ["4 is repair"]


async def test_who_saves_an_older_draft_is_told_who_was_first(db: Database):
    async with db.begin() as session:
        await actions.save_draft(session, "main", "one", base=0, actor="9002", at=AT)
    for base in (0, 7):
        with pytest.raises(SavedMeanwhile, match="9002"):
            async with db.begin() as session:
                await actions.save_draft(session, "main", "mine", base=base, **WHO)
    async with db.begin() as session:
        draft = await draft_of(session, "main")
        assert draft is not None
        assert (draft.text, draft.revision, draft.number) == ("one", 1, 1)
        with pytest.raises(SavedMeanwhile):
            await actions.publish(session, "main", examine=anything, base=0, **WHO)


@pytest.mark.parametrize("name", ["", "Main", "../x", "x" * 40, "a b"])
async def test_a_flow_needs_a_plain_name(db: Database, name: str):
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await actions.save_draft(session, name, "x", base=0, **WHO)


async def test_what_is_not_there_is_not_found(db: Database):
    async with db.begin() as session:
        for work in (
            actions.publish(session, "main", examine=anything, **WHO),
            actions.publish_again(session, "main", 1, examine=anything, **WHO),
            actions.drop_draft(session, "main", **WHO),
            actions.remove_test(session, "main", "x", **WHO),
        ):
            with pytest.raises(NotFound):
                await work


async def test_the_list_tells_version_draft_and_tests_and_the_audit_log_who_did_it(db: Database):
    await put_in_force(db)
    await put_in_force(db, "x", flow="sales")
    async with db.begin() as session:
        await actions.save_draft(session, "main", "two", base=0, **WHO)
        await actions.save_test(session, "main", "one", {}, **WHO)
    async with db.begin() as session:
        lines = [(one.flow, one.published, one.published_by, one.draft, one.tests) for one in await flow_lines(session)]
        assert lines == [("main", 1, "9001", 2, 1), ("sales", 1, "9001", 0, 0)]
        told = [row.action for row in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert told == ["flow_saved", "flow_published"] * 2 + ["flow_saved", "flow_test_saved"]


def left(call: str, *visits: str, hung_up: bool = False, version: int = 3) -> MenuLeft:
    return MenuLeft(
        at=AT.timestamp() + 10, call=call, path=("main",), topic="", language="en", flow="main", version=version,
        visits=tuple(f"{visit}|{AT.timestamp() + number}" for number, visit in enumerate(visits)), hung_up=hung_up,
    )  # fmt: skip


async def test_each_call_keeps_flow_version_and_every_node_with_its_time(db: Database):
    began = ContactStarted(at=AT.timestamp(), call="c1", direction=Direction.INBOUND, caller="", entry="")
    gone = left("c1", "greeting|", "main|", "repair|4", hung_up=True)
    async with db.begin() as session:
        await apply_all(session, [FeedRecord(1, began), FeedRecord(2, gone)])
    async with db.begin() as session:  # led through the menu again after a restart: counted once
        await apply_all(session, [FeedRecord(3, gone)])
    async with db.begin() as session:
        contact = await session.get(Contact, "c1")
        assert contact is not None
        assert (contact.menu_flow, contact.menu_version) == ("main", 3)
        found = [(one.node, one.by, one.seconds, one.hung_up) for one in await path_of(session, "c1")]
        assert found == [("greeting", "", 1.0, False), ("main", "", 1.0, False), ("repair", "4", 8.0, True)]
        counted = await path_counts(session, "main", 3, AT, AT + timedelta(hours=1), served_by=["main"])
        assert (counted.calls, counted.hung_up, counted.served) == (1, 1, 1)
        assert [(one.node, one.entered, one.left, one.seconds) for one in counted.nodes] == [
            *(("greeting", 1, 1, 1.0), ("main", 1, 1, 1.0), ("repair", 1, 0, 8.0))
        ]
        assert [(one.node, one.by, one.to) for one in counted.ways] == [
            ("greeting", "", "main"),
            ("main", "4", "repair"),
        ]


async def test_who_could_not_be_put_through_goes_on_being_counted_and_a_way_of_after_a_restart_does_not(db: Database):
    first, then = left("c3", "greeting|", "station|9"), replace(left("c3", "sorry|unreachable", hung_up=True), first=2)
    for number, told in enumerate((first, then, first, then, replace(then, first=1), replace(then, first=7)), start=50):
        async with db.begin() as session:
            await apply_all(session, [FeedRecord(number, told)])
    async with db.begin() as session:
        found = [(one.number, one.node, one.hung_up) for one in await path_of(session, "c3")]
    assert found == [(0, "greeting", False), (1, "station", False), (2, "sorry", True)]


async def test_a_way_that_cannot_be_read_costs_no_contact(db: Database):
    event = left("c2", "main|")
    for bad in (("main",), ("a|b|nan",), ("a|b|1e300",), ("a|b|-5",)):
        async with db.begin() as session:
            torn = MenuLeft(at=event.at, call="c2", path=(), topic="", language="", visits=bad)
            await apply_all(session, [FeedRecord(hash(bad) % 1000 + 1, torn)])
    async with db.begin() as session:
        assert await path_of(session, "c2") == []
