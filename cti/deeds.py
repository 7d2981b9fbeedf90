"""What the call book asks to be done: steps for the feed, the engine and Asterisk."""

from __future__ import annotations

from dataclasses import dataclass

from acd.commands import CancelTimer, StartTimer
from acd.events import Event
from crm_core.history.events import HistoryEvent
from cti.contacts import Contact


@dataclass(frozen=True, slots=True)
class Remember:
    """Write a variable on a channel, so that it outlives our process."""

    channel: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class BackToMusic:
    """Move this caller to the waiting music, unless a phone rings or somebody talks by then."""

    call: str


@dataclass(frozen=True, slots=True)
class BackToMenu:
    """This caller never came through the menu, because we were away: begin it again."""

    call: str


@dataclass(frozen=True, slots=True)
class ContactOver:
    """The contact is out of the book: a place that was kept for its customer may get its turn."""

    contact: Contact
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Lead `channel` to another place of the dialplan; `also` goes to its own place in the same instant, after it.

    `variables` (channel, name, value) are set before.
    """

    call: str
    channel: str
    context: str
    exten: str = "s"
    variables: tuple[tuple[str, str, str], ...] = ()
    also: str = ""
    also_context: str = ""
    also_exten: str = "s"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End this leg of the call, after what was ordered for the call before."""

    call: str
    channel: str


@dataclass(frozen=True, slots=True)
class Silence:
    """What this leg's recording holds from now on: nothing (`on`), or the talk again.

    `pause` is kept on the channel with it, so that a restarted platform knows that this was a pause, and whose.
    """

    call: str
    channel: str
    on: bool
    pause: str = ""


Deed = Move | HangUp | Silence
Step = HistoryEvent | Event | Remember | BackToMusic | BackToMenu | ContactOver | Deed | StartTimer | CancelTimer
"""In order: records for the feed, facts for the engine, and things to be done."""
