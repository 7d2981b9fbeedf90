"""`hotline run` as a real process in a folder of its own, and the people who use it: by telephone and by web."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from asterisk_conf.install import find_asterisk
from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AsteriskSite
from hotline.settings import Settings
from tests.browser.people import PASSWORD
from tests.integration.site import CUSTOMERS, DESK_PHONES, Sipp, SiteUnderTest, wait_until
from tests.platform.pages import pages_answer
from tests.platform.people import first_of, settle
from tests.ports import free_port, worker_number

ROOT = Path(__file__).resolve().parents[2]
HOTLINE = "4001718888"
DESK_AGENTS = ("1001", "1002", "1003", "1004")
RUN = (sys.executable, "-m", "hotline", "run", "--quick")
# An eastern customer presses 1 for Chinese, then 4 for a repair; each as soon as the question begins.
REPAIR = ((1.2, "1"), (1.2, "4"))
_numbers = itertools.count(1)


def new_number() -> str:
    """A customer who never called before."""
    return f"137{worker_number():02}{next(_numbers):06}"


class CallCentre:
    """One run folder on free ports. `up()` starts `hotline run` in it; everything ends with `close()`."""

    def __init__(self, cache: Path, agents: tuple[str, ...] = DESK_AGENTS, root: Path = ROOT) -> None:
        self.root = root  # whose code `hotline` is
        self.folder = Path(tempfile.mkdtemp(prefix="hl-e2e-"))
        self.run_dir = self.folder / "run"
        self.run_dir.mkdir()
        self._cache = cache
        phones = {agent: free_port(socket.SOCK_DGRAM, DESK_PHONES) for agent in agents}
        rtp = 16000 + 600 * (worker_number() % 10) + 20 * (free_port() % 10)
        tcp = {name: free_port() for name in ("WEB_PORT", "ASTERISK_HTTP_PORT", "AMI_PORT", "AGI_PORT")}
        self.ports = {**tcp, "SIP_PORT": free_port(socket.SOCK_DGRAM), "RTP_START": rtp, "RTP_END": rtp + 399}
        self.trunk_contact = f"sip:{CUSTOMERS}:{free_port(socket.SOCK_DGRAM, CUSTOMERS)}"
        self.supervisors: list[subprocess.Popen[bytes]] = []
        self._of_earlier_tests: set[str] = set()
        self.settings: dict[str, str] = {}  # of this test's own, as environment variables
        self.later = 0.0  # seconds by which the platform's clock is ahead; with calls 0, for Asterisk has the machine's
        self.settle(f"sqlite+aiosqlite:///{self.database}", phones)
        self.telephones = SiteUnderTest(self._asterisk(), self.folder, phones)

    def settle(self, database: str, phones: dict[str, int]) -> None:
        settle(database, phones)

    def _asterisk(self) -> AsteriskProcess:
        """A view of the Asterisk that `hotline run` starts, for its control socket and its files."""
        site = AsteriskSite(
            folder=self.run_dir / "asterisk",
            recordings=self.run_dir / "recordings",
            sip_port=self.ports["SIP_PORT"],
            http_port=self.ports["ASTERISK_HTTP_PORT"],
            ami_port=self.ports["AMI_PORT"],
            agi_port=self.ports["AGI_PORT"],
            hotline_numbers=(HOTLINE,),
            trunk_contact=self.trunk_contact,
        )
        return AsteriskProcess(site, find_asterisk(Settings().cache_dir))

    @property
    def database(self) -> Path:
        return self.run_dir / "hotline.db"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports['WEB_PORT']}"

    @property
    def environment(self) -> dict[str, str]:
        own = {f"HOTLINE_{name}": str(port) for name, port in self.ports.items()}
        places = {"HOTLINE_RUN_DIR": str(self.run_dir), "HOTLINE_CACHE_DIR": str(self._cache)}
        demo = {"HOTLINE_DEMO": "0", "HOTLINE_DEMO_CALLS": "0", "HOTLINE_TRUNK_CONTACT": self.trunk_contact}
        path = os.pathsep.join((str(ROOT / "tests/platform/later"), str(self.root)))
        clock = {"PYTHONPATH": path, "LIVES_LATER_SECONDS": str(self.later)}
        return os.environ | own | places | demo | clock | self.settings

    # ---- the processes

    def run(self, command: tuple[str, ...] = RUN) -> subprocess.Popen[bytes]:
        with (self.folder / f"said-{len(self.supervisors)}").open("wb") as output:
            supervisor = subprocess.Popen(command, cwd=self.root, env=self.environment, stdout=output, stderr=output)
        self.supervisors.append(supervisor)
        return supervisor

    def up(self, command: tuple[str, ...] = RUN) -> subprocess.Popen[bytes]:
        supervisor = self.run(command)
        wait_until(lambda: "ready: http" in self.said() or supervisor.poll() is not None, 200, "ready")
        assert supervisor.poll() is None, self.said() + self.platform_log()
        return supervisor

    def down(self) -> None:
        """Stop all of it, as an operator does."""
        self.supervisors[-1].send_signal(signal.SIGINT)
        self.supervisors[-1].wait(60)

    def said(self, number: int = -1) -> str:
        """What a `hotline run` printed, the last one's by default."""
        return (self.folder / f"said-{number % len(self.supervisors)}").read_text()

    def platform_log(self) -> str:
        path = self.run_dir / "platform.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def pid(self, part: str) -> int:
        path = {
            "asterisk": "asterisk/run/asterisk.pid",
            "second asterisk": "asterisk-b/run/asterisk.pid",
            "kamailio": "kamailio/kamailio.pid",
            "platform": "platform.pid",
        }[part]
        return int((self.run_dir / path).read_text())

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`hotline WORDS`, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "hotline", *words],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip

    def close(self) -> None:
        self.telephones.unplug_everything()
        for supervisor in self.supervisors:
            if supervisor.poll() is None:
                supervisor.send_signal(signal.SIGINT)
        for supervisor in self.supervisors:
            try:
                supervisor.wait(60)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                supervisor.wait()
        self._end_what_was_spared()
        if not self.folder.exists():
            return
        if kept := os.environ.get("HOTLINE_KEEP_TEST_FOLDERS"):
            shutil.move(self.folder, Path(kept) / self.folder.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_what_was_spared(self) -> None:
        """A version that did not start leaves the calls to the next one; after a test that failed there is none."""
        for part in ("asterisk", "second asterisk", "kamailio", "platform"):
            with suppress(OSError, ValueError):
                pid = self.pid(part)
                if str(self.run_dir).encode() in Path(f"/proc/{pid}/environ").read_bytes():
                    os.kill(pid, signal.SIGKILL)

    # ---- what happened

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Of the platform's own database, read as another program would."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    def contacts(self, caller: str) -> list[dict[str, Any]]:
        """Of one number, in order, without those of the days and tests before; `caller` as dialled, without +86."""
        calls = "SELECT * FROM contact WHERE caller = ? AND id NOT LIKE 'old-%' ORDER BY started_at"
        return [row for row in self.rows(calls, f"+86{caller}") if row["id"] not in self._of_earlier_tests]

    def begin_test(self) -> None:
        """What earlier tests left in the database is theirs."""
        self._of_earlier_tests = {row["id"] for row in self.rows("SELECT id FROM contact")}

    def contact(self, caller: str, *, ended: bool = True, seconds: float = 15.0) -> dict[str, Any]:
        """The only contact of this number, once it is there and, as asked, has ended."""

        def there() -> bool:
            return any(row["ended_at"] or not ended for row in self.contacts(caller))

        wait_until(there, seconds, f"a contact of {caller}; there is {self.contacts(caller)}")
        [row] = self.contacts(caller)
        return row

    def legs(self, contact: str) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM leg WHERE contact_id = ? ORDER BY offered_at", contact)

    def visits(self, contact: str) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM queue_visit WHERE contact_id = ? ORDER BY entered_at", contact)

    def until_talking(self, caller: str, seconds: float = 15.0) -> dict[str, Any]:
        """The leg of the talk that this caller has now."""

        def talks() -> list[dict[str, Any]]:
            legs = [leg for row in self.contacts(caller)[-1:] for leg in self.legs(row["id"])]
            return [leg for leg in legs if leg["answered_at"] and not leg["ended_at"]]

        return first_of(talks, seconds, f"{caller} talks")

    def until_waiting(self, caller: str, seconds: float = 15.0) -> dict[str, Any]:
        def waits() -> list[dict[str, Any]]:
            visits = [visit for row in self.contacts(caller)[-1:] for visit in self.visits(row["id"])]
            return [visit for visit in visits if not visit["left_at"]]

        return first_of(waits, seconds, f"{caller} waits")

    def cel_calls(self) -> set[str]:
        """Every customer's call that Asterisk knows of, by linkedid; a supervisor's ear is a call of its own to it."""
        return {row[3] for row in self.telephones.cel() if not row[3].startswith("spy-")}

    # ---- people

    def call(self, number: str, scenario: str, to: str = HOTLINE, **options: Any) -> Sipp:
        return self.telephones.call(to, scenario, **options)

    def pages_answer(self) -> bool:
        return pages_answer(self.address)

    @contextmanager
    def agent(self, number: str, *, ready: bool = True) -> Iterator[Agent]:
        """Signed in by the real pages; signed out again at the end."""
        with httpx2.Client(base_url=self.address, trust_env=False, timeout=30) as web:
            agent = Agent(number, web)
            agent.sign_in(ready=ready)
            try:
                yield agent
            except BaseException:
                with suppress(httpx2.HTTPError, AssertionError):  # the test's own failure is the one to tell
                    agent.sign_out()
                raise
            agent.sign_out()


Centre = TypeVar("Centre", bound=CallCentre)


@contextmanager
def at_rest(centre: Centre) -> Iterator[Centre]:
    """One that several tests share, without calls before and after each."""
    centre.begin_test()
    yield centre
    centre.telephones.hang_up_everything()


@dataclass(slots=True)
class Agent:
    """A person with a browser that runs no scripts."""

    number: str
    web: httpx2.Client
    csrf: str = ""

    def sign_in(self, *, ready: bool = True) -> None:
        form = {"number": self.number, "password": PASSWORD, "after": "ready" if ready else "break"}
        assert self.web.post("/login", data=form).status_code == 303
        self.csrf = self._token()

    def _token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', self.web.get("/desk").text)
        assert found
        return found[1]

    def sign_out(self) -> None:
        assert self.web.post("/logout", data={"csrf_token": self.csrf}).status_code == 303

    def ask(self, path: str, **body: object) -> httpx2.Response:
        return self.web.post(path, json=body, headers={"X-CSRF-Token": self.csrf})

    def state(self) -> str:
        """The state that the desk shows."""
        found = re.search(r'data-call="([a-z_]*)"', self.web.get("/desk").text)
        assert found
        return found[1]

    def board(self) -> dict[str, Any]:
        """What the wallboard shows at this moment."""
        found = re.search(r'<script [^>]*id="board-data"[^>]*>(.*?)</script>', self.web.get("/wallboard").text, re.S)
        assert found
        shown: dict[str, Any] = json.loads(found[1])
        return shown
