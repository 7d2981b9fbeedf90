"""The nodes of which a menu is made. Names of nodes are the ways; what is said are names of prompts, or facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.questions import (
    AskAloud,
    Automatic,
    ChooseLanguage,
    Collect,
    Consent,
    Ending,
    Field,
    Menu,
    Prompts,
    Survey,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Automatic):
    """Plays its prompts to the end, then goes on."""

    kind: Literal["say"] = "say"
    prompts: Prompts
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Automatic):
    """Plays the announcement of the emergency closure, then goes on."""

    kind: Literal["announce"] = "announce"
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IfOpen(Automatic):
    """Parts the way by opening hours, and before them by an emergency closure ("" = it is closed like at night)."""

    kind: Literal["if_open"] = "if_open"
    open: str
    closed: str
    emergency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Automatic):
    """Has an operation of `ivr.operations` done; each result and "unavailable" needs its way. `given` are facts."""

    kind: Literal["do"] = "do"
    operation: str
    ways: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    prompts: Prompts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Field):
    """Holds when every fact of `when` is as wanted: a word, one of several, or e.g. ">= 5" (see `ivr.conditions`)."""

    when: Mapping[str, str | tuple[str, ...]]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Automatic):
    """The first case that holds is the way."""

    kind: Literal["decide"] = "decide"
    cases: tuple[Case, ...]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Ending):
    """An end: the caller waits in `queue`. `tags` name agents who go first, `priority` is added to the caller's."""

    kind: Literal["queue"] = "queue"
    queue: str
    topic: str
    prompts: Prompts = ()
    tags: tuple[str, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Ending):
    """An end: the caller leaves a voice message. Who says nothing ends with `outcome`."""

    kind: Literal["message"] = "message"
    topic: str = ""
    prompts: Prompts = ()
    outcome: str = "out_of_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack(Ending):
    """An end when a call back is booked for the fact `callback_number` ("" = the caller's own); else `refused`."""

    kind: Literal["callback"] = "callback"
    queue: str
    refused: str
    topic: str = ""
    prompts: Prompts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Ending):
    """An end when somebody outside answers: exactly one of `number`, `dealer` (an id of the records) or `fact`.

    `fact` holds a dealer's id, whoever gave it: only a dealer of the records is ever dialled for it. Who is not reached
    within `ring` seconds, or may not be put through, goes on at `unreachable`.
    """

    kind: Literal["transfer"] = "transfer"
    unreachable: str
    number: str = ""
    dealer: str = ""
    fact: str = ""
    topic: str = ""
    prompts: Prompts = ()
    ring: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Ending):
    """An end: the prompts are played and the call is over with this outcome."""

    kind: Literal["end"] = "end"
    outcome: str
    prompts: Prompts = ()


Questioning = Menu | Collect | AskAloud | ChooseLanguage | Consent | Survey
Node = Say | Announce | IfOpen | Do | Decide | Questioning | Queue | Message | CallBack | Transfer | End
