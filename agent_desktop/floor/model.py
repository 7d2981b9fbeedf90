"""The floor at one moment as rows for a page: figures, queues, callers, agents with the exceptions first. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent_desktop.floor.kept import KeptLine, kept_lines
from agent_desktop.floor.missing import MissingLine, missing
from agent_desktop.floor.queries import CallerName, Ground, QueueFacts
from agent_desktop.floor.scope import Scope
from agent_desktop.ports import CallView, DeskView, FloorView, SupervisionView, WaitingView
from crm_core.workforce.queries import AgentFacts
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_HANDLING_TIME,
    AVERAGE_SPEED_OF_ANSWER,
    OCCUPANCY,
    SERVICE_LEVEL,
    AgentTimes,
    QueueCounts,
    Ratio,
    total,
)

# After so long a leader looks at it. Seconds; the times of the design's floor page.
LONG_TALK, LONG_WRAP_UP, LONG_HOLD = 900, 120, 60
WAIT_WARN, WAIT_BREACH = 30, 60
_TALKING = ("talking", "hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`longest_since` None = nobody waits; `target` and `seconds` None = the queues differ."""

    waiting: int
    longest_since: float | None
    service_level: Ratio
    target: int | None
    seconds: int | None
    abandon_rate: Ratio
    answer: Ratio
    handling: Ratio
    occupancy: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    facts: QueueFacts
    waiting: int
    longest_since: float | None
    free: int
    on_duty: int
    level: Ratio
    kept_places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLine:
    view: WaitingView
    name: CallerName | None
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Why a leader should look: unreachable, long_talk, long_wrap_up, long_hold, over_break, missed or unrecorded."""

    word: str
    minutes: int = 0
    serious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    facts: AgentFacts
    view: DeskView
    state: str
    since: float
    caller: CallerName | None
    alarm: Alarm | None
    times: AgentTimes
    watched: tuple[SupervisionView, ...]

    @property
    def call(self) -> CallView | None:
        return self.view.call

    @property
    def groups(self) -> str:
        """The filters under which this row stands."""
        words = ["alarm"] if self.alarm else []
        if self.state in _TALKING:
            words.append("talking")
        return " ".join([*words, self.state])


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPicture:
    """True at feed number `number`. `connected` False = the link to Asterisk is down."""

    number: int
    at: float
    connected: bool
    figures: Figures
    queues: tuple[QueueLine, ...]
    callers: tuple[CallerLine, ...]
    agents: tuple[AgentLine, ...]
    recordings_full: float = 0.0
    trunks_away: tuple[str, ...] = ()
    asterisks: int = 1
    asterisks_away: tuple[int, ...] = ()
    proxy_away: bool = False
    missing: tuple[MissingLine, ...] = ()
    kept: tuple[KeptLine, ...] = ()


def floor_picture(
    floor: FloorView, ground: Ground, scope: Scope, names: Mapping[int, CallerName], now: float
) -> FloorPicture:
    """Only what the scope covers."""
    waiting = [caller for caller in floor.waiting if caller.queue in scope.queues]
    desks = [desk for desk in floor.agents if desk.agent in scope.agents and _is_at_work(desk, ground)]
    queues = [queue for queue in ground.queues if queue.id in scope.queues]
    return FloorPicture(
        number=floor.number,
        at=now,
        connected=floor.connected,
        figures=_figures(waiting, desks, queues, ground),
        queues=tuple(_queue(queue, waiting, floor, ground) for queue in queues),
        callers=tuple(
            CallerLine(view=caller, name=_name(caller.matches, names), place=place)
            for place, caller in enumerate(waiting, start=1)
        ),
        recordings_full=floor.recordings_full,
        trunks_away=floor.trunks_away,
        asterisks=floor.asterisks,
        asterisks_away=floor.asterisks_away,
        proxy_away=floor.proxy_away,
        agents=tuple(sorted((_agent(desk, floor, ground, names, now) for desk in desks), key=_order)),
        missing=missing({desk.agent for desk in floor.agents if desk.state != "offline"}, ground, scope, now),
        kept=kept_lines(floor.callbacks, scope, names),
    )


def one_agent(
    desk: DeskView, floor: FloorView, ground: Ground, names: Mapping[int, CallerName], now: float
) -> AgentLine | None:
    """The line of somebody, signed in or not; None for a number that nobody has."""
    return _agent(desk, floor, ground, names, now) if desk.agent in ground.people else None


def _is_at_work(desk: DeskView, ground: Ground) -> bool:
    """Who leads has a phone and no skills: nobody waits for them, and they are shown while they talk only."""
    facts = ground.people.get(desk.agent)
    return facts is not None and (bool(facts.skills) or desk.call is not None)


def _figures(waiting: list[WaitingView], desks: list[DeskView], queues: list[QueueFacts], ground: Ground) -> Figures:
    counts = total(ground.counts.get(queue.id, QueueCounts()) for queue in queues)
    times = _sum(ground.times.get(desk.agent, AgentTimes()) for desk in desks)
    targets = {queue.thresholds.target_percent for queue in queues}
    seconds = {queue.thresholds.service_seconds for queue in queues}
    return Figures(
        waiting=len(waiting),
        longest_since=min((caller.since for caller in waiting), default=None),
        service_level=SERVICE_LEVEL.of(counts),
        target=targets.pop() if len(targets) == 1 else None,
        seconds=seconds.pop() if len(seconds) == 1 else None,
        abandon_rate=ABANDON_RATE.of(counts),
        answer=AVERAGE_SPEED_OF_ANSWER.of(counts),
        handling=AVERAGE_HANDLING_TIME.of(times),
        occupancy=OCCUPANCY.of(times),
    )


def _sum(parts: Iterable[AgentTimes]) -> AgentTimes:
    talk = hold = wrap_up = idle = 0.0
    handled = 0
    for one in parts:
        talk, hold, wrap_up, idle = talk + one.talk, hold + one.hold, wrap_up + one.wrap_up, idle + one.idle
        handled += one.handled
    return AgentTimes(talk=talk, hold=hold, wrap_up=wrap_up, idle=idle, handled=handled)


def _queue(queue: QueueFacts, waiting: list[WaitingView], floor: FloorView, ground: Ground) -> QueueLine:
    here = [caller.since for caller in waiting if caller.queue == queue.id]
    people = ground.people
    able = [desk for desk in floor.agents if desk.agent in people and queue.skill in people[desk.agent].skills]
    return QueueLine(
        facts=queue,
        waiting=len(here),
        longest_since=min(here, default=None),
        free=sum(desk.state == "ready" and desk.reachable for desk in able),
        on_duty=sum(desk.state != "offline" for desk in able),
        level=SERVICE_LEVEL.of(ground.counts.get(queue.id, QueueCounts())),
        kept_places=sum(place.queue == queue.id for place in floor.callbacks),
    )


def _name(matches: tuple[int, ...], names: Mapping[int, CallerName]) -> CallerName | None:
    return names.get(matches[0]) if len(matches) == 1 else None


def _agent(desk: DeskView, floor: FloorView, ground: Ground, names: Mapping[int, CallerName], now: float) -> AgentLine:
    state, since = desk.state, desk.since
    call = desk.call
    if call is not None and call.phase == "hold" and call.hold_since:
        state, since = "hold", call.hold_since
    elif call is not None and state in _TALKING and call.answered_at:
        since = call.answered_at
    return AgentLine(
        facts=ground.people[desk.agent],
        view=desk,
        state=state,
        since=since,
        caller=_name(call.matches, names) if call is not None else None,
        alarm=alarm_of(desk, ground, now),
        times=ground.times.get(desk.agent, AgentTimes()),
        watched=tuple(one for one in floor.supervised if one.agent == desk.agent),
    )


def alarm_of(desk: DeskView, ground: Ground, now: float) -> Alarm | None:
    """The one thing about this agent that a leader should look at first."""
    if desk.state != "offline" and not desk.reachable:
        return Alarm(word="unreachable", serious=True)
    return _of_call(desk.call, now) if desk.call is not None else _of_state(desk, ground, now)


def _of_call(call: CallView, now: float) -> Alarm | None:
    if call.recording.state == "missing":
        return Alarm(word="unrecorded", serious=True)
    if call.answered_at and now - call.answered_at > LONG_TALK:
        return Alarm(word="long_talk", minutes=LONG_TALK // 60)
    if call.hold_since and now - call.hold_since > LONG_HOLD:
        return Alarm(word="long_hold", minutes=LONG_HOLD // 60)
    return None


def _of_state(desk: DeskView, ground: Ground, now: float) -> Alarm | None:
    spent = now - desk.since
    if desk.state == "wrap_up" and spent > LONG_WRAP_UP:
        return Alarm(word="long_wrap_up", minutes=LONG_WRAP_UP // 60)
    if desk.state == "break" and desk.reason == "missed":
        return Alarm(word="missed")
    planned = ground.break_minutes.get(desk.reason, 0) if desk.state == "break" else 0
    return Alarm(word="over_break", minutes=planned) if planned and spent > planned * 60 else None


_RANK = {"ringing": 1, "hold": 2, "talking": 2, "wrap_up": 3, "ready": 4, "break": 5, "offline": 6}


def _order(line: AgentLine) -> tuple[int, int, float, str]:
    alarm = line.alarm
    first = 0 if alarm is not None and alarm.serious else 1 if alarm is not None else 2
    return first, _RANK.get(line.state, 7), line.since, line.facts.number
