"""What a menu needs of a telephone line. `cti.agi` gives it; tests give a scripted one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class CallerGone(Exception):
    """The caller hung up during a prompt or a question."""


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
