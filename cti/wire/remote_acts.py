"""The acts of `agent_desktop.ports`, each asked over the bus: see cti.wire.orders for what they are."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cti.line_tests import LineTest
from cti.lines_seen import LinesSeen
from cti.views import Target
from cti.wire.asker import Asker
from cti.wire.mirror import Mirror
from ivr.heard_trial import HeardTrial


@dataclass(frozen=True, slots=True)
class RemoteCalls:
    asker: Asker

    async def consult(self, agent: str, target: Target) -> None:
        await self.asker.order("calls.consult", agent=agent, target=target)

    async def hand_over(self, agent: str) -> None:
        await self.asker.order("calls.hand_over", agent=agent)

    async def back_to_customer(self, agent: str) -> None:
        await self.asker.order("calls.back_to_customer", agent=agent)

    async def conference(self, agent: str) -> None:
        await self.asker.order("calls.conference", agent=agent)

    async def leave_conference(self, agent: str) -> None:
        await self.asker.order("calls.leave_conference", agent=agent)

    async def drop_party(self, agent: str) -> None:
        await self.asker.order("calls.drop_party", agent=agent)

    async def transfer(self, agent: str, target: Target) -> None:
        await self.asker.order("calls.transfer", agent=agent, target=target)

    async def park(self, agent: str) -> str:
        return str(await self.asker.order("calls.park", agent=agent))

    async def pick_up(self, agent: str, slot: str) -> None:
        await self.asker.order("calls.pick_up", agent=agent, slot=slot)

    async def drop_message(self, agent: str, message: str) -> None:
        await self.asker.order("calls.drop_message", agent=agent, message=message)

    async def send_digits(self, agent: str, digits: str) -> None:
        await self.asker.order("calls.send_digits", agent=agent, digits=digits)


@dataclass(frozen=True, slots=True)
class RemoteRecordings:
    asker: Asker

    async def pause(self, agent: str, why: str) -> None:
        await self.asker.order("recordings.pause", agent=agent, why=why)

    async def resume(self, agent: str, why: str) -> None:
        await self.asker.order("recordings.resume", agent=agent, why=why)

    async def pause_call(self, call: str, by: str) -> None:
        await self.asker.order("recordings.pause_call", call=call, by=by)

    async def resume_call(self, call: str, by: str) -> None:
        await self.asker.order("recordings.resume_call", call=call, by=by)


@dataclass(frozen=True, slots=True)
class RemoteFloor:
    asker: Asker

    async def supervise(self, by: str, agent: str, mode: str) -> None:
        await self.asker.order("floor_control.supervise", by=by, agent=agent, mode=mode)

    async def stop_supervising(self, by: str) -> None:
        await self.asker.order("floor_control.stop_supervising", by=by)

    async def take_over(self, by: str, agent: str) -> None:
        await self.asker.order("floor_control.take_over", by=by, agent=agent)

    async def force(self, by: str, agent: str, state: str, reason: str = "") -> None:
        await self.asker.order("floor_control.force", by=by, agent=agent, state=state, reason=reason)

    async def promote(self, by: str, call: str) -> None:
        await self.asker.order("floor_control.promote", by=by, call=call)

    async def move(self, by: str, call: str, queue: str) -> None:
        await self.asker.order("floor_control.move", by=by, call=call, queue=queue)

    async def assign(self, by: str, call: str, agent: str) -> None:
        await self.asker.order("floor_control.assign", by=by, call=call, agent=agent)

    async def message(self, by: str, agents: tuple[str, ...], text: str) -> None:
        await self.asker.order("floor_control.message", by=by, agents=agents, text=text)


@dataclass(frozen=True, slots=True)
class RemoteCallbacks:
    asker: Asker

    async def cancel(self, by: str, callback: str) -> None:
        await self.asker.order("callbacks.cancel", by=by, callback=callback)

    async def call_now(self, by: str, callback: str) -> None:
        await self.asker.order("callbacks.call_now", by=by, callback=callback)


@dataclass(frozen=True, slots=True)
class RemoteTrials:
    asker: Asker

    async def call(self, by: str, heard: HeardTrial) -> None:
        await self.asker.order("menu_trials.call", by=by, heard=heard)

    async def hang_up(self, by: str) -> None:
        await self.asker.order("menu_trials.hang_up", by=by)


@dataclass(frozen=True, slots=True)
class RemotePreviews:
    asker: Asker

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        return bool(await self.asker.order("previews.preview", campaign=campaign, entry=entry, agent=agent))


@dataclass(frozen=True, slots=True)
class RemoteLines:
    asker: Asker
    mirror: Mirror

    def seen(self) -> LinesSeen:
        return self.mirror.lines

    def watching(self) -> AbstractContextManager[asyncio.Event]:
        return self.mirror.watching_lines()

    async def test_call(self, by: str, number: str, trunk: str) -> LineTest:
        test: LineTest = await self.asker.order("lines.test_call", by=by, number=number, trunk=trunk)
        return test

    async def end_test(self, by: str) -> None:
        await self.asker.order("lines.end_test", by=by)
