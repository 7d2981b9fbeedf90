"""How many talks can become text at once on this machine, told from what recognition has cost so far. No I/O, no clock.

A talk that has no room becomes text after it has ended. Calls, menus and pages come first: recognition never gets the
whole machine, and when it falls behind all the same, the newest talk is given up for the others.
"""

from __future__ import annotations

from dataclasses import dataclass

ONE_PROCESS = 0.9  # of a core: a recogniser process works on one piece of sound at a time
OF_THE_MACHINE = 0.6  # of all cores; the rest is Asterisk's, the platform's and the menus'
FIRST_COST, FIRST_COST_SECONDS = (
    0.30,
    30.0,
)  # processor seconds per second of speech until it is known; what that weighs
FIRST_SPEECH, FIRST_SPEECH_SECONDS = 0.9, 300.0  # seconds of speech, both sides together, per second of talk; likewise
LEAST_SPEECH = 0.6  # a quiet minute is no promise for the next one
MEMORY_SECONDS = 900.0  # of speech and of talk: older figures fade
SPARE = 0.2  # cores that must be idle beside the new talk
BEHIND = 0.6  # seconds of speech that are not understood yet: no more talks now
FAR_BEHIND, PATIENCE = 2.0, 5.0  # so far for so long, and one talk is given up
REST_SECONDS = 30.0  # after that nobody new


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Of one look to the next, in seconds: processor time of the recognisers, speech given to them, talks' time.

    `behind` is the worst of all sides now, `idle` how many cores had nothing to do.
    """

    seconds: float
    processor: float
    speech: float
    talk: float
    behind: float
    idle: float


class LiveLoad:
    """`take` each look's figures; `admits` and `gives_up` follow from them."""

    def __init__(self, *, processes: int, cores: int, spare: float = SPARE) -> None:
        self._spare = spare
        self.processes = processes
        self.room = min(processes * ONE_PROCESS, cores * OF_THE_MACHINE)
        self._processor, self._speech = FIRST_COST * FIRST_COST_SECONDS, FIRST_COST_SECONDS
        self._said, self._talk = FIRST_SPEECH * FIRST_SPEECH_SECONDS, FIRST_SPEECH_SECONDS
        self._behind, self._idle = 0.0, float(cores)
        self._late = 0.0  # for how long far behind
        self._resting = 0.0

    @property
    def cost(self) -> float:
        """Processor seconds per second of speech."""
        return self._processor / self._speech

    @property
    def of_a_talk(self) -> float:
        """Cores that one talk takes."""
        return self.cost * max(LEAST_SPEECH, self._said / self._talk)

    @property
    def most(self) -> int:
        """Talks for which recognition itself has room."""
        return int(self.room / self.of_a_talk + 1e-6)

    def take(self, spent: Spent) -> None:
        if spent.speech > 0 and spent.processor >= 0:
            self._processor, self._speech = _faded(self._processor, self._speech, spent.processor, spent.speech)
        if spent.talk > 0:
            self._said, self._talk = _faded(self._said, self._talk, spent.speech, spent.talk)
        self._behind, self._idle = spent.behind, spent.idle
        self._late = self._late + spent.seconds if spent.behind > FAR_BEHIND else 0.0
        self._resting = max(0.0, self._resting - spent.seconds)

    def admits(self, talks: int) -> bool:
        """Whether one more than these `talks` may be understood from now on."""
        if self._resting or self._behind > BEHIND:
            return False
        return talks + 1 <= self.most and self._idle >= self.of_a_talk + self._spare

    def gives_up(self) -> bool:
        """Whether the newest talk is to be left to the time after the call; nobody new comes for a while then."""
        if self._late < PATIENCE:
            return False
        self._late, self._resting = 0.0, REST_SECONDS
        return True


def _faded(cost: float, amount: float, more_cost: float, more: float) -> tuple[float, float]:
    """The sums with the new ones, of at most MEMORY_SECONDS."""
    cost, amount = cost + more_cost, amount + more
    kept = min(1.0, MEMORY_SECONDS / amount)
    return cost * kept, amount * kept
