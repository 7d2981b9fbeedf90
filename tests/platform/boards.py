"""Wallboards that many people watch, each as its page's socket hears it: cut off, it comes back by itself."""

from __future__ import annotations

import json
import threading
import time
from types import TracebackType
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.browser.people import PASSWORD
from tests.platform.site import CallCentre

AGAIN_SECONDS = 0.25


class Boards:
    """So many, from `with` to its end."""

    def __init__(self, centre: CallCentre, viewer: str, count: int) -> None:
        """`viewer` signs in as a person does."""
        self._address = centre.address.replace("http", "ws") + "/wallboard/live"
        with httpx2.Client(base_url=centre.address, trust_env=False) as web:
            form = {"number": viewer, "password": PASSWORD, "after": "break"}
            assert web.post("/login", data=form).status_code == 303
            cookies = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        self._headers = {"Cookie": cookies, "Origin": centre.address}
        self._shown: dict[int, dict[str, Any]] = {}
        self._open: dict[int, ClientConnection] = {}
        self._over = False
        self._threads = [threading.Thread(target=self._watch, args=(one,), daemon=True) for one in range(count)]

    def _watch(self, one: int) -> None:
        while not self._over:
            try:
                with connect(self._address, additional_headers=self._headers, proxy=None, open_timeout=2) as socket:
                    self._open[one] = socket
                    for message in socket:
                        if (board := json.loads(message)) is not None:
                            self._shown[one] = board
            except (OSError, WebSocketException, TimeoutError):
                pass
            self._open.pop(one, None)
            time.sleep(AGAIN_SECONDS)

    @property
    def open(self) -> int:
        return len(self._open)

    def live(self, **figures: int) -> bool:
        """Whether all of them are open, none is blind, and each shows these figures."""
        shown = list(self._shown.values())
        whole = self.open == len(shown) == len(self._threads)
        return whole and all(
            board["stale_since"] is None and all(board[name] == value for name, value in figures.items())
            for board in shown
        )

    def blind(self) -> bool:
        """Whether all say that they do not see what happens."""
        return len(self._shown) == len(self._threads) and all(board["stale_since"] for board in self._shown.values())

    def __repr__(self) -> str:
        seen = ("number", "waiting", "stale_since")
        return f"{self.open} open, showing {[[board[name] for name in seen] for board in self._shown.values()]}"

    def __enter__(self) -> Boards:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        for socket in list(self._open.values()):
            socket.close()
        for thread in self._threads:
            thread.join(5)
