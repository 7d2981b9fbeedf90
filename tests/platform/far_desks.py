"""A site, a relay and desks on hosts of their own: what reaches whom is as on a real network, not as on one machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path

from playwright.sync_api import Page

from hotline.settings import Settings
from tests.hosts import Host
from tests.own_turn import SECRET, own_relay
from tests.platform.desk_browser import desk_browser
from tests.platform.served_site import SERVE, ServedCentre

# Addresses for documents (RFC 5737, RFC 3849): nobody has them.
EXCHANGE, EXCHANGE_6 = "203.0.113.2", "2001:db8:113::2"
RELAY, RELAY_6 = "203.0.113.1", "2001:db8:113::1"

# Which way the sound of the latest call takes, as the browser itself chose it.
_WAY = """async () => {
  const rows = new Map([...await window.connections.at(-1).getStats()]);
  const all = [...rows.values()];
  const pair = rows.get(all.find((row) => row.type === "transport")?.selectedCandidatePairId);
  const [own, other] = [rows.get(pair?.localCandidateId), rows.get(pair?.remoteCandidateId)];
  return { kind: own?.candidateType, by: own?.relayProtocol ?? "", from: own?.address ?? "", to: other?.address ?? "" };
}"""


class FarCentre(ServedCentre):
    """A site whose host has IPv4 and IPv6 and is reached from elsewhere alone; the relay is another host."""

    def __init__(self, cache: Path) -> None:
        super().__init__(cache, EXCHANGE, EXCHANGE_6)
        self.exchange, self.relay = Host(), Host()
        self.relay.wire(
            "exchange", self.exchange, [f"{RELAY}/24", f"{RELAY_6}/64"], [f"{EXCHANGE}/24", f"{EXCHANGE_6}/64"]
        )
        self.exchange.route(RELAY, RELAY_6)
        self.relay.forward()

    @property
    def address_6(self) -> str:
        return f"https://[{EXCHANGE_6}]:{self.https_port}"

    @contextmanager
    def relaying(self) -> Iterator[None]:
        """The relay runs, and the settings name it as an operator would."""
        kept = Settings().cache_dir
        with ExitStack() as ends:
            with self.relay.inside():
                port = ends.enter_context(own_relay(kept, self.folder, RELAY, also=[RELAY_6], only_to=EXCHANGE))
            self.settings |= {
                "HOTLINE_TELEPHONE_ADDRESS": EXCHANGE,
                "HOTLINE_TURN": json.dumps([f"{RELAY}:{port}", f"{RELAY}:{port}?transport=tcp", f"[{RELAY_6}]:{port}"]),
                "HOTLINE_TURN_SECRET": SECRET,
            }
            yield

    def up(self, command: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        with self.exchange.inside():
            return super().up(command or (*SERVE, "::"))

    def close(self) -> None:
        super().close()
        self.exchange.close()
        self.relay.close()

    def office(self, cable: str, *networks: str) -> Host:
        """A host beyond the relay's: of each network, such as 198.51.100.0/25, that one has address 1 and it 2."""
        host, known = Host(), [ip_network(network) for network in networks]
        near, far = ([f"{one[number]}/{one.prefixlen}" for one in known] for number in (1, 2))
        self.relay.wire(cable, host, near, far)
        host.route(*(str(one[1]) for one in known))
        return host

    @contextmanager
    def desk(self, office: Host, microphone: Path) -> Iterator[Page]:
        """An empty page of a browser on that host."""
        with ExitStack() as ends:
            with office.inside():
                page = ends.enter_context(desk_browser(microphone, more_flags=self.browser_flags))
            yield page


def way_of_the_sound(page: Page) -> dict[str, str]:
    """`kind` of the browser's own end (host, relay), `by` what the relay is reached, addresses `from` and `to`."""
    told: dict[str, str] = page.evaluate(_WAY)
    return told
