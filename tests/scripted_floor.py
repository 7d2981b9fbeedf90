"""A supervisor's acts, for `tests.scripted_telephony`: written down, and what the page must see of them."""

from __future__ import annotations

import time
from collections.abc import Callable

from agent_desktop.ports import SupervisionView
from crm_core.history.events import HistoryEvent, SupervisionChanged


class ScriptedFloor:
    """`agent_desktop.ports.FloorControl`; every wish is carried out at once."""

    def __init__(self, wishes: list[tuple[str, ...]], tell: Callable[[HistoryEvent], object]) -> None:
        self._wishes, self._tell = wishes, tell
        self.supervised: dict[str, SupervisionView] = {}

    async def supervise(self, by: str, agent: str, mode: str) -> None:
        self._wishes.append(("supervise", by, agent, mode))
        self.supervised[by] = SupervisionView(
            supervisor=by, agent=agent, call="c1", mode=mode, connected=True, since=time.time()
        )
        self._tell(SupervisionChanged(at=time.time(), call="c1", agent=agent, supervisor=by, mode=mode, connected=True))

    async def stop_supervising(self, by: str) -> None:
        self._wishes.append(("stop_supervising", by))
        one = self.supervised.pop(by)
        self._tell(SupervisionChanged(at=time.time(), call=one.call, agent=one.agent, supervisor=by, mode=""))

    async def take_over(self, by: str, agent: str) -> None:
        self._wishes.append(("take_over", by, agent))
        self.supervised.pop(by, None)
        self._tell(SupervisionChanged(at=time.time(), call="c1", agent=agent, supervisor=by, mode=""))

    async def force(self, by: str, agent: str, state: str, reason: str = "") -> None:
        self._wishes.append(("force", by, agent, state, reason))

    async def promote(self, by: str, call: str) -> None:
        self._wishes.append(("promote", by, call))

    async def move(self, by: str, call: str, queue: str) -> None:
        self._wishes.append(("move", by, call, queue))

    async def assign(self, by: str, call: str, agent: str) -> None:
        self._wishes.append(("assign", by, call, agent))

    async def message(self, by: str, agents: tuple[str, ...], text: str) -> None:
        self._wishes.append(("message", by, ",".join(agents), text))
