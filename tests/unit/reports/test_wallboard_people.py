"""Who counts as an agent on the wallboard: as on the floor, who serves a queue, and who talks."""

from __future__ import annotations

from crm_core.history import events as feed
from reports.wallboard import Board
from reports.wallboard_view import BoardStart, Person

NINE = 1_784_080_800.0  # 2026-07-15 09:00 in Shanghai
LEADS = BoardStart(
    number=0,
    day_start=NINE - 9 * 3600,
    day_end=NINE + 15 * 3600,
    queues=(),
    people={"2001": Person("赵敏", "Zhao Min", serves=False)},
    visits={},
    agents={},
    week_ago=(),
)


def test_who_leads_and_serves_no_queue_is_counted_while_they_talk_only():
    board = Board(LEADS)
    for number, state, counted in ((1, "break", 0), (2, "ready", 0), (3, "talking", 1), (4, "break", 0)):
        board.apply(feed.FeedRecord(number, feed.AgentStateChanged(at=NINE + number, agent="2001", state=state)))
        shown = board.snapshot(NINE + number)
        assert (state, shown.signed_in, shown.heroes.can_take_a_call) == (state, counted, 0)
