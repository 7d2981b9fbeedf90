"""A call from the screen that proves a line: sent, ringing, answered, hung up, and why. No contact, in no figure.

The channel's id is `line-<16 hex digits>`; whoever answers hears a sentence in `hl-line-test`, and is hung up.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crm_core.errors import Refused
from cti.frames import Frame

TESTS = "line-"
KEPT = 50
RING_SECONDS = 40
NO_WAY = 20  # Q.850: the carrier is known to be away, and nothing was sent


class Step(StrEnum):
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class OneAtATime(Refused):
    def __init__(self) -> None:
        super().__init__("Your test call still runs. End it, or wait until it is over.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTest:
    """`steps` with their times; `sip` the carrier's answer and `cause` Asterisk's (Q.850), 0 = none, once it has ended.

    `digits` is E.164 without plus, `way` what was sent: number@endpoint.
    """

    id: str
    by: str
    digits: str
    way: str
    trunk: str
    steps: tuple[tuple[Step, float], ...] = ()
    sip: int = 0
    cause: int = 0

    @property
    def ended(self) -> bool:
        return bool(self.steps) and self.steps[-1][0] is Step.ENDED

    @property
    def answered(self) -> bool:
        return any(step is Step.ANSWERED for step, _ in self.steps)


@dataclass(slots=True)
class LineTests:
    """By the person who makes them: each has one at a time. Told every frame of Asterisk's."""

    _tests: OrderedDict[str, LineTest] = field(default_factory=OrderedDict)

    def require_free(self, by: str) -> None:
        """OneAtATime while this person's last one runs."""
        before = self._tests.get(by)
        if before is not None and not before.ended:
            raise OneAtATime

    def begin(self, by: str, digits: str, way: str, trunk: str) -> LineTest:
        fresh = LineTest(id=f"{TESTS}{secrets.token_hex(8)}", by=by, digits=digits, way=way, trunk=trunk)
        self._tests[by] = fresh
        self._tests.move_to_end(by)
        if len(self._tests) > KEPT:
            self._tests.popitem(last=False)
        return fresh

    def of(self, by: str) -> LineTest | None:
        return self._tests.get(by)

    def all(self) -> tuple[LineTest, ...]:
        return tuple(self._tests.values())

    def running(self) -> int:
        return sum(not one.ended for one in self._tests.values())

    def over(self, by: str, at: float, *, sip: int = 0, cause: int = 0) -> None:
        """It ended, or was never made."""
        one = self._tests.get(by)
        if one is not None and not one.ended:
            self._tests[by] = replace(one, steps=(*one.steps, (Step.ENDED, at)), sip=sip, cause=cause)

    def hear(self, frame: Frame, at: float) -> bool:
        """True when it told of a test."""
        one = self._of_frame(frame)
        if one is None or one.ended:
            return False
        if frame.event == "Hangup":
            code, cause = frame.get("TechCause"), frame.get("Cause")
            sip = int(code) if code.isdigit() else 0
            self.over(one.by, at, sip=sip, cause=int(cause) if cause.isdigit() else 0)
            return True
        if frame.event == "OriginateResponse":
            if frame.get("Response") == "Success" or one.steps:  # its channel's end says more
                return False
            self.over(one.by, at, cause=NO_WAY)
            return True
        step = _step(frame)
        if step is None or any(done is step for done, _ in one.steps):
            return False
        self._tests[one.by] = replace(one, steps=(*one.steps, (step, at)))
        return True

    def _of_frame(self, frame: Frame) -> LineTest | None:
        """An order for which there was no channel is answered without its id, but with what was to be called."""
        uniqueid = frame.get("Uniqueid")
        if uniqueid.startswith(TESTS):
            return next((test for test in self._tests.values() if test.id == uniqueid), None)
        if frame.event != "OriginateResponse":
            return None
        channel = frame.get("Channel")
        return next((one for one in self._tests.values() if channel == f"PJSIP/{one.way}" and not one.ended), None)


_STATES: Mapping[str, Step] = {"Ringing": Step.RINGING, "Up": Step.ANSWERED}


def _step(frame: Frame) -> Step | None:
    if frame.event == "Newchannel":
        return Step.SENT
    return _STATES.get(frame.get("ChannelStateDesc")) if frame.event == "Newstate" else None


def origination(test: LineTest, shown: str) -> dict[str, str | list[str]]:
    """The order to Asterisk; `shown` is the number that the called person sees."""
    return {
        "Action": "Originate",
        "Channel": f"PJSIP/{test.way}",
        "Context": "hl-line-test",
        "Exten": "s",
        "Priority": "1",
        "Async": "true",
        "Timeout": str(RING_SECONDS * 1_000),
        "CallerID": shown,
        "ChannelId": test.id,
        "Variable": ["HL_ROLE=trial"],
    }
