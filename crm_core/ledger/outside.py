"""What others than our history know of a day's calls: Asterisk's event log and the recordings folder. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedTalk:
    """Somebody of ours, or somebody outside, hears the customer from `began` on (seconds since 1970)."""

    leg: str
    began: float
    agent: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One contact as Asterisk's log has it. Times are seconds since 1970; `ended` None = its end is not in the log.

    `said` is the outcome that the menu had written before the end, "" = none.
    """

    call: str
    inbound: bool
    started: float
    ended: float | None = None
    answered: float | None = None
    caller: str = ""
    entry: str = ""
    said: str = ""
    queue: str = ""
    talks: tuple[LoggedTalk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLog:
    """`first` and `last` are the times of its first and last line; None = there is no log."""

    calls: Mapping[str, LoggedCall] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFile:
    """A file of the recordings folder: `file` below it, its size in bytes, and when it was last written."""

    leg: str
    file: str
    size: int
    written: float
