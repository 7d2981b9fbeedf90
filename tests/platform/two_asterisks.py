"""A call centre with two Asterisks behind Kamailio, on free ports; customers call Kamailio."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

from asterisk_conf.process import AsteriskProcess
from asterisk_conf.proxy_control import ProxyControl
from tests.integration.site import wait_until
from tests.platform.site import CallCentre
from tests.ports import free_port

PROXY = "127.0.0.4"


class TwoAsterisks(CallCentre):
    def __init__(self, cache: Path) -> None:
        super().__init__(cache)
        proxy = free_port(socket.SOCK_DGRAM, PROXY)
        sip, http, ami = free_port(socket.SOCK_DGRAM), free_port(), free_port()
        middle = self.ports["RTP_START"] + 199
        self.ports["RTP_END"] = middle
        self.settings = {
            "HOTLINE_NODES": "2",
            "HOTLINE_PROXY_HOST": PROXY,
            "HOTLINE_PROXY_PORT": str(proxy),
            "HOTLINE_SECOND_SIP_PORT": str(sip),
            "HOTLINE_SECOND_HTTP_PORT": str(http),
            "HOTLINE_SECOND_AMI_PORT": str(ami),
            "HOTLINE_SECOND_RTP_START": str(middle + 1),
            "HOTLINE_SECOND_RTP_END": str(middle + 200),
        }
        first = self.telephones.asterisk
        site = replace(first.site, node="b", folder=self.run_dir / "asterisk-b", sip_port=sip)
        self.second = AsteriskProcess(site, first.build)
        self.telephones.door = f"{PROXY}:{proxy}"

    @property
    def both(self) -> dict[str, AsteriskProcess]:
        return {"": self.telephones.asterisk, "b": self.second}

    def dealt_calls(self) -> int:
        """How many Asterisks get calls from Kamailio now; 0 while it does not answer."""
        try:
            return sum(ProxyControl(self.run_dir / "kamailio").nodes_up().values())
        except OSError:
            return 0

    def node_of(self, caller: str) -> str:
        """The Asterisk that this caller reached."""
        wait_until(lambda: bool(self.contacts(caller)), 15, f"a contact of {caller}")
        return "b" if self.contacts(caller)[-1]["id"].startswith("b-") else ""

    def registered_with(self, agent: str) -> set[str]:
        """The Asterisks that know where this agent's browser phone is."""
        return {name for name, node in self.both.items() if is_there(agent, node.rx("pjsip show contacts"))}


def is_there(agent: str, contacts: str) -> bool:
    """An old registration stays in the list after a crash, as one that does not answer."""
    return any(f"{agent}/sip:" in line and " Avail " in line for line in contacts.splitlines())
