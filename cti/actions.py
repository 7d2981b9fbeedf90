"""What is done to calls in Asterisk: one write at a time per channel, in order, each with its limit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

import structlog

from cti import moves
from cti.ami import AsteriskLink
from cti.deeds import Deed, HangUp
from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.frames import HostileValue
from cti.lines import Lines

log = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[None]]


class ChannelActions:
    """`offer_failed(call, leg)` is called when Asterisk would not move a caller to a phone."""

    def __init__(self, link: AsteriskLink, offer_failed: Callable[[str, str], None], lines: Lines) -> None:
        self._link, self._offer_failed, self._lines = link, offer_failed, lines
        self._jobs: dict[str, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def _add(self, channel: str, job: Job) -> None:
        """A second write to a channel within 15 ms is refused, or overrides the first: so they queue."""
        waiting = self._jobs.get(channel)
        if waiting is not None:
            waiting.append(job)
            return
        self._jobs[channel] = deque([job])
        task = asyncio.get_running_loop().create_task(self._work(channel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, channel: str) -> None:
        jobs = self._jobs[channel]
        try:
            while jobs:
                try:
                    await jobs.popleft()()
                except (AsteriskRefused, AsteriskUnreachable, HostileValue) as failed:
                    log.warning("action_failed", channel=channel, reason=str(failed))
                except Exception:
                    log.exception("action_failed", channel=channel)
        finally:
            del self._jobs[channel]

    def offer(self, channel: str, call: str, leg: str, agent: str, *, seconds: int, still: Callable[[], bool]) -> None:
        """Ring the agent's phone for this caller, unless `still` says that this is no longer wanted."""

        async def job() -> None:
            if not still():
                return
            try:
                await asyncio.gather(
                    self._set(channel, "HL_LEG", leg),
                    self._set(channel, "HL_RING", str(seconds)),
                    self._redirect(channel, "hl-offer", agent, still),
                )
            except AsteriskRefused as refused:
                if not refused.is_gone:  # the caller has just hung up: that is no fault of the agent's phone
                    self._offer_failed(call, leg)
                raise

        self._add(channel, job)

    def to_music(self, channel: str, still: Callable[[], bool]) -> None:
        async def job() -> None:
            if still():
                await self._redirect(channel, "hl-wait", "s", still)

        self._add(channel, job)

    def to_menu(self, channel: str, still: Callable[[], bool]) -> None:
        async def job() -> None:
            if still():
                await self._redirect(channel, "hl-menu", "s", still)

        self._add(channel, job)

    def announce(self, channel: str, paths: tuple[str, ...], still: Callable[[], bool]) -> None:
        """Say these prompts to a waiting caller. `still` is asked at the last moment: in a talk it would cut it."""

        async def job() -> None:
            if still():
                await asyncio.gather(
                    self._set(channel, "HL_PROMPT", "&".join(paths)),
                    self._redirect(channel, "hl-announce", "position", still),
                )

        self._add(channel, job)

    def remember(self, channel: str, name: str, value: str) -> None:
        async def job() -> None:
            await self._set(channel, name, value)

        self._add(channel, job)

    def release_agent(self, customer_channel: str, agent_channel: str) -> None:
        """End the talk for the agent; the mark tells the dialplan that the agent is not lost."""

        async def job() -> None:
            if customer_channel:
                await self._set(customer_channel, "HL_BYE", "1")
            await self._link.send({"Action": "Hangup", "Channel": agent_channel, "Cause": "16"})

        self._add(customer_channel or agent_channel, job)

    def divert(
        self, channel: str, way: str, say: tuple[str, ...], thanks: tuple[str, ...], still: Callable[[], bool]
    ) -> None:
        """Say why the queue has no place, then go the way out: voicemail, callback or goodbye."""

        async def job() -> None:
            if still():
                await asyncio.gather(
                    self._set(channel, "HL_SAY", "&".join(say)),
                    self._set(channel, "HL_THANKS", "&".join(thanks)),
                    self._redirect(channel, "hl-divert", way, still),
                )

        self._add(channel, job)

    def call_back(
        self, call: str, agent: str, number: str, leg: str, customer: int | None, *, live: Callable[[], int]
    ) -> None:
        """As `originate`, in turn; a refusal is told to `offer_failed`. `live`: the agent's other outside legs."""

        async def job() -> None:
            try:
                self._lines.gate.allow(agent, number, live=live())
                brand = await self._lines.brand_of(customer)
                await self.originate(call, agent, number, leg, brand=brand)
            except AsteriskUnreachable:
                raise  # perhaps the phone rings all the same: the comparison after the next connect will tell
            except Exception:
                self._offer_failed(call, leg)
                raise

        self._add(call, job)

    def place(
        self, channel: str, context: str, exten: str, variables: Mapping[str, str], still: Callable[[], bool]
    ) -> None:
        """Send a channel to another part of the dialplan with these variables, unless `still` says no."""

        async def job() -> None:
            if still():
                await asyncio.gather(
                    *(self._set(channel, name, value) for name, value in variables.items()),
                    self._redirect(channel, context, exten, still),
                )

        self._add(channel, job)

    def hang_up(self, channel: str) -> None:
        """End a channel that is nobody's talk."""

        async def job() -> None:
            await self._link.send({"Action": "Hangup", "Channel": channel, "Cause": "16"})

        self._add(channel, job)

    async def ring_supervisor(self, uniqueid: str, supervisor: str, mode: str, variables: Mapping[str, str]) -> None:
        """Ring the supervisor's own phone; the dialplan joins it to what `variables` name. Raises when refused."""
        await self._link.send(
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{supervisor}",
                "Context": "hl-supervise",
                "Exten": mode,
                "Priority": "1",
                "Async": "true",
                "Timeout": "30000",
                "CallerID": variables["HL_AGENT"],
                "ChannelId": uniqueid,
                "Variable": [f"{name}={value}" for name, value in variables.items()],
            }
        )

    async def ring_for_trial(self, uniqueid: str, person: str, token: str) -> None:
        """Ring a person's own phone, which then hears the menu that is kept under this token."""
        await self._link.send(
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{person}",
                "Context": "hl-try",
                "Exten": "s",
                "Priority": "1",
                "Async": "true",
                "Timeout": "30000",
                "CallerID": person,
                "ChannelId": uniqueid,
                "Variable": [f"HL_TOKEN={token}", "HL_ROLE=trial"],
            }
        )

    def perform(self, step: Deed, turn: str, failed: Callable[[], None]) -> None:
        """In the turn of the contact's channel `turn`. `failed` is called when Asterisk would not do it."""

        async def job() -> None:
            try:
                await moves.carry_out(self._link, self._lines.with_ways(step))
            except (AsteriskRefused, AsteriskUnreachable):
                failed()
                raise

        self._add(turn, job)

    def hang_up_leg(self, turn: str, channel: str) -> None:
        """End this leg, in the turn of the contact's channel."""
        self._add(turn, lambda: moves.carry_out(self._link, HangUp("", channel)))

    def press(self, channel: str, digits: str) -> None:
        """Send these keys to the other end of this channel."""
        self._add(f"{channel}/keys", lambda: moves.press(self._link, channel, digits))

    async def originate(
        self, call: str, agent: str, number: str, leg: str, *, campaign: int = 0, brand: str = ""
    ) -> None:
        """Ring the agent's phone; when it answers, the dialplan dials the customer. Raises when Asterisk says no.

        `campaign` and `brand` decide which number is shown.
        """
        variables = {
            "HL_CALL": call,
            "HL_ROLE": "agent",
            "HL_DIR": "out",
            "HL_AGENT": agent,
            "HL_LEG": leg,
            "HL_STATE": "dialling",
            **self._lines.ways(number, campaign=campaign, brand=brand),
        }
        await self._link.send(
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{agent}",
                "Context": "hl-out",
                "Exten": number,
                "Priority": "1",
                "Async": "true",
                "Timeout": "30000",
                "CallerID": number,
                "ChannelId": call,
                "Variable": [f"{name}={value}" for name, value in variables.items()],
            }
        )

    async def _set(self, channel: str, name: str, value: str) -> None:
        await self._link.send({"Action": "Setvar", "Channel": channel, "Variable": name, "Value": value})

    async def _redirect(self, channel: str, context: str, exten: str, still: Callable[[], bool]) -> None:
        action = {"Action": "Redirect", "Channel": channel, "Context": context, "Exten": exten, "Priority": "1"}
        await moves.redirect(self._link, action, still)
