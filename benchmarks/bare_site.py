"""Asterisk with our telephone side and nothing else, on free loopback ports, for measurements."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from acd.model import AgentId, Queue, QueueId, Skill
from asterisk_conf.install import find_asterisk
from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AgentPhone, AmiUser, AsteriskSite, FallbackQueue
from crm_core.history.journal import Journal
from cti.ami import AmiAccount
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.directory import NobodyKnown
from cti.workforce import AgentProfile, Workforce
from hotline.settings import Settings
from ivr.line import Caller, Enqueue, Line

PHONES, CALLERS = "127.0.0.3", "127.0.0.2"
OURS, PEER, PEER_RETRY_1, PEER_RETRY_5 = "7001", "7000", "7002", "7003"
SECRET = "measurement"  # noqa: S105 - of a throw-away Asterisk on loopback
SERVICE = Skill("service")

# The peer: plain Queue() over the same phones, one at a time, with the settings that make it quickest; and, for phones
# that nobody answers, with the usual retry of 5 s as well.
RING_SECONDS = 1
PEER_QUEUE = """
[peer]
strategy = leastrecent
autofill = yes
ringinuse = no
retry = 1
timeout = 20
wrapuptime = 0
musicclass = default
joinempty = yes
"""
PEER_QUEUES = {
    PEER: PEER_QUEUE,
    PEER_RETRY_1: f"\n[peer-retry-1](peer)\ntimeout = {RING_SECONDS}\n",
    PEER_RETRY_5: f"\n[peer-retry-5](peer)\ntimeout = {RING_SECONDS}\nretry = 5\n",
}
PEER_DIALPLAN = "\n[hl-in](+)\n" + "".join(
    f"exten => {number},1,Answer()\n same => n,Queue({queue})\n same => n,Hangup()\n"
    for number, queue in ((PEER, "peer"), (PEER_RETRY_1, "peer-retry-1"), (PEER_RETRY_5, "peer-retry-5"))
)


def free_port(kind: socket.SocketKind, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Team:
    """A WorkforceSource: these agents, one queue, no after-call work, no announcements, no break for missed offers."""

    def __init__(self, agents: tuple[str, ...], ring_seconds: int) -> None:
        self._agents, self._ring_seconds = agents, ring_seconds

    async def current(self) -> Workforce:
        queue = Queue(
            id=QueueId("service"),
            skill=SERVICE,
            ring_seconds=self._ring_seconds,
            wrap_up_seconds=0,
            announce_every_seconds=0,
            first_announcement_seconds=0,
        )
        return Workforce(
            (queue,), {AgentId(agent): AgentProfile(skills={SERVICE: 5}, missed_limit=0) for agent in self._agents}
        )

    async def changed(self) -> Workforce:
        return await self.current()


async def straight_to_service(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue:
    """A menu without prompts, so that only the routing is measured."""
    return Enqueue(queue="service", topic="", path=("service",), language="zh-CN")


@contextmanager
def asterisk(folder: Path, agents: tuple[str, ...], phone_port: int) -> Iterator[AsteriskProcess]:
    """An Asterisk whose agents' phones are all at `PHONES:phone_port`."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    site = AsteriskSite(
        folder=folder / "asterisk",
        recordings=folder / "recordings",
        sip_port=free_port(udp),
        http_port=free_port(tcp),
        ami_port=free_port(tcp),
        agi_port=free_port(tcp),
        hotline_numbers=(OURS,),
        agents=tuple(AgentPhone(number=agent, contact=f"sip:{agent}@{PHONES}:{phone_port}") for agent in agents),
        queues=(FallbackQueue(id="service", agents=agents),),
        ami_users=(AmiUser(name="hotline", secret=SECRET),),
    )
    process = AsteriskProcess(site, find_asterisk(Settings().cache_dir))
    process.start()
    try:
        with (site.folder / "etc" / "extensions.conf").open("a") as dialplan:
            dialplan.write(PEER_DIALPLAN)
        with (site.folder / "etc" / "queues.conf").open("a") as queues:
            members = "".join(f"member => PJSIP/{agent}\n" for agent in agents)
            queues.write("".join(queue + members for queue in PEER_QUEUES.values()))
        process.rx("dialplan reload")
        process.rx("queue reload all")
        yield process
    finally:
        process.stop()


def bridge_config(site: AsteriskSite, folder: Path, secret: str) -> BridgeConfig:
    """Ours on this Asterisk, with everything it writes in the folder."""
    return BridgeConfig(
        ami=AmiAccount(host=site.host, port=site.ami_port, username="hotline", secret=secret),
        agi_host=site.host,
        agi_port=site.agi_port,
        prompts=folder / "prompts",
        prompt_cache=folder / "prompt-cache",
        memory_file=folder / "telephony.json",
        cel_file=site.cel_file,
        realtime_database=site.realtime_database,
        sip_domain=site.host,
        websocket_url=f"ws://{site.host}:{site.http_port}/ws",
    )


@asynccontextmanager
async def telephone_side(
    process: AsteriskProcess, folder: Path, agents: tuple[str, ...], ring_seconds: int
) -> AsyncIterator[Bridge]:
    """Ours, in this process, in step with Asterisk and with all agents ready."""
    bridge = Bridge(
        bridge_config(process.site, folder, SECRET),
        journal=Journal(folder / "journal"),
        workforce=Team(agents, ring_seconds),
        directory=NobodyKnown(),
        menu=straight_to_service,
    )
    await bridge.start()
    try:
        async with asyncio.timeout(20):
            await bridge.ready.wait()
        for agent in agents:
            await bridge.desk.sign_in(agent, ready=True)
        yield bridge
    finally:
        await bridge.stop()


@contextmanager
def sipp(folder: Path, *options: str, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """One sipp until the end of the block; `log` gets every SIP message with its time."""
    trace = ("-trace_msg", "-message_file", str(log)) if log else ()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        ["sipp", *options, "-nostdin", *trace], stdin=quiet, stdout=quiet, stderr=quiet, cwd=folder
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
