"""The wallboard's state: counts from the database at one feed number, then every event after it. No I/O, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from crm_core.clock import from_instant
from crm_core.history import events
from crm_core.history.projection import result_of_open_visit
from crm_core.remembered import Remembered
from reports.board_days import PastDay, Today
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_SPEED_OF_ANSWER,
    SERVICE_LEVEL,
    QueueCounts,
    Thresholds,
    count_visit,
    total,
)
from reports.wallboard_view import (
    EVERYTHING,
    HALF_HOUR,
    SLOTS,
    STATES,
    AgentLine,
    AgentNow,
    BoardScope,
    BoardSnapshot,
    BoardStart,
    Curve,
    Heroes,
    OpenVisit,
    Person,
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
        self,
        start: BoardStart,
        unreachable: frozenset[str] = frozenset(),
        stale_since: float | None = None,
        *,
        seconds_of_day: Callable[[float], float] | None = None,
    ) -> None:
        """`seconds_of_day` tells what the site's clock shows at an instant; without it a day has 24 hours."""
        self.number, self.day_start, self.day_end = start.number, start.day_start, start.day_end
        self._of_day = seconds_of_day or (lambda at: at - start.day_start)
        self._queues = {queue.id: queue for queue in start.queues}
        self._people = start.people
        self._visits = dict(start.visits)
        self._ended = Remembered(start.ended)
        self._agents = dict(start.agents)
        self._unreachable = set(unreachable)
        self._stale_since = stale_since
        self._past = PastDay(start.week_ago, self._thresholds)
        self._arrivals: Counter[tuple[str, int]] = Counter()
        self._counts: dict[tuple[str, int], QueueCounts] = {}
        for visit in start.today:
            self._count(visit.queue, visit.entered, visit.result, visit.wait)
            if visit.result != "overflow":
                self._arrivals[visit.queue, int(visit.entered // HALF_HOUR)] += 1
        for open_visit in start.visits.values():
            self._arrived(open_visit.queue, open_visit.entered, 1)

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

    def snapshot(self, now: float, scope: BoardScope = EVERYTHING) -> BoardSnapshot:
        """The board at `now`, which only chooses the half hour and how much of last week's day is compared."""
        queues = self._shown_queues(scope)
        agents = self._shown_agents(scope)
        day = Today({queue.id for queue in queues}, self._arrivals, self._counts)
        return BoardSnapshot(
            number=self.number,
            at=now,
            day_start=self.day_start,
            connected=self._stale_since is None,
            stale_since=self._stale_since,
            heroes=self._heroes(now, queues, agents, day),
            answer_seconds=AVERAGE_SPEED_OF_ANSWER.of(total(day.per_queue.values())).value,
            queues=tuple(self._queue_line(queue, day) for queue in queues),
            states=tuple(self._state_line(state, agents) for state in STATES),
            agents=tuple(self._agent_line(agent, state) for agent, state in sorted(agents.items())),
            signed_in=len(agents),
            curve=self._curve(now, day),
        )

    # These follow crm_core.history.projection step by step: the board is what the rows will say.

    def _entered(self, call: str, queue: str, at: float) -> None:
        visit = self._visits.get(call)
        if call in self._ended or (visit and visit.queue == queue):
            return
        if visit:
            self._left(call, "overflow", at)
        self._visits[call] = OpenVisit(queue, at)
        self._arrived(queue, at, 1)

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
        self._count(queue, self._of_day(entered), result, wait)
        if result == "overflow":
            self._arrived(queue, entered, -1)

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

    def _count(self, queue: str, seconds: float, result: str, wait: float) -> None:
        slot = queue, int(seconds // HALF_HOUR)
        self._counts[slot] = self._counts.get(slot, QueueCounts()) + count_visit(result, wait, self._thresholds(queue))

    def _arrived(self, queue: str, at: float, count: int) -> None:
        if self.day_start <= at < self.day_end:
            self._arrivals[queue, int(self._of_day(at) // HALF_HOUR)] += count

    def _thresholds(self, queue: str) -> Thresholds:
        known = self._queues.get(queue)
        return known.thresholds if known else Thresholds()

    def _shown_queues(self, scope: BoardScope) -> list[QueueOnBoard]:
        """The queues in their order, then those that were removed but had callers today, so that sums agree."""
        counted = {queue for (queue, _), counts in self._counts.items() if counts.offered}
        gone = sorted((counted | {visit.queue for visit in self._visits.values()}) - set(self._queues))
        all_queues = [
            *self._queues.values(),
            *(QueueOnBoard(id=queue, name_zh=queue, name_en=queue, thresholds=Thresholds()) for queue in gone),
        ]
        return [queue for queue in all_queues if scope.queues is None or queue.id in scope.queues]

    def _shown_agents(self, scope: BoardScope) -> dict[str, AgentNow]:
        return {agent: now for agent, now in self._agents.items() if scope.shows(self._person(agent), now)}

    def _person(self, agent: str) -> Person:
        return self._people.get(agent) or Person(agent, agent)

    def _waiting(self) -> list[OpenVisit]:
        return [visit for visit in self._visits.values() if visit.answered is None]

    def _queue_line(self, queue: QueueOnBoard, day: Today) -> QueueLine:
        counts = day.per_queue.get(queue.id, QueueCounts())
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

    def _state_line(self, state: str, agents: dict[str, AgentNow]) -> StateLine:
        inside = [(now.since, agent) for agent, now in agents.items() if now.state == state]
        since, agent = min(inside, default=(None, ""))
        name_zh, name_en, *_ = self._person(agent)
        longest = {"longest_agent": agent, "longest_name_zh": name_zh, "longest_name_en": name_en}
        return StateLine(state=state, agents=len(inside), longest_since=since, **longest)

    def _agent_line(self, agent: str, now: AgentNow) -> AgentLine:
        name_zh, name_en, *_ = self._person(agent)
        return AgentLine(
            agent=agent, name_zh=name_zh, name_en=name_en, state=now.state, since=now.since, reason=now.reason
        )

    def _heroes(self, at: float, queues: list[QueueOnBoard], agents: dict[str, AgentNow], day: Today) -> Heroes:
        counts = total(day.per_queue.values())
        waiting = [visit for visit in self._waiting() if visit.queue in day.queues]
        since, queue = min(((visit.entered, visit.queue) for visit in waiting), default=(None, ""))
        _, week_ago = self._past.until(self._of_day(at), day.queues)
        seconds = {queue.thresholds.service_seconds for queue in queues if queue.id in self._queues}
        targets = {queue.thresholds.target_percent for queue in queues if queue.id in self._queues}
        ready = {agent for agent, now in agents.items() if now.state == "ready"}
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

    def _curve(self, now: float, day: Today) -> Curve:
        slot = min(max(int(self._of_day(now) // HALF_HOUR), -1), SLOTS - 1)
        until_now, _ = self._past.until(self._of_day(now), day.queues)
        past = self._past.per_slot(day.queues)
        return Curve(
            slot=slot,
            today=day.arrivals[: slot + 1],
            week_ago=self._past.arrivals(day.queues),
            today_total=sum(day.arrivals),
            week_ago_until_now=until_now,
            level=tuple(SERVICE_LEVEL.of(counts).value for counts in day.per_slot[: slot + 1]),
            level_week_ago=tuple(SERVICE_LEVEL.of(counts).value for counts in past),
            abandon=tuple(ABANDON_RATE.of(counts).value for counts in day.per_slot[: slot + 1]),
            abandon_week_ago=tuple(ABANDON_RATE.of(counts).value for counts in past),
        )
