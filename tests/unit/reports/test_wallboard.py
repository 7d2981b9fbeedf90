"""The wallboard shows what the database would say, after every event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.clock import from_instant, seconds_of_day
from crm_core.db import Database
from crm_core.history import events as feed
from crm_core.history.writer import apply_all
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow
from reports import queries
from reports.metrics import Ratio, Thresholds
from reports.wallboard import Board
from reports.wallboard_view import BoardScope, BoardStart, PastVisit, Person, QueueOnBoard
from tests.empty_databases import sqlite_database

DAY = datetime(2026, 7, 15, 16, tzinfo=UTC)  # midnight of Thursday 16 July in Shanghai
TODAY, ZONE = date(2026, 7, 16), ZoneInfo("Asia/Shanghai")
MORNING = DAY.timestamp() + 9 * 3600
QUEUES = (
    QueueOnBoard(id="repair", name_zh="售后服务", name_en="Service", thresholds=Thresholds()),
    QueueOnBoard(
        id="rescue",
        name_zh="道路救援",
        name_en="Rescue",
        thresholds=Thresholds(service_seconds=10, short_abandon_seconds=0, target_percent=90),
    ),
)
RESULTS = ("answered", "abandoned", "callback", "voicemail", "overflow", "lost")


def empty(week_ago: Sequence[PastVisit] = ()) -> BoardStart:
    return BoardStart(
        number=0,
        day_start=DAY.timestamp(),
        day_end=(DAY + timedelta(days=1)).timestamp(),
        queues=QUEUES,
        people={"1001": Person("王芳", "Wang Fang", "一组"), "1002": Person("何俊", "He Jun", "二组")},
        visits={},
        agents={},
        week_ago=tuple(week_ago),
    )


def board_after(*happened: feed.HistoryEvent, start: BoardStart | None = None) -> Board:
    board = Board(start or empty())
    for number, event in enumerate(happened, board.number + 1):
        board.apply(feed.FeedRecord(number, event))
    return board


def visit(
    call: str, *, wait: float, result: str, queue: str = "repair", at: float = MORNING
) -> list[feed.HistoryEvent]:
    return [
        feed.CallQueued(at=at, call=call, queue=queue),
        feed.CallLeftQueue(at=at + wait, call=call, queue=queue, result=result),
    ]


def test_a_waiting_caller_is_seen_and_is_not_yet_counted_as_offered():
    shown = board_after(feed.CallQueued(at=MORNING, call="c1", queue="rescue")).snapshot(MORNING + 41)
    assert (shown.heroes.waiting, shown.heroes.longest_since, shown.heroes.longest_queue) == (1, MORNING, "rescue")
    assert shown.heroes.offered == 0
    assert shown.heroes.abandon_rate.value is None
    assert shown.curve.today_total == 1


def test_the_large_figures_add_numerators_and_denominators_of_the_queues():
    shown = board_after(
        *visit("c1", wait=15, result="answered"),
        *visit("c2", wait=15, result="answered", queue="rescue"),
        *visit("c3", wait=3, result="abandoned"),
        *visit("c4", wait=3, result="abandoned", queue="rescue"),
    ).snapshot(MORNING + 60)
    assert shown.heroes.service_level == Ratio(1, 3)
    assert shown.heroes.abandon_rate == Ratio(1, 3)
    assert [(line.id, line.offered, line.answered, line.abandoned) for line in shown.queues] == [
        ("repair", 2, 1, 1),
        ("rescue", 2, 1, 1),
    ]
    assert (shown.heroes.service_seconds, shown.heroes.target_percent) == (None, None)


def test_the_states_tell_who_has_been_in_them_for_longest():
    shown = board_after(
        feed.AgentStateChanged(at=MORNING, agent="1001", state="ready"),
        feed.AgentStateChanged(at=MORNING + 5, agent="1002", state="ready"),
        feed.AgentStateChanged(at=MORNING + 5, agent="1003", state="break", reason="lunch"),
        feed.AgentReachabilityChanged(at=MORNING + 6, agent="1002", reachable=False),
    ).snapshot(MORNING + 60)
    ready = shown.states[0]
    assert (ready.state, ready.agents, ready.longest_name_zh, ready.longest_since) == ("ready", 2, "王芳", MORNING)
    assert (shown.signed_in, shown.heroes.can_take_a_call) == (3, 1)


def test_a_board_that_is_blind_keeps_its_figures_and_says_since_when():
    blind = board_after(
        *visit("c1", wait=15, result="answered"),
        feed.TelephonyLinkChanged(at=MORNING + 20, connected=False),
        feed.TelephonyLinkChanged(at=MORNING + 25, connected=False),
    )
    shown = blind.snapshot(MORNING + 60)
    assert (shown.connected, shown.stale_since, shown.heroes.answered) == (False, MORNING + 20, 1)
    blind.apply(feed.FeedRecord(5, feed.TelephonyLinkChanged(at=MORNING + 70, connected=True)))
    assert blind.snapshot(MORNING + 71).connected


def test_a_record_that_came_twice_counts_once():
    board = board_after(*visit("c1", wait=15, result="answered"))
    assert not board.apply(feed.FeedRecord(2, visit("c1", wait=15, result="answered")[1]))
    assert board.snapshot(MORNING).heroes.answered == 1


def test_a_call_that_waited_over_midnight_counts_on_the_day_it_came():
    yesterday = DAY.timestamp() - 30
    shown = board_after(*visit("c1", wait=60, result="answered", at=yesterday)).snapshot(MORNING)
    assert (shown.heroes.offered, shown.curve.today_total) == (0, 0)


def test_who_is_answered_waits_no_longer_and_the_wait_ends_there():
    board = board_after(
        feed.CallQueued(at=MORNING, call="c1", queue="repair"),
        feed.TalkBegan(at=MORNING + 20, call="c1", leg="c1-1", agent="1001"),
    )
    assert board.snapshot(MORNING + 21).heroes.waiting == 0
    left = feed.CallLeftQueue(at=MORNING + 20.4, call="c1", queue="repair", result="answered")
    board.apply(feed.FeedRecord(3, left))
    assert board.snapshot(MORNING + 21).heroes.service_level == Ratio(1, 1)


def test_a_state_reported_again_keeps_its_beginning():
    shown = board_after(
        feed.AgentStateChanged(at=MORNING, agent="1001", state="wrap_up", call="c1", until=MORNING + 30),
        feed.AgentStateChanged(at=MORNING + 9, agent="1001", state="wrap_up", call="c1", until=MORNING + 60),
    ).snapshot(MORNING + 10)
    assert shown.states[4].longest_since == MORNING


def test_today_is_compared_with_last_week_until_the_same_time():
    past = [
        PastVisit(queue="repair", entered=9 * 3600 - 1, result="answered", wait=5),
        PastVisit(queue="repair", entered=9 * 3600 - 1, result="answered", wait=50),
        PastVisit(queue="repair", entered=9 * 3600, result="answered", wait=5),
    ]
    shown = Board(empty(past)).snapshot(MORNING)
    assert shown.heroes.service_level_week_ago == Ratio(1, 2)
    assert shown.curve.week_ago_until_now == 2
    assert (shown.curve.week_ago[17], shown.curve.week_ago[18]) == (2, 1)
    assert len(shown.curve.today) == 19


# The same events, counted twice: by the board, and by the queries over the rows that the history writes.

STEPS = ("queued", "talk", "left", "ended", "state", "link")
step_lists = st.lists(
    st.tuples(
        st.integers(-500_000, 40_000_000).map(lambda us: us / 1e6),
        st.sampled_from(STEPS),
        st.integers(0, 5),
        st.sampled_from(("repair", "rescue", "removed")),
        st.sampled_from(RESULTS),
        st.sampled_from(("ready", "talking", "break", "offline")),
    ),
    max_size=60,
)


def played(script: list[tuple[float, str, int, str, str, str]]) -> list[feed.HistoryEvent]:
    """Events as a feed may bring them, late, doubled and without their beginning too."""
    at, happened = MORNING - 600, list[feed.HistoryEvent]()
    for after, what, who, queue, result, state in script:
        at = round(at + after, 6)
        call, agent, leg = f"c{who}", f"100{who}", f"c{who}-1"
        outcome = {"abandoned": feed.Outcome.ABANDONED, "callback": feed.Outcome.CALLBACK}.get(
            result, feed.Outcome.LOST
        )
        happened.append(
            {
                "queued": feed.CallQueued(at=at, call=call, queue=queue),
                "talk": feed.TalkBegan(at=at, call=call, leg=leg, agent=agent),
                "left": feed.CallLeftQueue(at=at, call=call, queue=queue, result=result),
                "ended": feed.ContactEnded(at=at, call=call, outcome=outcome, by=feed.EndedBy.SYSTEM),
                "state": feed.AgentStateChanged(at=at, agent=agent, state=state, reason=queue),
                "link": feed.TelephonyLinkChanged(at=at, connected=True),
            }[what]
        )
    return happened


async def write(session: AsyncSession, happened: Sequence[feed.HistoryEvent]) -> None:
    await apply_all(session, [feed.FeedRecord(number, event) for number, event in enumerate(happened, 1)])


@asynccontextmanager
async def prepared_database() -> AsyncIterator[Database]:
    with TemporaryDirectory() as folder:
        database = sqlite_database(Path(folder) / "board.db")
        try:
            await prepare(database)
            yield database
        finally:
            await database.close()


async def prepare(database: Database) -> None:
    async with database.begin() as session:
        for position, queue in enumerate(QUEUES):
            session.add(
                QueueRow(
                    id=queue.id,
                    name_zh=queue.name_zh,
                    name_en=queue.name_en,
                    skill=queue.id,
                    position=position,
                    service_seconds=queue.thresholds.service_seconds,
                    short_abandon_seconds=queue.thresholds.short_abandon_seconds,
                    service_target_percent=queue.thresholds.target_percent,
                )
            )
        for number, one in empty().people.items():
            user = User(number=number, name=one.name_zh, name_en=one.name_en, password_hash="", roles="agent")
            session.add(user)
            await session.flush()
            session.add_all([AgentRow(user_id=user.id, team=one.team), AgentSkill(user_id=user.id, skill="x", level=1)])


async def board_from_rows(happened: Sequence[feed.HistoryEvent]) -> Board:
    async with prepared_database() as database:
        async with database.begin() as session:
            await write(session, happened)
        async with database.begin() as session:
            return Board(await queries.board_start(session, TODAY, ZONE))


@settings(max_examples=settings().max_examples // 4)  # each example makes a database
@pytest.mark.timeout(3600)
@given(step_lists, st.integers(0, 60))
def test_the_board_after_the_events_is_the_board_read_from_the_rows_at_any_moment(script, moment):
    happened = played(script)
    moment = min(moment, len(happened))
    from_events = board_after(*happened)
    from_rows = asyncio.run(board_from_rows(happened[:moment]))
    for number, event in enumerate(happened[moment:], moment + 1):
        from_rows.apply(feed.FeedRecord(number, event))
    now = MORNING + 3600
    assert from_rows.snapshot(now) == from_events.snapshot(now)


def test_last_week_is_read_half_open():
    async def ask() -> list[PastVisit]:
        edge = DAY.timestamp()
        async with prepared_database() as database, database.begin() as session:
            await write(
                session,
                [
                    *visit("before", wait=5, result="answered", at=edge - 0.001),
                    *visit("first", wait=5, result="answered", at=edge),
                    *visit("last", wait=5, result="answered", at=edge + 86400 - 0.001),
                    *visit("after", wait=5, result="answered", at=edge + 86400),
                ],
            )
            return await queries.past_visits(session, TODAY, ZONE)

    assert [v.entered for v in asyncio.run(ask())] == [0.0, 86399.999]


def test_a_board_of_one_queue_and_one_team_counts_only_these():
    board = board_after(
        *visit("c1", wait=15, result="answered"),
        *visit("c2", wait=15, result="abandoned", queue="rescue"),
        feed.CallQueued(at=MORNING, call="c3", queue="rescue"),
        feed.AgentStateChanged(at=MORNING, agent="1001", state="ready"),
        feed.AgentStateChanged(at=MORNING, agent="1002", state="ready"),
    )
    scope = BoardScope(queues=frozenset({"repair"}), teams=frozenset({"二组"}))
    shown = board.snapshot(MORNING + 60, scope)
    assert (shown.heroes.waiting, shown.heroes.offered, shown.heroes.abandon_rate) == (0, 1, Ratio(0, 1))
    assert ([line.id for line in shown.queues], shown.curve.today_total) == (["repair"], 1)
    assert [(line.name_zh, line.state) for line in shown.agents] == [("何俊", "ready")]
    assert (shown.signed_in, shown.heroes.can_take_a_call) == (1, 1)


def test_the_curves_show_the_shares_of_each_half_hour_of_the_clock():
    shown = board_after(
        *visit("c1", wait=15, result="answered"),
        *visit("c2", wait=30, result="answered", at=MORNING + 60),
        *visit("c3", wait=30, result="abandoned", at=MORNING + 1800),
    ).snapshot(MORNING + 3600)
    assert (shown.curve.level[18], shown.curve.level[19]) == (0.5, 0)
    assert (shown.curve.abandon[17], shown.curve.abandon[18], shown.curve.abandon[19]) == (None, 0, 1)
    assert (shown.curve.slot, len(shown.curve.level)) == (20, 21)


def test_on_the_day_the_clocks_go_back_nine_is_nine_and_last_sunday_is_compared_by_the_clock():
    zone = ZoneInfo("Europe/Berlin")
    day = date(2026, 10, 25)

    async def read() -> Board:
        async with prepared_database() as database:
            nine = datetime(2026, 10, 25, 9, tzinfo=zone).timestamp()
            then = datetime(2026, 10, 18, 9, tzinfo=zone).timestamp()
            async with database.begin() as session:
                happened = [*visit("a", wait=5, result="answered", at=then + 60)]
                happened += visit("b", wait=5, result="answered", at=nine + 60)
                await write(session, happened)
            async with database.begin() as session:
                start = await queries.board_start(session, day, zone)
                return Board(start, seconds_of_day=lambda at: seconds_of_day(from_instant(at), zone))

    shown = asyncio.run(read()).snapshot(datetime(2026, 10, 25, 9, 30, tzinfo=zone).timestamp())
    assert (shown.curve.today[18], shown.curve.week_ago[18], shown.curve.slot) == (1, 1, 19)
    assert shown.curve.week_ago_until_now == 1
