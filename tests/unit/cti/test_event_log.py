"""Asterisk's event log of a day as calls, however long the log is and wherever the day lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cti import event_log
from cti.event_log import logged_calls

NOON = 1_795_000_000.0


def line(
    kind: str, at: float, call: str, *, uniqueid: str = "", context: str = "", extra: str = "", name: str = ""
) -> str:
    told = f'{{""extra"":""{extra}""}}' if extra else ""
    fields = (kind if not name else "USER_DEFINED", f"{at:.6f}", uniqueid or call, call, "PJSIP/x", "13800000001", "s")
    return ",".join(f'"{field}"' for field in (*fields, context, "", "", name, told)) + "\n"


def inbound(call: str, at: float, *, talk: str = "") -> str:
    lines = [
        line("CHAN_START", at, call, context="hl-in"),
        line("HLSTART", at + 0.01, call, name="HLSTART", extra="dir=in|caller=13800000001|entry=4001718888|served=1"),
        line("ANSWER", at + 0.1, call),
        line("HLQUEUE", at + 3, call, name="HLQUEUE", extra="queue=repair|since=1|prio=0"),
    ]
    if talk:
        extra = f"agent=1018|leg={call}-1|file=20261118/{call}-1.raw"
        lines += [line("HLTALK", at + 5, call, uniqueid=f"{call}9", name="HLTALK", extra=extra)]
    lines += [
        line("HLEND", at + 30, call, name="HLEND", extra="dir=in|state=after|outcome="),
        line("HANGUP", at + 30.1, call),
        line("LINKEDID_END", at + 30.2, call),
    ]
    return "".join(lines)


def test_a_call_is_told_with_its_talk_and_its_end(tmp_path: Path):
    log = tmp_path / "cel.csv"
    log.write_text(inbound("1.1", NOON, talk="1018"))
    call = logged_calls(log, NOON - 60, NOON + 60).calls["1.1"]
    assert (call.inbound, call.started, call.answered, call.ended) == (True, NOON, NOON + 0.1, NOON + 30.2)
    assert [(talk.leg, talk.agent, talk.began) for talk in call.talks] == [("1.1-1", "1018", NOON + 5)]
    assert (call.caller, call.entry, call.queue) == ("13800000001", "4001718888", "repair")


def test_an_agents_phone_that_was_rung_in_vain_for_a_call_out_is_no_contact(tmp_path: Path):
    log = tmp_path / "cel.csv"
    spy = line("CHAN_START", NOON, "spy-00ff", context="from-agents")
    rung = line("CHAN_START", NOON, "out-1", context="from-agents") + line("HANGUP", NOON + 9, "out-1")
    dialled = line("CHAN_START", NOON, "out-2", context="from-agents") + line(
        "HLOUT", NOON + 4, "out-2", name="HLOUT", extra="dir=out|agent=1003|leg=out-2-1|number=8613700000006"
    )
    log.write_text(spy + rung + dialled)
    calls = logged_calls(log, NOON - 60, NOON + 60).calls
    assert [(call.call, call.inbound, call.started, call.caller) for call in calls.values()] == [
        ("out-2", False, NOON + 4, "+8613700000006")
    ]


def test_a_day_is_found_in_the_middle_of_a_long_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(event_log, "CHUNK", 10_000)  # lines are cut at every border
    log = tmp_path / "cel.csv"
    log.write_text("".join(inbound(f"{i}.1", NOON + 60 * i) for i in range(3_000)))
    found = logged_calls(log, NOON + 60 * 1_000, NOON + 60 * 1_100)
    assert sorted(found.calls) == sorted(f"{i}.1" for i in range(1_000, 1_100))
    assert all(call.ended for call in found.calls.values())
    assert (found.first, found.last) == (NOON, pytest.approx(NOON + 60 * 2_999 + 30.2))


def test_what_was_rotated_away_is_read_with_it_and_a_damaged_line_is_passed_over(tmp_path: Path):
    (tmp_path / "cel.csv.1").write_text(inbound("1.1", NOON) + '"HANGUP","not a time\n')
    (tmp_path / "cel.csv").write_text(inbound("2.1", NOON + 100))
    found = logged_calls(tmp_path / "cel.csv", NOON - 60, NOON + 600)
    assert sorted(found.calls) == ["1.1", "2.1"]
    assert found.first == NOON


def test_where_there_is_no_log_nothing_is_covered(tmp_path: Path):
    assert logged_calls(tmp_path / "cel.csv", NOON, NOON + 1).first is None
