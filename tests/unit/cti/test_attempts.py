"""Each attempt of a campaign gets one result, whatever is told of it and in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.site import AsteriskSite
from crm_core.history.campaign_events import AttemptAnswered, AttemptConnected, AttemptEnded, AttemptPlaced
from cti import cel
from cti import facts as f
from cti.attempts import CONNECT_SECONDS, Attempt, attempt_of
from cti.book import ContactBook
from cti.calls import tell
from cti.campaign_calls import begin_attempt
from cti.campaign_line import settled
from cti.campaign_ports import DialOrder, OpenAttempt, call_id

CALL = "ob-3-5-1"
CHANNEL = "PJSIP/trunk-00000001"
RESULTS = frozenset(
    ("answered", "answered_by_voice", "machine", "dropped", "hung_up", "no_answer", "busy", "refused", "failed")
)


def order(**more: object) -> DialOrder:
    values = {"call": CALL, "campaign": 3, "entry": 5, "digits": "8613900000001", "customer_id": 11}
    values |= {"language": "zh-CN", "ring_seconds": 15, "queue": "repair"}
    return DialOrder(**(values | more))  # type: ignore[arg-type]


def at(seconds: float) -> dict[str, object]:
    return {"at": seconds, "channel": CHANNEL, "uniqueid": CALL, "call": CALL}


def appeared(seconds: float) -> f.ChannelAppeared:
    return f.ChannelAppeared(**at(seconds), context="hl-in", exten="", caller="")  # type: ignore[arg-type]


def told(name: str, seconds: float, **headers: str) -> f.Told:
    return f.Told(**at(seconds), name=name, headers=headers)  # type: ignore[arg-type]


def hung_up(seconds: float, cause: int = 16, sip_code: int = 0) -> f.ChannelHungUp:
    return f.ChannelHungUp(**at(seconds), cause=cause, sip_code=sip_code)  # type: ignore[arg-type]


def answered(seconds: float) -> f.ChannelAnswered:
    return f.ChannelAnswered(**at(seconds))  # type: ignore[arg-type]


def music(seconds: float) -> f.MusicBegan:
    place = {"context": "hl-campaign-agents", "state": "waiting", "queue": "repair", "since": seconds, "priority": 0}
    return f.MusicBegan(**at(seconds), **place)  # type: ignore[arg-type]


FACTS = (
    appeared(1.0),
    f.ChannelRang(**at(2.0)),  # type: ignore[arg-type]
    answered(3.0),
    told("HLMachine", 4.0, Status="MACHINE"),
    told("HLRecalled", 5.0),
    music(6.0),
    told("HLDropped", 7.0),
    told("HLEnd", 8.0),
)


@given(st.lists(st.sampled_from(FACTS)), st.sampled_from([0, 403, 404, 480, 486, 503, 603]), st.booleans())
def test_whatever_is_told_there_is_one_end_with_a_known_word(facts: list[f.Fact], code: int, detects: bool) -> None:
    book = ContactBook()
    begin_attempt(book, order(detect_machines=detects), 0.0)
    steps = book.take()
    for fact in (*facts, hung_up(9.0, sip_code=code), hung_up(9.1, sip_code=code), *facts):
        steps += tell(book, fact)
    (end,) = [step for step in steps if isinstance(step, AttemptEnded)]
    assert end.result in RESULTS
    assert len([step for step in steps if isinstance(step, AttemptAnswered)]) <= 1
    assert len([step for step in steps if isinstance(step, AttemptPlaced)]) == 1
    assert not [step for step in steps if isinstance(step, AttemptConnected)]


@pytest.mark.parametrize(
    ("code", "cause", "result"),
    [
        (486, 17, "busy"),
        (600, 17, "busy"),
        (603, 21, "refused"),
        (403, 21, "refused"),
        (480, 19, "no_answer"),
        (404, 1, "failed"),
        (503, 34, "failed"),
        (0, 17, "busy"),
        (0, 21, "refused"),
        (0, 19, "no_answer"),
        (0, 38, "failed"),
    ],
)
def test_the_networks_word_becomes_a_result(code: int, cause: int, result: str) -> None:
    assert Attempt(1, 1, sip_code=code, cause=cause).result() == result


def test_who_answered_is_told_when_machine_detection_knows_it() -> None:
    book = ContactBook()
    begin_attempt(book, order(detect_machines=True), 0.0)
    steps = [step for fact in (appeared(0.1), answered(5.0)) for step in tell(book, fact)]
    assert not [step for step in steps if isinstance(step, AttemptAnswered)]
    (heard,) = [
        step for step in tell(book, told("HLMachine", 7.2, Status="HUMAN")) if isinstance(step, AttemptAnswered)
    ]
    assert (heard.at, heard.machine) == (5.0, "human")


def test_a_human_taken_for_a_machine_who_speaks_up_is_no_machine() -> None:
    attempt = Attempt(1, 1, detects=True, answered_at=5.0, machine="machine")
    assert attempt.result() == "machine"
    attempt.recalled = True
    assert attempt.result() == "hung_up"
    attempt.connects("ob-1-1-1", "1001", 9.0)
    assert attempt.result() == "answered"


@pytest.mark.parametrize(
    "text", ["", "ob-0-1-1", "ob-1-2", "ob-1-2-3-4", "ob-1-2-3\n", "ob-٣-1-1", "out-1-2-3", "ob-1-2--3"]
)
def test_only_a_campaigns_call_has_an_attempts_name(text: str) -> None:
    assert attempt_of(text) is None


def test_the_names_of_attempts_are_read_back() -> None:
    assert attempt_of(call_id(3, 5, 2)) == (3, 5, 2)


THEN = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def past(*facts: f.Fact, placed: datetime = THEN + timedelta(hours=1)) -> dict[str, AttemptEnded]:
    return settled([OpenAttempt(call=CALL, campaign=3, placed_at=placed)], [facts])


def test_the_event_log_tells_how_an_attempt_ended_while_we_were_away() -> None:
    begin = THEN.timestamp()
    assert past(appeared(begin), hung_up(begin + 9, cause=17))[CALL].result == "busy"
    assert past(appeared(begin), answered(begin + 2), hung_up(begin + 9))[CALL].result == "hung_up"
    dropped = past(appeared(begin), answered(begin + 2), told("HLDropped", begin + 4), hung_up(begin + 9))
    assert (dropped[CALL].result, dropped[CALL].settled_by, dropped[CALL].at) == ("dropped", "cel", begin + 9)


def test_what_rings_still_has_no_end_in_the_event_log() -> None:
    assert past(appeared(THEN.timestamp())) == {}


def test_an_attempt_of_which_the_log_knows_nothing_never_reached_the_line() -> None:
    other = f.ChannelAppeared(at=THEN.timestamp(), channel="x", uniqueid="1", call="1", context="", exten="", caller="")
    assert past(other)[CALL].result == "not_placed"


def test_a_log_that_begins_after_the_attempt_proves_nothing() -> None:
    other = f.ChannelAppeared(at=THEN.timestamp(), channel="x", uniqueid="1", call="1", context="", exten="", caller="")
    assert past(other, placed=THEN - timedelta(hours=1)) == {}
    assert past() == {}


def test_platform_and_dialplan_promise_an_agent_within_the_same_time() -> None:
    assert AsteriskSite.__dataclass_fields__["connect_seconds"].default == CONNECT_SECONDS


def test_no_phone_rings_for_a_customer_who_is_about_to_hear_the_message() -> None:
    attempt = Attempt(1, 1)
    assert not attempt.is_late(10.0, 11.6)
    assert attempt.is_late(10.0, 11.8)
    attempt.connects("ob-1-1-1", "1001", 11.9)
    assert not attempt.is_late(10.0, 60.0)


def test_of_a_log_that_is_too_long_the_newest_part_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at its end, it would say of a call of today that it never was, and the customer would be called twice."""
    begin, file = THEN.timestamp(), tmp_path / "cel.csv"
    started = [(begin + second, f"old-{second}") for second in range(600)] + [(begin + 900, CALL)]
    empty = '","'.join([""] * 7)
    rows = [f'"CHAN_START","{second:.6f}","{call}","{call}","PJSIP/trunk-1","{empty}"\n' for second, call in started]
    file.write_text("".join(rows))
    monkeypatch.setattr(cel, "READ_LIMIT", 20 * len(rows[0]))
    facts, _ = cel.read_since(file, cel.newest_of(file))
    assert 10 < len(facts) < 25
    attempt = OpenAttempt(call=CALL, campaign=3, placed_at=THEN + timedelta(seconds=899))
    assert settled([attempt], [facts]) == {}
    assert cel.newest_of(tmp_path / "no-such-file") == cel.CelPosition()
