"""What happened in a call is told in the order in which it happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent_desktop.contacts.story import Reason, menu_steps, reasons, story, talked, waited
from crm_core.history.model import Contact, Leg, QueueVisit

START = datetime(2026, 7, 16, 2, 39, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def call(**values: object) -> Contact:
    known: dict[str, object] = {"id": "c1", "direction": "inbound", "started_at": START, "menu_path": "", "topic": ""}
    return Contact(**(known | {"agent": "", "ended_by": "customer"} | values))


def visit(wait: float, result: str) -> QueueVisit:
    return QueueVisit(queue="repair", entered_at=after(15), left_at=after(15 + wait), wait_seconds=wait, result=result)


def leg(number: int, agent: str, offered: float, *, answered: float | None = None, ended: float) -> Leg:
    return Leg(
        id=f"c1-{number}",
        agent=agent,
        queue="repair",
        why="longest_idle",
        offered_at=after(offered),
        answered_at=None if answered is None else after(answered),
        ended_at=after(ended),
        result="no_answer" if answered is None else "answered",
        ended_by="customer",
        hold_seconds=28.0 if answered else 0.0,
    )


def test_an_answered_call_is_told_from_dialling_to_hanging_up():
    whole = call(
        answered_at=after(1),
        menu_path="main>repair",
        topic="repair",
        agent="1018",
        ended_at=after(330),
        outcome="answered",
        visits=[visit(28.0, "answered")],
        legs=[leg(1, "1019", 16, ended=36), leg(2, "1018", 36, answered=43, ended=330)],
    )
    assert [(m.kind, m.agent) for m in story(whole)] == [
        ("dialled", ""),
        ("answered", ""),
        ("menu", ""),
        ("queued", ""),
        ("offered", "1019"),
        ("not_taken", "1019"),
        ("offered", "1018"),
        ("talk", "1018"),
        ("talk_ended", "1018"),
        ("ended", ""),
    ]
    assert (waited(whole), talked(whole), menu_steps(whole)) == (28.0, 287.0, ["main", "repair"])


def test_a_caller_who_gave_up_leaves_the_queue_before_the_call_ends():
    whole = call(
        answered_at=after(1),
        ended_at=after(60),
        outcome="abandoned",
        visits=[visit(45.0, "abandoned")],
        legs=[],
    )
    assert [m.kind for m in story(whole)][-2:] == ["left_queue", "ended"]
    assert (waited(whole), talked(whole)) == (45.0, None)


def test_a_call_that_lives_has_no_end_yet():
    assert [m.kind for m in story(call(visits=[], legs=[]))] == ["dialled"]


def test_a_call_to_a_customer_begins_with_the_agent_who_dialled():
    whole = call(direction="outbound", agent="1018", ended_at=after(9), outcome="not_reached", visits=[], legs=[])
    assert [(m.kind, m.agent) for m in story(whole)] == [("called", "1018"), ("ended", "")]


def test_an_offer_tells_why_this_agent_and_why_not_another():
    offered = leg(1, "1018", 16, answered=20, ended=80)
    offered.verdicts = '["1018|level|4","1018|idle|135","1019|talking|12"]'
    offered.needed_level, offered.others = 3, 12
    moment = next(m for m in story(call(visits=[visit(1.0, "answered")], legs=[offered])) if m.kind == "offered")
    assert moment.reasons == (Reason("1018", "level", 4), Reason("1018", "idle", 135), Reason("1019", "talking", 12))
    assert (moment.needed_level, moment.others) == (3, 12)


def test_verdicts_that_cannot_be_read_are_left_out():
    for stored in ("", "no json", '["1018|level"]', '["1018|level|high"]', "7"):
        assert reasons(stored) == ()


def test_a_consult_and_a_hand_over_are_told_with_the_time_that_was_asked():
    first = leg(1, "1018", 16, answered=20, ended=60)
    first.given_to = "agent:1002"
    second = leg(2, "1002", 40, answered=60, ended=90)
    second.why, second.kind, second.party, second.consult_seconds = "consult", "agent", "", 12.0
    asked = leg(3, "", 30, ended=35)
    asked.why, asked.kind, asked.party, asked.result = "consult", "dealer", "17", "not_reached"
    whole = call(answered_at=after(1), ended_at=after(90), visits=[visit(4.0, "answered")], legs=[first, asked, second])
    told = [
        (m.kind, m.agent or m.party) for m in story(whole) if m.kind not in ("dialled", "answered", "queued", "ended")
    ]
    assert told == [
        ("offered", "1018"),
        ("talk", "1018"),
        ("asked", "dealer"),
        ("asked_over", "dealer"),
        ("asked", "1002"),
        ("joined", "1002"),
        ("talk_ended", "1018"),
        ("talk_ended", "1002"),
    ]
    (given,) = [m.given_to for m in story(whole) if m.given_to]
    assert (given, talked(whole)) == ("agent:1002", 70.0)
