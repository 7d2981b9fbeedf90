"""What the loop takes from its inbox, one thing at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cti.ami import LinkDown, LinkUp
from cti.frames import Frame
from cti.menu import MenuReport


@dataclass(frozen=True, slots=True)
class OfferFailed:
    call: str
    leg: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Something did not fit: ask Asterisk."""


@dataclass(frozen=True, slots=True)
class NodeDue:
    """A node's time is over: it is given up when it has been away since `since`, or counts fully when linked since."""

    node: str
    since: float


@dataclass(frozen=True, slots=True)
class Order:
    """A person's wish: `work` is done in turn, its result or refusal is the future's."""

    work: Callable[[], None]
    done: asyncio.Future[None]

    def carry_out(self) -> None:
        if self.done.cancelled():
            return
        try:
            self.work()
        except Exception as refusal:
            self.done.set_exception(refusal)
        else:
            self.done.set_result(None)


Item = Frame | LinkUp | LinkDown | MenuReport | OfferFailed | Compare | NodeDue | Order
