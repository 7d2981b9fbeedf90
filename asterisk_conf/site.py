"""What one site's Asterisk is rendered from. Every text that reaches a file is checked here."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.lines import ENDPOINT, SETTINGS_ENDPOINT, ServedNumber, TrunkLine
from crm_core.campaigns.detection import MEASURED
from crm_core.errors import Invalid
from crm_core.lines.written import forms_by_number

NUMBER = re.compile(r"[0-9]{1,15}")
AGENT = re.compile(r"[0-9]{2,8}")
QUEUE = re.compile(r"[a-z0-9_-]{1,40}")
NODE = re.compile(r"[a-z][a-z0-9]{0,7}")
WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")
CONTACT = re.compile(r"sip:[A-Za-z0-9_.+-]+@([0-9.]+)(:[0-9]{1,5})?")
UNSAFE_PATH = re.compile(r"[^A-Za-z0-9_./@+-]")


class UnusableForAsterisk(Invalid):
    """A number, name, address or path that must not be written into a configuration file."""


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise UnusableForAsterisk("{what} {value!r} cannot be used in Asterisk's files.", what=what, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPhone:
    """`contact` "" = a phone in the browser; else the fixed SIP address of a desk phone, by IPv4."""

    number: str
    contact: str = ""

    def __post_init__(self) -> None:
        _check(AGENT, self.number, "The agent's number")
        if self.contact:
            _check(CONTACT, self.contact, "The desk phone's address")
            ipaddress.IPv4Address(self.address)

    @property
    def address(self) -> str:
        """The IPv4 address of a desk phone, "" for a browser."""
        found = CONTACT.fullmatch(self.contact)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackQueue:
    """Who is rung for this queue's callers while the platform is away."""

    id: str
    agents: tuple[str, ...]

    def __post_init__(self) -> None:
        _check(QUEUE, self.id, "The queue")
        for agent in self.agents:
            _check(AGENT, agent, "The agent's number")


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiUser:
    name: str
    secret: str

    def __post_init__(self) -> None:
        _check(WORD, self.name, "The AMI user")
        _check(WORD, self.secret, "The AMI secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSite:
    """One Asterisk: where it listens, where it keeps its files, whom it serves. Times in seconds.

    `folder` holds everything Asterisk writes except the recordings, which platform and Asterisk share. `node` is the
    name of a second Asterisk of one call centre, "" the first one's; they share `secrets_of`, the first one's folder.
    `connect_seconds`: within which whoever a campaign reached hears an agent or a message. `machine_detection`: what
    AMD() is given when a campaign says nothing else, see crm_core.campaigns.detection. The trunk of `trunk_contact` is
    always there; `trunks` are those of the records. `numbers` () = `hotline_numbers` as they are. `dial_order` are the
    endpoints that a call takes for which the platform named no way.
    `host` is for this machine alone (AMI, WebSocket); SIP and sound are served on `telephone_host`, "" = `host`.
    `external_address` is what those beyond a NAT send to, "" = no NAT; `local_networks` are not beyond it.
    `carrier_authorities` is a PEM file of those who sign carriers' certificates, None = the system's.
    """

    folder: Path
    recordings: Path
    host: str = "127.0.0.1"
    telephone_host: str = ""
    external_address: str = ""
    local_networks: tuple[str, ...] = ()
    stun: str = ""
    sip_port: int = 5160
    http_port: int = 8188
    ami_port: int = 5138
    agi_port: int = 4673
    rtp_start: int = 28000
    rtp_end: int = 31000
    zone: str = "Asia/Shanghai"
    hotline_numbers: tuple[str, ...]
    trunk_sources: tuple[str, ...] = ("127.0.0.2",)
    trunk_contact: str = "sip:127.0.0.2:5380"
    carrier_authorities: Path | None = None
    trunks: tuple[TrunkLine, ...] = ()
    numbers: tuple[ServedNumber, ...] = ()
    dial_order: tuple[str, ...] = (SETTINGS_ENDPOINT,)
    qualify_seconds: int = 10
    retry_seconds: int = 30
    agents: tuple[AgentPhone, ...] = ()
    queues: tuple[FallbackQueue, ...] = ()
    visitors: int = 4
    ami_users: tuple[AmiUser, ...] = ()
    menu_begin_seconds: int = 5
    fallback_seconds: int = 300
    lost_seconds: int = 60
    park_seconds: int = 120
    message_seconds: int = 180
    message_silence_seconds: int = 5
    alive_seconds: int = 20
    connect_seconds: int = 2
    machine_detection: tuple[int, ...] = MEASURED
    node: str = ""
    secrets_of: Path | None = None

    def __post_init__(self) -> None:
        for path in filter(None, (self.folder, self.recordings, self.carrier_authorities)):
            if not path.is_absolute() or UNSAFE_PATH.search(str(path)):
                raise UnusableForAsterisk(
                    "The folder {path} has a space or sign that Asterisk's files cannot hold; choose another.",
                    path=str(path),
                )
        if self.node:
            _check(NODE, self.node, "The node")
        for number in self.hotline_numbers:
            _check(NUMBER, number, "The hotline number")
        for address in (self.host, *self.trunk_sources, *self.local_networks):
            ipaddress.IPv4Network(address, strict=False)
        for address in {self.telephone_host, self.external_address} - {""}:
            ipaddress.IPv4Address(address)
        if self.stun:
            _check(re.compile(r"[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?"), self.stun, "The STUN server")
        _check(re.compile(r"sip:([A-Za-z0-9_.+-]+@)?[A-Za-z0-9.-]+(:[0-9]{1,5})?"), self.trunk_contact, "The trunk")
        _check(re.compile(r"[A-Za-z0-9_+/-]{1,40}"), self.zone, "The time zone")
        for number in self.dial_order:
            _check(ENDPOINT, number, "The trunk")
        self._refuse_shared_addresses()

    def _refuse_shared_addresses(self) -> None:
        for agent in self.agents:
            if agent.address in {self.host, *self.trunk_sources} - {""}:
                raise UnusableForAsterisk(
                    "Desk phone {number} shares its address with browsers or the trunk and could speak for them.",
                    number=agent.number,
                )

    @property
    def sip_host(self) -> str:
        return self.telephone_host or self.host

    @property
    def served(self) -> tuple[ServedNumber, ...]:
        """The numbers that are answered, each with its forms."""
        forms = forms_by_number(self.hotline_numbers)
        return self.numbers or tuple(ServedNumber(number=one, forms=forms[one]) for one in self.hotline_numbers)

    @property
    def transports(self) -> tuple[str, ...]:
        """Besides UDP, which is always there: what the trunks need."""
        return tuple(sorted({trunk.transport for trunk in self.trunks} - {"udp"}))

    @property
    def control_socket(self) -> Path:
        return self.folder / "run" / "asterisk.ctl"

    @property
    def cel_file(self) -> Path:
        return self.folder / "log" / "cel.csv"

    @property
    def message_log(self) -> Path:
        return self.folder / "log" / "messages"

    @property
    def realtime_database(self) -> Path:
        """The SQLite file with the SIP secrets (table ps_auths), written by the platform, read by Asterisk."""
        return (self.secrets_of or self.folder) / "realtime.sqlite3"
