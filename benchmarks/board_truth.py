"""What the wallboard must show at one feed number, counted again from the journal, from its first record on.

Written without reports.wallboard and without reports.metrics, so that a mistake there is not made here too. It is slow:
every number is a recount of the whole day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from benchmarks.board_platform import QUEUES
from crm_core.history import events
from crm_core.history.events import FeedRecord, Outcome

SERVICE_SECONDS, SHORT_SECONDS = 20, 5  # of the queues that the measurement makes
STATES = ("ready", "ringing", "talking", "hold", "wrap_up", "break")
_ENDED_AS = {Outcome.ABANDONED: "abandoned", Outcome.VOICEMAIL: "voicemail", Outcome.CALLBACK: "callback"}


@dataclass(slots=True)
class Stay:
    """One call in one queue. `result` "" = it is not over."""

    queue: str
    entered: float
    answered: float | None = None
    result: str = ""
    wait: float = 0.0

    def end(self, result: str, at: float) -> None:
        self.result = result
        self.wait = (at if self.answered is None else self.answered) - self.entered


@dataclass(slots=True)
class Truth:
    """All stays until one number, and the state of every agent who is signed in."""

    stays: dict[str, list[Stay]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def queue(self, queue: str | None = None) -> tuple[int, int, int, Fraction | None, Fraction | None]:
        """Waiting, offered, abandoned, abandon rate, service level of one queue, or of all."""
        stays = [stay for more in self.stays.values() for stay in more if queue in (None, stay.queue)]
        waiting = sum(not stay.result and stay.answered is None for stay in stays)
        over = [stay for stay in stays if stay.result not in ("", "overflow")]
        answered = [stay for stay in over if stay.result == "answered"]
        abandoned = [stay for stay in over if stay.result == "abandoned"]
        short = sum(stay.wait < SHORT_SECONDS for stay in abandoned)
        in_time = sum(stay.wait <= SERVICE_SECONDS for stay in answered)
        rate = _share(len(abandoned) - short, len(over) - short)
        return waiting, len(over), len(abandoned), rate, _share(in_time, len(answered) + len(abandoned) - short)


def truth_at(records: Iterable[FeedRecord], number: int) -> Truth:
    """Everything up to and with `number`."""
    truth = Truth()
    for record in records:
        if record.number > number:
            break
        _take(truth, record.event)
    return truth


def _take(truth: Truth, event: events.HistoryEvent) -> None:
    if isinstance(event, events.AgentStateChanged):
        truth.states[event.agent] = event.state
        if event.state == "offline":
            del truth.states[event.agent]
        return
    stays = truth.stays.setdefault(str(getattr(event, "call", "")), [])
    last = stays[-1] if stays and not stays[-1].result else None
    match event:
        case events.CallQueued(queue=queue, at=at) if last is None or last.queue != queue:
            if last is not None:
                last.end("overflow", at)
            stays.append(Stay(queue, at))
        case events.TalkBegan(at=at) if last is not None and last.answered is None:
            last.answered = at
        case events.CallLeftQueue(queue=queue, result=result, at=at) if last is not None and last.queue == queue:
            last.end(result, at)
        case events.ContactEnded(outcome=outcome, at=at) if last is not None:
            last.end("answered" if last.answered is not None else _ENDED_AS.get(outcome, "lost"), at)


def expected_message(truth: Truth) -> dict[str, Any]:
    """The figures of a message of agent_desktop.board.wire, as the journal has them; see `told_by_message`."""
    return {
        "all": _line(truth.queue()),
        "abandoned": truth.queue()[2],
        "queues": {queue: _line(truth.queue(queue)) for queue in QUEUES},
        "signed_in": len(truth.states),
        "states": _states(truth),
    }


def told_by_message(board: dict[str, Any]) -> dict[str, Any]:
    def line(told: dict[str, Any]) -> tuple[Any, ...]:
        return told["waiting"], told["offered"], told["abandon"], told["level"]

    return {
        "all": line(board),
        "abandoned": board["abandoned"],
        "queues": {told["id"]: line(told) for told in board["queues"]},
        "signed_in": board["signed_in"],
        "states": {told["state"]: told["agents"] for told in board["states"]},
    }


def expected_screen(truth: Truth) -> dict[str, Any]:
    """The texts that must stand on the screen; see `benchmarks.board.READ`."""
    waiting, offered, abandoned, rate, level = truth.queue()
    return {
        "waiting": str(waiting),
        "abandon": _percent(rate),
        "level": _percent(level),
        "counts": [str(abandoned), str(offered)],
        "states": {state: str(count) for state, count in _states(truth).items()},
        "queues": [[str(figure) for figure in truth.queue(queue)[:2]] for queue in QUEUES],
    }


def _line(figures: tuple[int, int, int, Fraction | None, Fraction | None]) -> tuple[Any, ...]:
    waiting, offered, _, rate, level = figures
    return waiting, offered, _nine(rate), _nine(level)


def _states(truth: Truth) -> dict[str, int]:
    counted = Counter(truth.states.values())
    return {state: counted[state] for state in STATES}


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _nine(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 9)


def _percent(share: Fraction | None) -> str:
    """Tenths of a percent in whole numbers, a half goes up: 1 of 16 is 6.3%."""
    if share is None:
        return "—"
    tenths = (2000 * share.numerator + share.denominator) // (2 * share.denominator)
    return f"{tenths // 10}.{tenths % 10}%"
