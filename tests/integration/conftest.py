"""Fixtures for tests against a real Asterisk.

`telephone_site` (one Asterisk per test run, a moment of silence after each test): a SiteUnderTest with

- `call(number, scenarios.caller(...))` – a sipp customer dials, from 127.0.0.2 = the trunk;
- `phone("1001", scenarios.phone_answers(...))` – plug in the desk phone of agent 1001 to 1004;
- `outside_phone(scenario)` – a customer whom outgoing calls reach;
- `site.sip_port`, `site.ami_port`, `site.http_port`, `site.agi_port` (bind your FastAGI server there),
  `ami_user`, `ami_secret`, `site.recordings`, `cel()`, `log_trouble()`, `asterisk.rx("core show channels")`.

Agent 1018 has a browser phone; its secret is the row "1018" of `site.realtime_database`. The hotline's numbers are
4001718888 and 8008201111, the queues "repair" and "enquiry".

`own_telephone_site` is a fresh one for a single test that kills or reconfigures it.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_conf.install import find_asterisk
from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AgentPhone, AmiUser, AsteriskSite, FallbackQueue
from hotline.settings import Settings
from tests.integration.carrier import Carrier, running_carrier
from tests.integration.site import CUSTOMERS, DESK_PHONES, SiteUnderTest
from tests.ports import free_port, worker_number

_DESK_AGENTS = ("1001", "1002", "1003", "1004")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.integration)


@contextmanager
def running_site(*, alive_seconds: int = 20, rtp_ports: int = 200) -> Iterator[SiteUnderTest]:
    """Start an Asterisk on free ports in a short temporary folder; stop it and tidy up at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hl-"))
    phones = {agent: free_port(socket.SOCK_DGRAM, DESK_PHONES) for agent in _DESK_AGENTS}
    rtp = 14000 + 400 * (worker_number() % 20) + 20 * (free_port() % 10)
    desk = tuple(AgentPhone(number=agent, contact=f"sip:{agent}@{DESK_PHONES}:{phones[agent]}") for agent in phones)
    site = AsteriskSite(
        folder=folder / "asterisk",
        recordings=folder / "recordings",
        sip_port=free_port(socket.SOCK_DGRAM),
        http_port=free_port(),
        ami_port=free_port(),
        agi_port=free_port(),
        rtp_start=rtp,
        rtp_end=rtp + rtp_ports - 1,
        hotline_numbers=("4001718888", "8008201111"),
        trunk_contact=f"sip:{CUSTOMERS}:{free_port(socket.SOCK_DGRAM, CUSTOMERS)}",
        agents=(*desk, AgentPhone(number="1018")),
        queues=(FallbackQueue(id="repair", agents=_DESK_AGENTS), FallbackQueue(id="enquiry", agents=("1018",))),
        ami_users=(AmiUser(name="hotline", secret="test"),),
        alive_seconds=alive_seconds,
    )
    asterisk = AsteriskProcess(site, find_asterisk(Settings().cache_dir))
    asterisk.start()
    running = SiteUnderTest(asterisk, folder, phones)
    try:
        yield running
    finally:
        running.unplug_everything()
        asterisk.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_telephone_site() -> Iterator[SiteUnderTest]:
    with running_site() as site:
        yield site


@pytest.fixture(scope="module")
def carrier(shared_telephone_site: SiteUnderTest) -> Iterator[Carrier]:
    """The lines of other tests are as they were when it ends: none of them knows this carrier."""
    before = shared_telephone_site.site
    with running_carrier() as one:
        yield one
        shared_telephone_site.asterisk.reload_lines(before)


@pytest.fixture
def telephone_site(shared_telephone_site: SiteUnderTest) -> Iterator[SiteUnderTest]:
    shared_telephone_site.begin_test()
    yield shared_telephone_site
    shared_telephone_site.hang_up_everything()


@pytest.fixture
def own_telephone_site() -> Iterator[SiteUnderTest]:
    with running_site() as site:
        yield site
