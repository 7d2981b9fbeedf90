"""What a supervisor may do on the floor: listen, whisper, barge, take over, force a state, place a caller."""

from __future__ import annotations

from crm_core.errors import Refused
from cti.actions import ChannelActions
from cti.runtime import Runtime


class FloorControl:
    """`agent_desktop.ports.FloorControl`."""

    def __init__(self, runtime: Runtime, actions: ChannelActions) -> None:
        self._runtime, self._actions = runtime, actions

    async def supervise(self, by: str, agent: str, mode: str) -> None:
        raise Refused("This cannot be done yet.")

    async def stop_supervising(self, by: str) -> None:
        raise Refused("This cannot be done yet.")

    async def take_over(self, by: str, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def force(self, by: str, agent: str, state: str, reason: str = "") -> None:
        raise Refused("This cannot be done yet.")

    async def promote(self, by: str, call: str) -> None:
        raise Refused("This cannot be done yet.")

    async def move(self, by: str, call: str, queue: str) -> None:
        raise Refused("This cannot be done yet.")

    async def assign(self, by: str, call: str, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def message(self, by: str, agents: tuple[str, ...], text: str) -> None:
        raise Refused("This cannot be done yet.")
