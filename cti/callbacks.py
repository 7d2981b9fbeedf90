"""Places kept for callers who hung up: booked, called when the turn comes, tried again, closed."""

from __future__ import annotations

from crm_core.errors import Refused
from cti.actions import ChannelActions
from cti.runtime import Runtime


class Callbacks:
    """`agent_desktop.ports.Callbacks`."""

    def __init__(self, runtime: Runtime, actions: ChannelActions) -> None:
        self._runtime, self._actions = runtime, actions

    async def cancel(self, by: str, callback: str) -> None:
        raise Refused("This cannot be done yet.")

    async def call_now(self, by: str, callback: str) -> None:
        raise Refused("This cannot be done yet.")
