"""What a menu needs of a telephone line. `cti.agi` gives it; tests give a scripted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


class CallerGone(Exception):
    """The caller hung up during a prompt or a question."""


NOT_UNDERSTOOD = "[unk]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of a question by voice: keys, or words with the recogniser's confidence (0 to 1), or neither.

    `words` is one of the expected phrases, letter by letter, where one was meant; NOT_UNDERSTOOD for speech that was
    none of them.
    """

    keys: str = ""
    words: str = ""
    confidence: float = 0.0


@runtime_checkable
class Listener(Protocol):
    """A line that can also listen. `cti` gives it where a recogniser of the language is at work."""

    def hears(self, language: str) -> bool:
        """Whether a question by voice may be asked in this language now; without it, keys only."""
        ...

    async def listen(
        self,
        prompts: tuple[str, ...],
        language: str,
        *,
        words: tuple[str, ...],
        seconds: float,
        digits: int,
        by_key: tuple[str, ...] | None = None,
    ) -> Heard:
        """Play, then wait up to `seconds` for speech or up to `digits` keys; either cuts the prompt.

        `words` are the phrases to expect, () = free speech. A recogniser that fails, even in the middle of an answer,
        gives what `ask` would give after `by_key`: None = the same prompts, () = no key can answer, so nothing at once.
        """
        ...


class Line(Protocol):
    """One caller who listens. Prompt names are files below the prompts folder, without language or ending."""

    async def play(self, prompts: tuple[str, ...], language: str) -> None: ...

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        """Play, then wait up to `seconds` for up to `digits` keys; keys cut the prompt. "" = nothing pressed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known when the menu begins. `language` "" = ask; `open` = agents are on duty now.

    `closure` is the prompt that announces an emergency closure, "" = there is none. `facts` are for the menu to decide
    on, e.g. class, nuisance, time: `ivr.conditions.FIRST_FACTS`. `unreached` = the menu goes on after this try.
    """

    call: str
    number: str
    entry: str
    matches: tuple[int, ...]
    language: str
    open: bool
    closure: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    unreached: PutThrough | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A node was entered at `at`, in seconds since 1970; `by` is what led there, e.g. a key, "" = nothing said."""

    node: str
    by: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How a caller came to the menu's result. `version` 0 = a flow that nobody published.

    `first` is the number of the first of these visits: who could not be put through goes on in the same menu.
    """

    flow: str
    version: int
    visits: tuple[Visit, ...]
    hung_up: bool = False
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """The menu's result: wait in this queue. `language_chosen` = pressed or remembered, so worth keeping.

    `tags` name agents who go first, `priority` is added to the caller's.
    """

    queue: str
    topic: str
    path: tuple[str, ...]
    language: str
    tags: tuple[str, ...] = ()
    priority: int = 0
    language_chosen: bool = False
    walked: Walked | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The menu's result: the call is over, with this outcome (a word of crm_core.history.events.Outcome)."""

    outcome: str
    path: tuple[str, ...]
    language: str
    language_chosen: bool = False
    walked: Walked | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage:
    """The menu's result: the caller leaves a voice message; who says nothing ends with `outcome`."""

    topic: str
    outcome: str
    path: tuple[str, ...]
    language: str
    language_chosen: bool = False
    walked: Walked | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutThrough:
    """The menu's result: connect the caller with `number`, or with the dealer of this id, within `ring` seconds.

    Nobody has allowed it yet. `place` is where the menu goes on when nobody is reached: give it back in
    `Caller.unreached`. It holds what the caller has keyed, so it is written nowhere.
    """

    number: str
    dealer: str
    ring: int
    topic: str
    path: tuple[str, ...]
    language: str
    place: Any = field(repr=False, compare=False)
    language_chosen: bool = False
    walked: Walked | None = field(default=None, compare=False)


Result = Enqueue | Finish | TakeMessage | PutThrough
