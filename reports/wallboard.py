"""The wallboard's state: counts from the database at one feed number, then every event after it. No I/O, no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate

from crm_core.history import events
from reports.metrics import ABANDON_RATE, SERVICE_LEVEL, QueueCounts, Thresholds, count_visit, total
from reports.wallboard_view import (
    HALF_HOUR,
    STATES,
    BoardSnapshot,
    BoardStart,
    Curve,
    Heroes,
    PastVisit,
    QueueLine,
    QueueOnBoard,
    StateLine,
)


class Board:
    """Feed it every record in order; records up to the starting number are passed over.

    A board is for one day: at `day_end` start another. Agents whose phone cannot be rung at the start are named
    by `unreachable`, because the database does not keep that.
    """

    def __init__(self, start: BoardStart, unreachable: frozenset[str] = frozenset()) -> None:
        self.number, self.day_start, self.day_end = start.number, start.day_start, start.day_end
        self._queues = {queue.id: queue for queue in start.queues}
        self._names = start.names
        self._counts = dict(start.counts)
        self._arrivals = list(start.arrivals)
        self._waiting = dict(start.waiting)
        self._agents = dict(start.agents)
        self._unreachable = set(unreachable)
        self._stale_since: float | None = None
        self._past = _PastDay(start.week_ago, self._thresholds, len(self._arrivals))

    def apply(self, record: events.FeedRecord) -> bool:
        """Take in one record; False when it was counted before."""
        if record.number <= self.number:
            return False
        self.number = record.number
        match record.event:
            case events.CallQueued(call=call, queue=queue, at=at):
                self._waiting[call] = (queue, at)
                self._arrived(at, 1)
            case events.CallLeftQueue(call=call, result=result, at=at):
                self._left(call, result, at)
            case events.ContactEnded(call=call, at=at):
                self._left(call, "lost", at)
            case events.AgentStateChanged(agent=agent, state="offline"):
                self._agents.pop(agent, None)
            case events.AgentStateChanged(agent=agent, state=state, at=at):
                self._agents[agent] = (state, at)
            case events.AgentReachabilityChanged(agent=agent, reachable=reachable):
                (self._unreachable.discard if reachable else self._unreachable.add)(agent)
            case events.TelephonyLinkChanged(connected=connected, at=at):
                self._stale_since = None if connected else self._stale_since or at
        return True

    def snapshot(self, now: float) -> BoardSnapshot:
        """The board at `now`, which only chooses the half hour and how much of last week's day is compared."""
        return BoardSnapshot(
            number=self.number,
            at=now,
            day_start=self.day_start,
            connected=self._stale_since is None,
            stale_since=self._stale_since,
            heroes=self._heroes(now),
            queues=tuple(self._queue_line(queue) for queue in self._shown_queues()),
            states=tuple(self._state_line(state) for state in STATES),
            signed_in=len(self._agents),
            curve=self._curve(now),
        )

    def _left(self, call: str, result: str, at: float) -> None:
        visit = self._waiting.pop(call, None)
        if visit is None:
            return
        queue, entered = visit
        if not self.day_start <= entered < self.day_end:
            return  # it entered yesterday and is counted there
        counted = count_visit(result, events.waited(entered, at), self._thresholds(queue))
        self._counts[queue] = self._counts.get(queue, QueueCounts()) + counted
        if result == "overflow":
            self._arrived(entered, -1)

    def _arrived(self, at: float, count: int) -> None:
        if self.day_start <= at < self.day_end:
            self._arrivals[int((at - self.day_start) // HALF_HOUR)] += count

    def _thresholds(self, queue: str) -> Thresholds:
        known = self._queues.get(queue)
        return known.thresholds if known else Thresholds()

    def _shown_queues(self) -> list[QueueOnBoard]:
        """The queues in their order, then those that were removed but had callers today, so that sums agree."""
        gone = sorted({*self._counts, *(queue for queue, _ in self._waiting.values())} - set(self._queues))
        return [
            *self._queues.values(),
            *(QueueOnBoard(id=queue, name_zh=queue, name_en=queue, thresholds=Thresholds()) for queue in gone),
        ]

    def _queue_line(self, queue: QueueOnBoard) -> QueueLine:
        counts = self._counts.get(queue.id, QueueCounts())
        entered = [since for name, since in self._waiting.values() if name == queue.id]
        return QueueLine(
            id=queue.id,
            name_zh=queue.name_zh,
            name_en=queue.name_en,
            waiting=len(entered),
            longest_since=min(entered, default=None),
            offered=counts.offered,
            answered=counts.answered,
            abandoned=counts.abandoned,
            abandon_rate=ABANDON_RATE.of(counts),
            service_level=SERVICE_LEVEL.of(counts),
            thresholds=queue.thresholds,
        )

    def _state_line(self, state: str) -> StateLine:
        inside = [(since, agent) for agent, (present, since) in self._agents.items() if present == state]
        since, agent = min(inside, default=(None, ""))
        name_zh, name_en = self._names.get(agent, (agent, agent))
        return StateLine(
            state=state,
            agents=len(inside),
            longest_since=since,
            longest_agent=agent,
            longest_name_zh=name_zh,
            longest_name_en=name_en,
        )

    def _heroes(self, now: float) -> Heroes:
        counts = total(self._counts.values())
        since, queue = min(((since, queue) for queue, since in self._waiting.values()), default=(None, ""))
        _, week_ago = self._past.until(now - self.day_start)
        seconds = {queue.thresholds.service_seconds for queue in self._queues.values()}
        targets = {queue.thresholds.target_percent for queue in self._queues.values()}
        ready = {agent for agent, (state, _) in self._agents.items() if state == "ready"}
        return Heroes(
            waiting=len(self._waiting),
            can_take_a_call=len(ready - self._unreachable),
            longest_since=since,
            longest_queue=queue,
            service_level=SERVICE_LEVEL.of(counts),
            service_level_week_ago=SERVICE_LEVEL.of(week_ago),
            service_seconds=seconds.pop() if len(seconds) == 1 else None,
            target_percent=targets.pop() if len(targets) == 1 else None,
            abandon_rate=ABANDON_RATE.of(counts),
            offered=counts.offered,
            answered=counts.answered,
            abandoned=counts.abandoned,
        )

    def _curve(self, now: float) -> Curve:
        running = int((now - self.day_start) // HALF_HOUR) + 1
        until_now, _ = self._past.until(now - self.day_start)
        return Curve(
            today=tuple(self._arrivals[: max(0, running)]),
            week_ago=self._past.half_hours,
            today_total=sum(self._arrivals),
            week_ago_until_now=until_now,
        )


class _PastDay:
    """Last week's visits by time of entry with running totals, so that "until now" is one look-up."""

    def __init__(self, visits: Sequence[PastVisit], thresholds: Callable[[str], Thresholds], half_hours: int) -> None:
        reached = sorted((v for v in visits if v.result != "overflow"), key=lambda v: v.entered)
        counted = [count_visit(v.result, v.wait, thresholds(v.queue)) for v in reached]
        per_half_hour = Counter(int(v.entered // HALF_HOUR) for v in reached)
        self._entered = [v.entered for v in reached]
        self._totals = list(accumulate(counted, initial=QueueCounts()))
        self.half_hours = tuple(per_half_hour[index] for index in range(half_hours))

    def until(self, offset: float) -> tuple[int, QueueCounts]:
        """How many visits began before `offset` seconds of that day, and what they counted."""
        index = bisect_left(self._entered, offset)
        return index, self._totals[index]
