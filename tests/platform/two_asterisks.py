"""A call centre with two Asterisks behind Kamailio, on free ports; customers call Kamailio."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

from asterisk_conf.process import AsteriskProcess
from asterisk_conf.proxy_control import ProxyControl
from tests.integration import scenarios
from tests.integration.ears import Ear
from tests.integration.site import wait_until
from tests.platform.site import REPAIR, CallCentre, new_number
from tests.ports import free_port

PROXY = "127.0.0.4"
AGENTS = tuple(str(number) for number in range(1001, 1012))


class TwoAsterisks(CallCentre):
    def __init__(self, cache: Path, agents: tuple[str, ...] = AGENTS) -> None:
        super().__init__(cache, agents)
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

    def logged(self, word: str) -> dict[str, int]:
        """How often each Asterisk's event log has this event of the dialplan."""
        logs = {name: node.site.folder / "log" / "cel.csv" for name, node in self.both.items()}
        return {name: log.read_text().count(f'\n"{word}"') if log.exists() else 0 for name, log in logs.items()}

    def caller_in(self, node: str, ear: Ear | None = None) -> str:
        """A customer who waits in this Asterisk; one whom Kamailio gave to the other one first has hung up."""
        for _ in range(2):
            number = new_number()
            scenario = scenarios.caller(number, keys=REPAIR)
            self.call(number, ear.spoken(scenario) if ear else scenario)
            self.until_waiting(number)
            if self.node_of(number) == node:
                return number
            self.hang_up(self.contacts(number)[0]["id"])
            self.contact(number)
        raise AssertionError(f"Kamailio deals no calls to {node!r}")

    def hang_up(self, contact: str) -> None:
        """The customer's own channel."""
        node = self.both["b" if contact.startswith("b-") else ""]
        rows = [row.split("!") for row in node.rx("core show channels concise").splitlines() if "!" in row]
        [channel] = [row[0] for row in rows if row[-1] == contact]
        node.rx(f"channel request hangup {channel}")

    def registered_with(self, agent: str) -> set[str]:
        """The Asterisks that know where this agent's browser phone is."""
        return {name for name, node in self.both.items() if is_there(agent, node.rx("pjsip show contacts"))}


def is_there(agent: str, contacts: str) -> bool:
    """An old registration stays in the list after a crash, as one that does not answer."""
    return any(f"{agent}/sip:" in line and " Avail " in line for line in contacts.splitlines())
