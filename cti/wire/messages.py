"""What goes over the bus, each message one JSON object. What comes from it is checked before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from acd.dialer import PacingFigures
from crm_core.history.codec import TYPES, encode
from crm_core.history.events import FeedRecord, HistoryEvent
from cti.lines_seen import LinesSeen
from cti.talk_text import LiveTextFigures, TalkTextView
from cti.views import CallbackView, DeskView, ParkedView, SupervisionView, WaitingView

WIRE: Literal[1] = 1
"""The version of these messages. Processes of another one do not understand each other, and say so."""


class Unreadable(ValueError):
    """The message is of another version, or no message of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What has happened, and what is seen differently since; None and () = as before, `whole` = nothing is left out.

    `number` is the feed's last one, `records` are those since the message before, as the journal writes them. `desks`
    are those that changed, `left` who has none any more. A talk in `texts` has only its lines that changed;
    `silent` are agents whose talk is over.
    """

    v: Literal[1] = WIRE
    epoch: int
    sequence: int
    number: int
    at: float
    connected: bool
    whole: bool = False
    records: tuple[dict[str, Any], ...] = ()
    desks: tuple[DeskView, ...] = ()
    left: tuple[str, ...] = ()
    waiting: tuple[WaitingView, ...] | None = None
    parked: tuple[ParkedView, ...] | None = None
    callbacks: tuple[CallbackView, ...] | None = None
    supervised: tuple[SupervisionView, ...] | None = None
    recordings_full: float = 0.0
    trunks_away: tuple[str, ...] = ()
    asterisks: int = 1
    asterisks_away: tuple[int, ...] = ()
    proxy_away: bool = False
    lines: LinesSeen | None = None
    texts: tuple[TalkTextView, ...] = ()
    silent: tuple[str, ...] = ()
    figures: LiveTextFigures | None = None
    paces: dict[int, PacingFigures] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`id` is the same each time it is asked. `deadline` in seconds since 1970: it is not begun after that."""

    v: Literal[1] = WIRE
    epoch: int
    id: str
    worker: str
    name: str
    deadline: float
    given: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A crm_core.errors.PlatformError with its words; `details` are pairs of a catalogue key and its gaps."""

    status: int
    message_id: str
    values: dict[str, str | int | float]
    details: tuple[tuple[str, dict[str, str | int | float]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`told` is the sequence of the message that shows what was done; 0 = nothing is to be seen."""

    v: Literal[1] = WIRE
    epoch: int
    id: str
    told: int = 0
    result: Any = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNews:
    """From the pages of one worker to those of all others: look again at this. `kind` is a word of agent_desktop."""

    v: Literal[1] = WIRE
    worker: str
    kind: str
    key: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall:
    """Who is there? Answered by each web worker on the line of answers to `id`."""

    v: Literal[1] = WIRE
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """One web worker. `connected` = it sees telephony, as of the feed's `number`."""

    v: Literal[1] = WIRE
    machine: str
    pid: int
    connected: bool
    number: int


Message = Told | Asked | Answered | PageNews | RollCall | Present
M = TypeVar("M", Told, Asked, Answered, PageNews, RollCall, Present)
_ADAPTERS: dict[type[Message], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Told, Asked, Answered, PageNews, RollCall, Present)
}


def to_bytes(message: Message) -> bytes:
    """`result` and `given` hold what JSON knows."""
    return orjson.dumps(message, default=_as_list, option=orjson.OPT_NON_STR_KEYS)


def _as_list(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, str):  # text that has no UTF-8 form is replaced, never refused
        return str.encode(value, errors="replace").decode()
    raise TypeError(type(value).__name__)


def read(kind: type[M], message: bytes) -> M:
    """Raises Unreadable."""
    try:
        found: M = _ADAPTERS[kind].validate_json(message)
    except ValidationError as wrong:
        raise Unreadable(f"{kind.__name__}: {wrong.errors(include_input=False)[0]}") from wrong
    return found


def as_told(record: FeedRecord) -> Any:
    return orjson.Fragment(encode(record).rstrip())


def as_record(values: dict[str, Any]) -> FeedRecord:
    """Raises Unreadable, also for a record of a kind that this version does not know."""
    try:
        number, name = int(values["n"]), values["e"]
        event = _event(name).validate_python({key: value for key, value in values.items() if key not in ("n", "e")})
    except (KeyError, TypeError, ValueError) as wrong:
        raise Unreadable(f"no record of the feed: {str(wrong)[:200]}") from wrong
    return FeedRecord(number, event)


@cache
def _event(name: str) -> TypeAdapter[HistoryEvent]:
    return TypeAdapter(TYPES[name])
