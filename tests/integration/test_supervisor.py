"""`hotline run` with real processes: what it starts, what survives what, and what it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.site import wait_until
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
# The command itself, with another process in the platform's place.
RUN = (
    "from hotline import cli, run_folder, supervisor; run_folder.PLATFORM = 'tests.integration.standin_platform'; "
    "import sys; sys.argv = ['hotline', 'run', '--quick']; cli.main()"
)


class House:
    """One run folder on free ports, and the `hotline run` processes started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        udp = socket.SOCK_DGRAM
        ports = {name: free_port() for name in ("WEB_PORT", "ASTERISK_HTTP_PORT", "AMI_PORT", "AGI_PORT")}
        self.ports = ports | {"SIP_PORT": free_port(udp), "RTP_START": 12000, "RTP_END": 12200}
        self.supervisors: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        own = {f"HOTLINE_{name}": str(port) for name, port in self.ports.items()}
        return (
            os.environ | own | {"HOTLINE_RUN_DIR": str(self.folder), "HOTLINE_DEMO": "false", "PYTHONPATH": str(ROOT)}
        )

    def run(self) -> subprocess.Popen[bytes]:
        output = (self.folder / f"said-{len(self.supervisors)}").open("wb")
        supervisor = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=ROOT, env=self.environment, stdout=output, stderr=output
        )
        self.supervisors.append(supervisor)
        return supervisor

    def said(self, number: int = -1) -> str:
        index = number % len(self.supervisors)
        return (self.folder / f"said-{index}").read_text()

    def up(self) -> subprocess.Popen[bytes]:
        supervisor = self.run()
        wait_until(lambda: "ready: http://" in self.said() or supervisor.poll() is not None, 60, "ready")
        assert supervisor.poll() is None, self.said()
        return supervisor

    def pid(self, part: str) -> int:
        path = {"asterisk": "asterisk/run/asterisk.pid", "platform": "platform.pid"}[part]
        return int((self.folder / path).read_text())


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def house() -> Iterator[House]:
    house = House(Path(tempfile.mkdtemp(prefix="hl-run-")))
    yield house
    for supervisor in house.supervisors:
        if supervisor.poll() is None:
            supervisor.terminate()
            supervisor.wait(30)
    shutil.rmtree(house.folder, ignore_errors=True)


def test_ctrl_c_ends_everything_that_was_started(house: House) -> None:
    supervisor = house.up()
    asterisk, platform = house.pid("asterisk"), house.pid("platform")
    assert alive(asterisk)
    assert alive(platform)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(30) == 0
    assert not alive(asterisk)
    assert not alive(platform)


def test_a_killed_platform_comes_back_and_asterisk_never_stops(house: House) -> None:
    house.up()
    asterisk, platform = house.pid("asterisk"), house.pid("platform")
    os.kill(platform, signal.SIGKILL)
    wait_until(lambda: house.pid("platform") != platform, 10, "a new platform process")
    assert house.pid("asterisk") == asterisk
    assert alive(asterisk)


def test_after_a_killed_supervisor_the_next_one_adopts_asterisk_and_ends_the_left_over_platform(house: House) -> None:
    first = house.up()
    asterisk, platform = house.pid("asterisk"), house.pid("platform")
    first.kill()
    first.wait()
    assert alive(asterisk)
    house.up()
    assert house.pid("asterisk") == asterisk
    assert alive(asterisk)
    assert not alive(platform)


def test_a_second_run_in_the_same_folder_is_refused_in_one_sentence(house: House) -> None:
    first = house.up()
    second = house.run()
    assert second.wait(30) == 1
    assert (
        house.said()
        == f"Hotline already runs in {house.folder} (process {first.pid}). Stop it with: kill {first.pid}\n"
    )
    assert first.poll() is None


@pytest.mark.parametrize(
    ("port", "kind"),
    [("WEB_PORT", socket.SOCK_STREAM), ("SIP_PORT", socket.SOCK_DGRAM), ("AMI_PORT", socket.SOCK_STREAM)],
)
def test_a_taken_port_is_refused_in_one_sentence_with_the_remedy(
    house: House, port: str, kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", house.ports[port]))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        supervisor = house.run()
        assert supervisor.wait(30) == 1
    said = house.said().strip()
    assert said.count("\n") == 0
    assert f"Port {house.ports[port]} on 127.0.0.1 is taken" in said
    assert f"set HOTLINE_{port} to a free port" in said


def test_status_tells_each_part_before_and_after_the_start(house: House) -> None:
    import json

    def status() -> dict[str, bool]:
        done = subprocess.run(
            [sys.executable, "-m", "hotline", "status", "--json"],
            cwd=ROOT,
            env=house.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return {part["name"]: part["ok"] for part in json.loads(done.stdout)["parts"]}

    # The address of links in messages is a setting and no part that runs.
    assert [name for name, ok in status().items() if ok] == ["public address"]
    house.up()
    # The stand-in serves no menu and routes no calls: these two are rightly down.
    assert [name for name, ok in status().items() if not ok] == ["fastagi", "lead"]
