"""The wallboard's state: counts from the database at one feed number, then every event after it. No I/O, no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate

from crm_core.clock import from_instant
from crm_core.history import events
from crm_core.history.projection import result_of_open_visit
from reports.metrics import ABANDON_RATE, SERVICE_LEVEL, QueueCounts, Thresholds, count_visit, total
from reports.wallboard_view import (
    HALF_HOUR,
    STATES,
    AgentNow,
    BoardSnapshot,
    BoardStart,
    Curve,
    Heroes,
    OpenVisit,
    PastVisit,
    QueueLine,
    QueueOnBoard,
    StateLine,
)


class Board:
    """Feed it every record in order; records up to the starting number are passed over.

    A board is for one day: at `day_end` start another. What the database does not keep is told beside it:
    agents whose phone cannot be rung at the start, and since when the link to Asterisk is down, if it is.
    """

    def __init__(
        self, start: BoardStart, unreachable: frozenset[str] = frozenset(), stale_since: float | None = None
    ) -> None:
        self.number, self.day_start, self.day_end = start.number, start.day_start, start.day_end
        self._queues = {queue.id: queue for queue in start.queues}
        self._names = start.names
        self._counts = dict(start.counts)
        self._arrivals = list(start.arrivals)
        self._visits = dict(start.visits)
        self._ended = set(start.ended)
        self._agents = dict(start.agents)
        self._unreachable = set(unreachable)
        self._stale_since = stale_since
        self._past = _PastDay(start.week_ago, self._thresholds, len(self._arrivals))

    def apply(self, record: events.FeedRecord) -> bool:
        """Take in one record; False when it was counted before."""
        if record.number <= self.number:
            return False
        self.number = record.number
        match record.event:
            case events.CallQueued(call=call, queue=queue, at=at):
                self._entered(call, queue, at)
            case events.TalkBegan(call=call, at=at):
                self._answered(call, at)
            case events.CallLeftQueue(call=call, queue=queue, result=result, at=at):
                if call in self._visits and self._visits[call].queue == queue:
                    self._left(call, result, at)
            case events.ContactEnded() as event:
                self._contact_ended(event)
            case events.AgentStateChanged() as event:
                self._agent_changed(event)
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

    # These follow crm_core.history.projection step by step: the board is what the rows will say.

    def _entered(self, call: str, queue: str, at: float) -> None:
        visit = self._visits.get(call)
        if call in self._ended or (visit and visit.queue == queue):
            return
        if visit:
            self._left(call, "overflow", at)
        self._visits[call] = OpenVisit(queue, at)
        self._arrived(at, 1)

    def _answered(self, call: str, at: float) -> None:
        visit = self._visits.get(call)
        if visit and visit.answered is None:
            self._visits[call] = visit._replace(answered=at)

    def _left(self, call: str, result: str, at: float) -> None:
        """The wait ends with the answer, also when the feed tells a moment later that the queue was left."""
        queue, entered, answered = self._visits.pop(call)
        if not self.day_start <= entered < self.day_end:
            return  # it entered yesterday and is counted there
        left = at if answered is None else answered
        wait = max(0.0, (from_instant(left) - from_instant(entered)).total_seconds())
        counted = count_visit(result, wait, self._thresholds(queue))
        self._counts[queue] = self._counts.get(queue, QueueCounts()) + counted
        if result == "overflow":
            self._arrived(entered, -1)

    def _contact_ended(self, event: events.ContactEnded) -> None:
        self._ended.add(event.call)
        visit = self._visits.get(event.call)
        if visit:
            self._left(event.call, result_of_open_visit(event.outcome, answered=visit.answered is not None), event.at)

    def _agent_changed(self, event: events.AgentStateChanged) -> None:
        before = self._agents.get(event.agent)
        now = AgentNow(event.state, event.at, event.reason, event.call)
        if event.state == "offline":
            self._agents.pop(event.agent, None)
        elif before is None or before._replace(since=event.at) != now:
            self._agents[event.agent] = now

    def _arrived(self, at: float, count: int) -> None:
        if self.day_start <= at < self.day_end:
            self._arrivals[int((at - self.day_start) // HALF_HOUR)] += count

    def _thresholds(self, queue: str) -> Thresholds:
        known = self._queues.get(queue)
        return known.thresholds if known else Thresholds()

    def _shown_queues(self) -> list[QueueOnBoard]:
        """The queues in their order, then those that were removed but had callers today, so that sums agree."""
        counted = {queue for queue, counts in self._counts.items() if counts.offered}
        gone = sorted((counted | {visit.queue for visit in self._visits.values()}) - set(self._queues))
        return [
            *self._queues.values(),
            *(QueueOnBoard(id=queue, name_zh=queue, name_en=queue, thresholds=Thresholds()) for queue in gone),
        ]

    def _waiting(self) -> list[OpenVisit]:
        return [visit for visit in self._visits.values() if visit.answered is None]

    def _queue_line(self, queue: QueueOnBoard) -> QueueLine:
        counts = self._counts.get(queue.id, QueueCounts())
        entered = [visit.entered for visit in self._waiting() if visit.queue == queue.id]
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
        inside = [(now.since, agent) for agent, now in self._agents.items() if now.state == state]
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

    def _heroes(self, at: float) -> Heroes:
        counts = total(self._counts.values())
        waiting = self._waiting()
        since, queue = min(((visit.entered, visit.queue) for visit in waiting), default=(None, ""))
        _, week_ago = self._past.until(at - self.day_start)
        seconds = {queue.thresholds.service_seconds for queue in self._queues.values()}
        targets = {queue.thresholds.target_percent for queue in self._queues.values()}
        ready = {agent for agent, now in self._agents.items() if now.state == "ready"}
        return Heroes(
            waiting=len(waiting),
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
