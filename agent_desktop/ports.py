"""What the pages ask of telephony. `cti.desk` answers; the pages know nothing else of the telephone.

Every refusal is a crm_core.errors.PlatformError. Times are seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from acd.dialer import PacingFigures
from crm_core.history.events import FeedRecord
from cti.line_tests import LineTest
from cti.lines_seen import LinesSeen
from cti.talk_text import LiveTextFigures, Side, TalkTextView, TextLine, TextState
from cti.views import (
    CallbackView,
    CallView,
    DeskView,
    FloorView,
    ParkedView,
    PartyView,
    PhoneAccount,
    RecordingView,
    SupervisionView,
    Target,
    WaitingView,
)
from ivr.heard_trial import HeardTrial

__all__ = [
    "CallControl",
    "CallView",
    "CallbackView",
    "Callbacks",
    "DeskView",
    "FeedSubscription",
    "FloorControl",
    "FloorView",
    "LineTest",
    "Lines",
    "LinesSeen",
    "LiveTextFigures",
    "MenuTrials",
    "PacingFigures",
    "ParkedView",
    "PartyView",
    "PhoneAccount",
    "RecordingControl",
    "RecordingView",
    "Side",
    "SupervisionView",
    "TalkTextView",
    "TalkTexts",
    "Target",
    "Telephony",
    "TextLine",
    "TextState",
    "WaitingView",
]


class FeedSubscription(Protocol):
    """Records in order, none missing; a reader too slow to follow is closed and must start again."""

    def __aiter__(self) -> AsyncIterator[FeedRecord]: ...


class CallControl(Protocol):
    """What the agent who has a call may do with it. `agent` is always the person who asks; a refusal says why."""

    async def consult(self, agent: str, target: Target) -> None:
        """The customer hears music, the target's phone rings; kinds agent, dealer and number."""
        ...

    async def hand_over(self, agent: str) -> None:
        """End a consult by giving the customer to the second party: the attended transfer."""
        ...

    async def back_to_customer(self, agent: str) -> None:
        """End a consult, answered or not, and talk with the customer again."""
        ...

    async def conference(self, agent: str) -> None:
        """All three talk."""
        ...

    async def leave_conference(self, agent: str) -> None:
        """The others go on without this agent."""
        ...

    async def drop_party(self, agent: str) -> None:
        """Send the second party away; the agent goes on with the customer."""
        ...

    async def transfer(self, agent: str, target: Target) -> None:
        """Blind: to an agent (rings there alone for a while, then the queue), a queue, a dealer or a number."""
        ...

    async def park(self, agent: str) -> str:
        """The customer hears music until a colleague picks up; gives the slot."""
        ...

    async def pick_up(self, agent: str, slot: str) -> None:
        """Take a parked call. Two who try: one gets it, the other a sentence."""
        ...

    async def drop_message(self, agent: str, message: str) -> None:
        """Play a recorded message to the other side and let the agent go on; the call ends after it."""
        ...

    async def send_digits(self, agent: str, digits: str) -> None:
        """DTMF to the other side, for desk phones and menus of others; the recording goes on."""
        ...


class RecordingControl(Protocol):
    """What of a talk is recorded. A pause ends by itself after the site's limit; `why` is button, key or field.

    It goes with the customer to whom the call is handed over, and ends when the call leaves the talk.
    """

    async def pause(self, agent: str, why: str) -> None:
        """Returns when nothing of the agent's talk is recorded any more."""
        ...

    async def resume(self, agent: str, why: str) -> None:
        """A field ends only a pause that it began."""
        ...

    async def pause_call(self, call: str, by: str) -> None:
        """For another system; `call` is the contact's id, `by` names the system."""
        ...

    async def resume_call(self, call: str, by: str) -> None: ...


class FloorControl(Protocol):
    """A supervisor's acts. `by` is the supervisor; whether it is one of their teams is checked by the pages."""

    async def supervise(self, by: str, agent: str, mode: str) -> None:
        """Listen, whisper or barge: ring the supervisor's own phone once, later change the mode without a gap."""
        ...

    async def stop_supervising(self, by: str) -> None: ...
    async def take_over(self, by: str, agent: str) -> None:
        """The customer talks with the supervisor from now on; the agent is in after-call work."""
        ...

    async def force(self, by: str, agent: str, state: str, reason: str = "") -> None:
        """ready, break or offline."""
        ...

    async def promote(self, by: str, call: str) -> None: ...
    async def move(self, by: str, call: str, queue: str) -> None: ...
    async def assign(self, by: str, call: str, agent: str) -> None: ...
    async def message(self, by: str, agents: tuple[str, ...], text: str) -> None: ...


class Callbacks(Protocol):
    """Places kept in queues; the open ones are in `FloorView.callbacks`."""

    async def cancel(self, by: str, callback: str) -> None: ...
    async def call_now(self, by: str, callback: str) -> None:
        """As soon as an agent is free, before others; also one whose next try is later."""
        ...


class MenuTrials(Protocol):
    """Menus that are tried by telephone: no contacts, in no figure."""

    async def call(self, by: str, heard: HeardTrial) -> None:
        """Ring the person's own phone, which hears this menu."""
        ...

    async def hang_up(self, by: str) -> None: ...


class Previews(Protocol):
    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        """Call the customer whose record this agent looked at; False = not now, the entry tells why."""
        ...


class TalkTexts(Protocol):
    """What is said in the talks that go on, as text."""

    @property
    def figures(self) -> LiveTextFigures: ...

    def of(self, agent: str) -> TalkTextView | None:
        """This agent's talk; None while the agent does not talk."""
        ...

    def watching(self, agent: str) -> AbstractContextManager[asyncio.Event]:
        """The event is set at every change of this agent's text; who waits for it clears it."""
        ...


class Lines(Protocol):
    """The lines to telephone companies: how they are, and test calls. A refusal says why."""

    def seen(self) -> LinesSeen: ...
    def watching(self) -> AbstractContextManager[asyncio.Event]:
        """The event is set at every change; who waits for it clears it."""
        ...

    async def test_call(self, by: str, number: str, trunk: str) -> LineTest:
        """Call the number by this trunk; whoever answers hears three tones."""
        ...

    async def end_test(self, by: str) -> None: ...


class Telephony(Protocol):
    @property
    def lines(self) -> Lines: ...
    @property
    def texts(self) -> TalkTexts: ...
    @property
    def calls(self) -> CallControl: ...
    @property
    def floor_control(self) -> FloorControl: ...
    @property
    def recordings(self) -> RecordingControl: ...
    @property
    def callbacks(self) -> Callbacks: ...
    @property
    def menu_trials(self) -> MenuTrials: ...
    @property
    def previews(self) -> Previews: ...

    async def sign_in(self, agent: str, *, ready: bool) -> None: ...
    async def sign_out(self, agent: str) -> None: ...
    async def go_ready(self, agent: str) -> None: ...
    async def take_break(self, agent: str, reason: str) -> None: ...
    async def plan_next(self, agent: str, state: str, reason: str = "") -> None: ...
    async def extend_wrap_up(self, agent: str) -> None: ...
    async def dial(self, agent: str, number: str, customer_id: int | None = None) -> str:
        """Ring the agent's own phone, then the customer; gives the contact's id.

        The desk's call is in phase "dialling" before the phone rings, so the page answers that INVITE by itself.
        """
        ...

    async def hang_up(self, agent: str) -> None: ...
    async def phone_account(self, agent: str, session: str) -> PhoneAccount:
        """A new SIP secret for this session; the one before stops working."""
        ...

    async def revoke_phone(self, agent: str) -> None:
        """End the registration and the secret within 5 s; a running call is hung up."""
        ...

    async def visitor_account(self) -> PhoneAccount:
        """An account for the customer-phone page; it can dial the hotline's numbers and nothing else."""
        ...

    async def workforce_changed(self) -> None:
        """Queues, agents or skills were edited: render, reload, tell the engine; no call is dropped."""
        ...

    async def lines_changed(self) -> None:
        """Trunks, numbers or limits were edited: render, reload, dial as they say; no call is dropped."""
        ...

    def desk(self, agent: str) -> DeskView: ...
    def floor(self) -> FloorView: ...
    def pacing(self, campaign: int) -> PacingFigures | None:
        """How the dialer paces a campaign at this moment; None while it does not call."""
        ...

    def follow(self) -> AbstractAsyncContextManager[FeedSubscription]: ...
