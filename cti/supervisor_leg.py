"""A supervisor's telephone on somebody's talk, and what it may need of Asterisk. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Supervision:
    """`mode` is what the supervisor wants: one of MODES, or TAKE; `leg` names the one of a take-over."""

    supervisor: str
    agent: str
    call: str
    mode: str
    uniqueid: str
    since: float
    channel: str = ""
    connected: bool = False
    heard: str = ""  # the mode that the dialplan is in
    was_ready: bool = False  # and shall be again
    leg: str = ""
    file: str = ""  # of the leg, below the recordings folder
    node: str = ""  # the Asterisk of the talk, and so of this phone's leg
    next: Supervision | None = None  # begins when this leg has ended: another talk, in another Asterisk


@dataclass(frozen=True, slots=True)
class Place:
    """Send the supervisor's leg to the mode that is wanted now."""

    supervision: Supervision


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring the supervisor's phone from the Asterisk of the talk; what it listened to in another one is over."""

    supervision: Supervision


@dataclass(frozen=True, slots=True)
class Join:
    """The supervisor's leg is ready and recorded: bring the customer to it."""

    supervision: Supervision


@dataclass(frozen=True, slots=True)
class Leave:
    """End the supervisor's leg: there is nobody to listen to."""

    channel: str


@dataclass(frozen=True, slots=True)
class Freed:
    """The supervisor's phone is free again."""

    supervisor: str


Wish = Place | Ring | Join | Leave | Freed
