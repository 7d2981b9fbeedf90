"""What QueueMetrics and Asternic read of this site is what happened, each line once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, FeedRecord, HistoryEvent, Outcome
from reports.queue_log import QueueLog
from reports.queue_log_file import QueueLogFile

T = 1_784_200_000.0


def waits(call: str, at: float, queue: str = "repair") -> list[HistoryEvent]:
    return [
        feed.ContactStarted(at=at, call=call, direction=Direction.INBOUND, caller="+8613843107706", entry="4001718888"),
        feed.CallQueued(at=at + 5, call=call, queue=queue),
    ]


def rings(call: str, at: float, agent: str, leg: str) -> HistoryEvent:
    return feed.CallOffered(at=at, call=call, leg=leg, agent=agent, queue="repair", why="longest_idle")


def talk(call: str, at: float, *, by: EndedBy = EndedBy.CUSTOMER) -> list[HistoryEvent]:
    """Answered after 8 s by the second agent who is rung; talks for 90 s."""
    return [
        *waits(call, at),
        rings(call, at + 6, "1018", f"{call}-1"),
        feed.OfferEnded(at=at + 9, call=call, leg=f"{call}-1", agent="1018", result="no_answer"),
        rings(call, at + 10, "1019", f"{call}-2"),
        feed.TalkBegan(at=at + 13, call=call, leg=f"{call}-2", agent="1019"),
        feed.CallLeftQueue(at=at + 13, call=call, queue="repair", result="answered"),
        feed.TalkEnded(at=at + 103, call=call, leg=f"{call}-2", agent="1019", by=by),
        feed.ContactEnded(at=at + 103, call=call, outcome=Outcome.ANSWERED, by=by),
    ]


def told(happened: list[HistoryEvent]) -> list[str]:
    log = QueueLog()
    return [line for event in happened for line in log.lines(event)]


def test_a_talk_is_told_from_the_queue_to_its_end_with_waiting_ringing_and_talking_time() -> None:
    assert told(talk("c1", T)) == [
        "1784200005|c1|repair|NONE|ENTERQUEUE||+8613843107706|1",
        "1784200009|c1|repair|PJSIP/1018|RINGNOANSWER|3000",
        "1784200013|c1|repair|PJSIP/1019|CONNECT|8|c1-2|3",
        "1784200103|c1|repair|PJSIP/1019|COMPLETECALLER|8|90|1",
    ]
    assert told(talk("c1", T, by=EndedBy.AGENT))[-1].split("|")[4] == "COMPLETEAGENT"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ("abandoned", "1784200030|c2|repair|NONE|ABANDON|1|1|25"),
        ("callback", "1784200030|c2|repair|NONE|EXITWITHKEY|1|1|1|25"),
        ("voicemail", "1784200030|c2|repair|NONE|EXITWITHKEY|2|1|1|25"),
        ("overflow", "1784200030|c2|repair|NONE|EXITWITHTIMEOUT|1|1|25"),
    ],
)
def test_every_way_out_of_a_queue_has_its_word(result: str, line: str) -> None:
    left = feed.CallLeftQueue(at=T + 30, call="c2", queue="repair", result=result)
    assert told([*waits("c2", T), left])[-1] == line


def test_a_talk_given_away_is_no_talk_of_the_giver_any_more() -> None:
    given_away = feed.CallTransferred(
        at=T + 40, call="c1", leg="c1-2", by="1019", kind="queue", target="rescue", blind=True
    )
    lines = told([*talk("c1", T)[:7], given_away, *talk("c1", T)[7:]])
    assert lines[-1] == "1784200040|c1|repair|PJSIP/1019|BLINDTRANSFER|rescue|queue|8|27|1"
    asked = replace(given_away, kind="agent", target="1020", blind=False)
    lines = told([*talk("c1", T)[:7], asked, *talk("c1", T)[7:]])
    assert lines[-1] == "1784200040|c1|repair|PJSIP/1019|ATTENDEDTRANSFER|BRIDGE|agent-1020|8|27|1"


def test_calls_of_ours_are_in_no_queue_of_callers() -> None:
    ours = feed.ContactStarted(at=T, call="ob-1-2-1", direction=Direction.OUTBOUND, caller="+8613843107706", entry="")
    assert told([ours, *waits("ob-1-2-1", T)[1:]]) == []


def test_sign_in_break_with_its_reason_and_sign_out_are_told_once() -> None:
    states = (("ready", ""), ("break", "lunch"), ("break", "training"), ("ready", ""), ("talking", ""), ("offline", ""))
    happened = [
        feed.AgentStateChanged(at=T + place, agent="1018", state=state, reason=reason, call="c9")
        for place, (state, reason) in enumerate(states)
    ]
    assert [line.split("|", 1)[1] for line in told(list(happened))] == [
        "NONE|NONE|PJSIP/1018|AGENTLOGIN|PJSIP/1018",
        "NONE|NONE|PJSIP/1018|PAUSEALL|lunch",
        "NONE|NONE|PJSIP/1018|UNPAUSEALL|lunch",
        "NONE|NONE|PJSIP/1018|PAUSEALL|training",
        "NONE|NONE|PJSIP/1018|UNPAUSEALL|training",
        "NONE|NONE|PJSIP/1018|AGENTLOGOFF|PJSIP/1018|5",
    ]


@given(st.text())
def test_no_reason_makes_a_field_or_a_line_of_its_own(reason: str) -> None:
    [_, line] = told([feed.AgentStateChanged(at=T, agent="1018", state="break", reason=reason)])
    assert line.count("|") == 5
    assert len(line.splitlines()) == 1


@given(st.integers(0, 18), st.integers(0, 18))
def test_a_kill_at_any_moment_loses_no_line_and_doubles_none(tmp_path_factory: pytest.TempPathFactory, first: int,
                                                            torn: int) -> None:  # fmt: skip
    happened = [*talk("c1", T), *talk("c2", T + 10)]
    records = [FeedRecord(number, event) for number, event in enumerate(happened, 1)]
    place = tmp_path_factory.mktemp("log") / "queue_log"
    before = QueueLogFile(place)
    before.take_up()
    for record in records[:first]:
        before.take([record])
        before.write()
    if place.exists():
        with place.open("a") as out:  # written, and killed before it was noted
            out.write("1784200103|c1|repair|PJSIP/1019|COMPLETECALLER|8|90|1\n"[:torn])
    after = QueueLogFile(place)
    after.take_up()
    after.take(records)
    after.write()
    assert place.read_text().splitlines() == told(happened)


def test_a_rotated_log_is_begun_anew(tmp_path: Path) -> None:
    records = [FeedRecord(number, event) for number, event in enumerate(talk("c1", T), 1)]
    place = tmp_path / "queue_log"
    log = QueueLogFile(place)
    log.take(records[:4])
    log.write()
    place.rename(tmp_path / "queue_log.1")
    log.take(records[4:])
    log.write()
    assert len((tmp_path / "queue_log.1").read_text().splitlines()) == 2
    assert place.read_text().splitlines() == told(talk("c1", T))[2:]
