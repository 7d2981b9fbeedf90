"""What a menu needs of a telephone line. `cti.agi` gives it; tests give a scripted one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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


class Listener(Protocol):
    """A line that can also listen. `cti` gives it where a recogniser of the language is at work."""

    def hears(self, language: str) -> bool:
        """Whether a question by voice may be asked in this language now; without it, keys only."""
        ...

    async def listen(
        self, prompts: tuple[str, ...], language: str, *, words: tuple[str, ...], seconds: float, digits: int
    ) -> Heard:
        """Play, then wait up to `seconds` for speech or up to `digits` keys; either cuts the prompt.

        `words` are the phrases to expect, () = free speech. A recogniser that fails gives what `ask` would give.
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

    `closure` is the prompt that announces an emergency closure, "" = there is none.
    """

    call: str
    number: str
    entry: str
    matches: tuple[int, ...]
    language: str
    open: bool
    closure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """The menu's result: wait in this queue. `language_chosen` = pressed or remembered, so worth keeping."""

    queue: str
    topic: str
    path: tuple[str, ...]
    language: str
    language_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The menu's result: the call is over, with this outcome (a word of crm_core.history.events.Outcome)."""

    outcome: str
    path: tuple[str, ...]
    language: str
    language_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage:
    """The menu's result: the caller leaves a voice message; who says nothing ends with `outcome`."""

    topic: str
    outcome: str
    path: tuple[str, ...]
    language: str
    language_chosen: bool = False
