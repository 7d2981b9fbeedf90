"""What is asked of Kamailio while it runs, on its control socket: who gets calls; to end what a dead node left."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asterisk_conf.site import AsteriskSite

CONTROL = "control"
ANSWER_SECONDS = 2.0


def address_of(node: AsteriskSite) -> str:
    """As Kamailio's list names it."""
    return f"sip:{node.sip_host}:{node.sip_port}"


class ProxyControl:
    """`folder` is where this Kamailio keeps its files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, method: str, parameters: Sequence[str | int] = ()) -> Any:
        """One question, and the result. OSError when nobody answers, ValueError for a refusal."""
        here = self._folder / f"ask-{os.getpid()}-{time.monotonic_ns()}"
        request = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            try:
                link.bind(str(here))
                link.settimeout(ANSWER_SECONDS)
                link.sendto(json.dumps(request).encode(), str(self._folder / CONTROL))
                answer = json.loads(link.recv(1 << 20))
            finally:
                here.unlink(missing_ok=True)
        if "error" in answer:
            raise ValueError(f"{method}: {answer['error'].get('message')}")
        return answer.get("result")

    def node_ended(self, node: AsteriskSite) -> int:
        """No call for it until it has answered well for a while; what it left is hung up. Gives how many calls."""
        try:
            self.ask("dispatcher.set_state", ["ip", 1, address_of(node)])
            calls = self.ask("dlg.profile_list", ["node", address_of(node)]) or []
        except (OSError, ValueError):
            return 0
        for call in calls:
            self._end(call)
        return len(calls)

    def _end(self, call: dict[str, Any]) -> None:
        try:
            self.ask("dlg.end_dlg", [call["h_entry"], call["h_id"]])
        except (OSError, ValueError, KeyError):
            return  # it ended by itself, or is not up yet: its own timers end it

    def nodes_up(self) -> dict[str, bool]:
        """By address: whether it gets calls now. OSError when Kamailio does not answer."""
        told = self.ask("dispatcher.list")
        targets = [entry["DEST"] for record in told["RECORDS"] for entry in record["SET"]["TARGETS"]]
        return {target["URI"]: target["FLAGS"].startswith("A") for target in targets}
