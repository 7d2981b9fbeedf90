"""What the agent who has a call may do with it: consult, hand over, conference, park, drop a message."""

from __future__ import annotations

from crm_core.errors import Refused
from cti.actions import ChannelActions
from cti.runtime import Runtime
from cti.views import Target


class CallControl:
    """`agent_desktop.ports.CallControl`."""

    def __init__(self, runtime: Runtime, actions: ChannelActions) -> None:
        self._runtime, self._actions = runtime, actions

    async def consult(self, agent: str, target: Target) -> None:
        raise Refused("This cannot be done yet.")

    async def hand_over(self, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def back_to_customer(self, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def conference(self, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def leave_conference(self, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def drop_party(self, agent: str) -> None:
        raise Refused("This cannot be done yet.")

    async def transfer(self, agent: str, target: Target) -> None:
        raise Refused("This cannot be done yet.")

    async def park(self, agent: str) -> str:
        raise Refused("This cannot be done yet.")

    async def pick_up(self, agent: str, slot: str) -> None:
        raise Refused("This cannot be done yet.")

    async def drop_message(self, agent: str, message: str) -> None:
        raise Refused("This cannot be done yet.")

    async def send_digits(self, agent: str, digits: str) -> None:
        raise Refused("This cannot be done yet.")
