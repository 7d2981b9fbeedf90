"""Write every file of one site's Asterisk; give the agents' part again when agents or queues are edited."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from asterisk_conf.install import AsteriskBuild
from asterisk_conf.modules import module_names
from asterisk_conf.site import AsteriskSite

TEMPLATES = Path(__file__).parent / "templates"
# What follows from the agents and queues alone, and is written again while calls run.
WORKFORCE_FILES = ("pjsip_agents.conf", "queues.conf")
LINE_FILES = ("pjsip_trunks.conf", "numbers.conf", "extensions.conf")

CHANNEL_VARIABLES = (
    "HL_CALL",
    "HL_QUEUE",
    "HL_SINCE",
    "HL_PRIO",
    "HL_ROLE",
    "HL_STATE",
    "HL_AGENT",
    "HL_LEG",
    "HL_ENTRY",
    "HL_DIR",
    "HL_TALK",
    "HL_HOLD",
    "HL_MATCH",
    "HL_TOPIC",
    "HL_LANG",
    "HL_FILE",
    "HL_OWNER",
    "HL_SLOT",
    "HL_KIND",
    "HL_PAUSE",
)
AMI_EVENTS = (
    "FullyBooted",
    "Shutdown",
    "Reload",
    "Newchannel",
    "Newstate",
    "Rename",
    "DialBegin",
    "DialState",
    "DialEnd",
    "BridgeEnter",
    "BridgeLeave",
    "BridgeDestroy",
    "BridgeMerge",
    "MusicOnHoldStart",
    "Hold",
    "Unhold",
    "HangupRequest",
    "Hangup",
    "OriginateResponse",
    "UserEvent",
    "BlindTransfer",
    "AttendedTransfer",
    "DeviceStateChange",
    "ContactStatus",
    "Registry",
    "MixMonitorStart",
    "MixMonitorStop",
    "MixMonitorMute",
    "ChanSpyStart",
    "ChanSpyStop",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the files need to know of the machine: its own IPv4 addresses besides loopback."""

    own_addresses: tuple[str, ...]


def look_at_machine() -> Machine:
    """The addresses that browser phones must be led away from on a loopback site."""
    done = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False)  # noqa: S607 - PATH is ours
    found = (ip_address(word) for word in done.stdout.split())
    return Machine(tuple(str(address) for address in found if isinstance(address, IPv4Address)))


def render_text(name: str, site: AsteriskSite, build: AsteriskBuild, machine: Machine) -> str:
    """One file's text; `name` as Asterisk knows it, e.g. "pjsip.conf"."""
    # The platform needs only names from here, and callers wait while it is started again.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(  # noqa: S701 - no HTML; site.py checks every value
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(f"{name}.j2").render(
        site=site,
        build=build,
        modules=module_names(),
        channel_variables=CHANNEL_VARIABLES,
        ami_events=AMI_EVENTS,
        digit_patterns=["X" * length for length in range(1, 16)],
        agent_patterns=["X" * length for length in range(2, 9)],
        desk_addresses=sorted({agent.address for agent in site.agents} - {""}),
        loopback=IPv4Address(site.sip_host).is_loopback,
        own_addresses=machine.own_addresses,
    )


def render(site: AsteriskSite, build: AsteriskBuild) -> Path:
    """Make the folders and write every file; gives the path of asterisk.conf."""
    for folder in ("etc", "lib/keys", "lib/agi-bin", "log", "run", "spool/voicemail"):
        (site.folder / folder).mkdir(parents=True, exist_ok=True)
    site.folder.chmod(0o700)
    site.recordings.mkdir(parents=True, exist_ok=True)
    machine = look_at_machine()
    for template in sorted(TEMPLATES.glob("*.j2")):
        name = template.name.removesuffix(".j2")
        _replace(site.folder / "etc" / name, render_text(name, site, build, machine))
    prepare_secrets(site)
    prepare_trunk_secrets(site)
    return site.folder / "etc" / "asterisk.conf"


def render_workforce(site: AsteriskSite, build: AsteriskBuild) -> None:
    """Write only what agents and queues decide; `process.reload_workforce` makes Asterisk read it."""
    machine = look_at_machine()
    for name in WORKFORCE_FILES:
        _replace(site.folder / "etc" / name, render_text(name, site, build, machine))
    prepare_secrets(site)


def render_lines(site: AsteriskSite, build: AsteriskBuild) -> None:
    """Write only what trunks and numbers decide; `line_reload.reload_lines` makes Asterisk read it."""
    machine = look_at_machine()
    prepare_trunk_secrets(site)
    for name in LINE_FILES:
        _replace(site.folder / "etc" / name, render_text(name, site, build, machine))


def prepare_trunk_secrets(site: AsteriskSite) -> None:
    """One row for each trunk with a user name; those of others are gone. No file of ours holds them in a line."""
    rows = [(one.endpoint, one.username, one.secret) for one in site.trunks if one.authenticates]
    with sqlite3.connect(site.realtime_database, timeout=5) as database:
        database.execute("DELETE FROM ps_auths WHERE id LIKE 'trunk-%'")
        database.executemany(
            "INSERT INTO ps_auths (id, auth_type, username, password) VALUES (?, 'userpass', ?, ?)", rows
        )
    database.close()


def prepare_secrets(site: AsteriskSite) -> None:
    """A row with an unknown secret for each browser phone: without a row Asterisk answers 500 and not 401."""
    accounts = [agent.number for agent in site.agents if not agent.contact]
    accounts += [f"visitor-{number}" for number in range(1, site.visitors + 1)]
    with sqlite3.connect(site.realtime_database, timeout=5) as database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS ps_auths (id TEXT PRIMARY KEY, auth_type TEXT NOT NULL, "
            "username TEXT NOT NULL, password TEXT, realm TEXT, md5_cred TEXT)"
        )
        database.executemany(
            "INSERT OR IGNORE INTO ps_auths (id, auth_type, username, md5_cred) VALUES (?, 'md5', ?, ?)",
            [(account, account, secrets.token_hex(16)) for account in accounts],
        )
    database.close()
    site.realtime_database.chmod(0o600)


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: Asterisk may read at any moment. Secrets are for our own user only."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    fresh.replace(path)
