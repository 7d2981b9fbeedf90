"""A talk as text while it goes on: its lines, and what the screen says of it. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

MOST_LINES = 400  # of one talk; older ones leave the screen, the recording's own text has them


class Side(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"


class TextState(StrEnum):
    """What becomes of the words now."""

    OFF = "off"  # switched off for this site or this queue
    NO_MODEL = "no_model"  # for the talk's language
    LATER = "later"  # no processor to spare: the recording becomes text after the call
    LISTENING = "listening"
    HELD = "held"  # the customer hears music: hold or consult
    PAUSED = "paused"  # the recording pauses for something private
    AWAY = "away"  # the recogniser is being started again


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """`number` is the line's own while it grows, `at` when it began. `cut` = its rest was lost with the recogniser."""

    number: int
    side: Side
    at: float
    words: str
    over: bool = False
    cut: bool = False
    ends: tuple[float, ...] = ()  # of a line that is over: when each word had been said, seconds since 1970
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkTextView:
    """One agent's talk as text at this moment. `version` grows with each change of it or of one of its lines."""

    call: str
    leg: str
    agent: str
    queue: str
    language: str
    began_at: float
    state: TextState
    version: int
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTextFigures:
    """What recognition of talks can do now; 0 processes = off. `models`, `ready`: languages, `of_a_talk`: cores."""

    processes: int = 0
    models: frozenset[str] = frozenset()
    ready: frozenset[str] = frozenset()
    talks: int = 0
    most: int = 0
    of_a_talk: float = 0.0


class TalkText:
    """Lines of both sides in the order in which they began; each side has at most one that still grows."""

    def __init__(self, *, call: str, leg: str, agent: str, queue: str, language: str, began_at: float) -> None:
        self.call, self.leg, self.agent, self.queue = call, leg, agent, queue
        self.language, self.began_at = language, began_at
        self.state = TextState.LATER
        self.version = 1
        self._lines: list[TextLine] = []
        self._numbers = 0

    def become(self, state: TextState) -> bool:
        """False when it was so before."""
        if state is self.state:
            return False
        self.state = state
        self.version += 1
        return True

    def grow(self, side: Side, at: float, words: str) -> bool:
        """The words so far of what this side began to say at `at`. False when nothing changed."""
        running = self._running(side)
        if not words or (running is not None and running.words == words):
            return False
        if running is None:
            self._numbers += 1
            self._lines = [*self._lines[1 - MOST_LINES :], TextLine(number=self._numbers, side=side, at=at, words="")]
            running = self._lines[-1]
        self._put(replace(running, words=words))
        return True

    def end(self, side: Side, at: float, words: str, *, cut: bool = False, ends: tuple[float, ...] = ()) -> bool:
        """What this side said is complete; "" = the words so far stand, if there are any."""
        changed = self.grow(side, at, words)
        running = self._running(side)
        if running is None:
            return changed
        self._put(replace(running, over=True, cut=cut, ends=ends))
        return True

    def _running(self, side: Side) -> TextLine | None:
        return next((line for line in reversed(self._lines) if line.side is side and not line.over), None)

    def _put(self, line: TextLine) -> None:
        self.version += 1
        fresh = replace(line, version=self.version)
        self._lines = [fresh if one.number == line.number else one for one in self._lines]

    @property
    def view(self) -> TalkTextView:
        return TalkTextView(
            call=self.call,
            leg=self.leg,
            agent=self.agent,
            queue=self.queue,
            language=self.language,
            began_at=self.began_at,
            state=self.state,
            version=self.version,
            lines=tuple(self._lines),
        )

    def last_words(self, side: Side, since: float) -> str:
        """What this side has said completely since then."""
        return " ".join(line.words for line in self._lines if line.side is side and line.over and line.at >= since)
