"""An agent's open desk, as its page's socket hears it."""

from __future__ import annotations

import json
import threading
from types import TracebackType

from websockets.sync.client import connect

from tests.platform.site import Agent, CallCentre


class DeskSocket:
    """Listens from `with` to its end."""

    def __init__(self, centre: CallCentre, agent: Agent) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in agent.web.cookies.items())
        self._socket = connect(
            centre.address.replace("http", "ws") + "/live",
            additional_headers={"Cookie": cookies, "Origin": centre.address},
            proxy=None,
        )
        self._degraded = False
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        for message in self._socket:
            told = json.loads(message)
            if "desk" in told:
                self._degraded = bool(told["desk"].get("degraded"))

    def says_degraded(self) -> bool:
        """Whether the last picture said that customer data is away."""
        return self._degraded

    def __enter__(self) -> DeskSocket:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
