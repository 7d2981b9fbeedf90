"""The measurement of the wallboard: its clock, and the recount that finds a board which is wrong."""

from __future__ import annotations

import json
from dataclasses import replace

from agent_desktop.board.wire import Beside, board_message
from agent_desktop.formats import rate
from benchmarks.board import delays, events_on_board
from benchmarks.board_truth import expected_message, expected_screen, told_by_message, truth_at
from crm_core.history import events as feed
from crm_core.history.events import FeedRecord
from reports.metrics import Thresholds
from reports.wallboard import Board
from reports.wallboard_view import QueueOnBoard
from tests.unit.reports.test_wallboard import MORNING, empty

HAPPENED = [
    feed.AgentStateChanged(at=MORNING, agent="1001", state="ready"),
    feed.CallQueued(at=MORNING, call="c1", queue="service"),
    feed.CallQueued(at=MORNING + 1, call="c2", queue="rescue"),
    feed.TalkBegan(at=MORNING + 25, call="c1", leg="c1-1", agent="1001"),
    feed.CallLeftQueue(at=MORNING + 25, call="c1", queue="service", result="answered"),
    feed.CallLeftQueue(at=MORNING + 31, call="c2", queue="rescue", result="abandoned"),
    feed.ContactEnded(at=MORNING + 31, call="c2", outcome=feed.Outcome.ABANDONED, by=feed.EndedBy.SYSTEM),
]
RECORDS = [FeedRecord(number, event) for number, event in enumerate(HAPPENED, 1)]


def board_at(number: int) -> dict[str, object]:
    names = ("service", "complaint", "rescue")
    queues = tuple(QueueOnBoard(id=one, name_zh=one, name_en=one, thresholds=Thresholds()) for one in names)
    board = Board(replace(empty(), queues=queues))
    for record in RECORDS[:number]:
        board.apply(record)
    told: dict[str, object] = json.loads(board_message(board.snapshot(MORNING + 60), Beside(), MORNING + 60))
    return told


def test_a_board_that_follows_the_feed_is_found_true_at_every_number():
    for number in range(1, len(RECORDS) + 1):
        assert told_by_message(board_at(number)) == expected_message(truth_at(RECORDS, number))


def test_a_board_that_missed_a_record_is_found_wrong():
    assert told_by_message(board_at(5)) != expected_message(truth_at(RECORDS, 6))


def test_the_screen_is_expected_to_say_the_percentages():
    shown = expected_screen(truth_at(RECORDS, len(RECORDS)))
    assert (shown["waiting"], shown["abandon"], shown["level"]) == ("0", "50.0%", "0.0%")
    assert shown["queues"] == [["0", "1"], ["0", "0"], ["0", "1"]]


def test_a_rate_half_way_between_two_tenths_is_expected_as_the_board_shows_it():
    """One of 16 gave up: 6.25%. The recount once expected 6.2% where the board showed 6.3%: a wrong sample."""
    happened: list[feed.HistoryEvent] = []
    for place in range(16):
        call, result = f"c{place}", "abandoned" if place == 0 else "answered"
        happened.append(feed.CallQueued(at=MORNING, call=call, queue="service"))
        if result == "answered":
            happened.append(feed.TalkBegan(at=MORNING + 30, call=call, leg=f"{call}-1", agent="1001"))
        happened.append(feed.CallLeftQueue(at=MORNING + 30, call=call, queue="service", result=result))
    records = [FeedRecord(number, event) for number, event in enumerate(happened, 1)]
    shown = expected_screen(truth_at(records, len(records)))
    assert (shown["abandon"], rate(1 / 16)) == ("6.3%", "6.3%")


def test_a_delay_runs_from_asterisks_time_to_the_first_sight_of_its_number_or_a_later_one():
    numbers = dict(events_on_board(RECORDS))
    asterisk = {("HLQUEUE", "c1"): MORNING, ("HLTALK", "c1"): MORNING + 25, ("HLEND", "c2"): MORNING + 31}
    seen = [(1, MORNING - 1), (3, MORNING + 0.1), (4, MORNING + 25.25)]
    assert [round(delay) for delay in delays(seen, asterisk, numbers)] == [100, 250]
