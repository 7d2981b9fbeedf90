"""One talk that becomes text: both sides listened to, as long as it lasts and may be written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from cti.audio_socket import StreamEnded
from cti.contacts import Contact, Leg, Phase
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.live_side import LiveSide
from cti.talk_text import Side, TalkText, TextState
from cti.voices import NoVoice, Voices
from ivr.recogniser_pool import Recognisers

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # between two tries to get a side's sound
SPOKEN = "zh-CN"  # where the menu did not tell


def talking_leg(contact: Contact) -> Leg | None:
    """The agent's leg of a talk with the customer; None while there is none."""
    leg = contact.leg
    return leg if leg is not None and leg.answered_at and leg.channel and not leg.left_at else None


class LiveTalk:
    """`changed` hears of each change of the text, and whose it is."""

    def __init__(
        self,
        contact: Contact,
        leg: Leg,
        *,
        changed: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self.contact, self.leg = contact, leg
        self._changed, self._clock = changed, clock
        self.text = TalkText(
            call=contact.call,
            leg=leg.id,
            agent=leg.agent,
            queue=contact.queue,
            language=contact.language or SPOKEN,
            began_at=leg.answered_at,
        )
        self.sides: dict[Side, LiveSide] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def listening(self) -> bool:
        """Whether it has a place among the talks that are understood, silent moments included."""
        return bool(self._tasks)

    @property
    def muted(self) -> TextState | None:
        """Why nothing of this moment may be understood."""
        if self.contact.pause is not None:
            return TextState.PAUSED
        if self.leg.hold_since or self.contact.phase is Phase.CONSULTING:
            return TextState.HELD
        return None

    @property
    def behind(self) -> float:
        return max((side.behind for side in self.sides.values()), default=0.0)

    @property
    def speech(self) -> float:
        """Seconds that were given to the recognisers."""
        return sum(side.speech for side in self.sides.values())

    def become(self, state: TextState) -> None:
        if self.text.become(state):
            self._changed(self.leg.agent)

    def listen(self, voices: Voices, recognisers: Recognisers) -> None:
        """Nothing happens twice."""
        if self._tasks:
            return
        customer = self.contact.customer_channel or self.contact.channel
        for side, channel in ((Side.CUSTOMER, customer), (Side.AGENT, self.leg.channel)):
            self.sides[side] = LiveSide(
                side,
                self.text,
                recognisers,
                muted=lambda: self.muted is not None,
                changed=lambda: self._changed(self.leg.agent),
                clock=self._clock,
            )
            name = f"live_text-{self.leg.id}-{side}"
            self._tasks.append(asyncio.create_task(self._follow(self.sides[side], voices, channel), name=name))

    async def leave(self) -> None:
        """Nobody listens any more."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self, side: LiveSide, voices: Voices, channel: str) -> None:
        """Until it is left. The stream may break in the middle of the talk: then another is asked for."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with voices.of(channel) as stream:
                    await side.follow(stream)
            except (StreamEnded, NoVoice, AsteriskRefused, AsteriskUnreachable) as ended:
                log.info("live_text_stream_ended", channel=channel, reason=str(ended))
            except Exception:
                log.exception("live_text_failed", channel=channel)
            await asyncio.sleep(pause)  # the back-off itself
            pause = min(2 * pause, LONGEST_PAUSE)
