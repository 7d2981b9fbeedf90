"""A whole platform that encrypts its recordings and sends them to a store: heard, written down, proven, erased.

And killed (-9) in the middle of sending and in the middle of erasing: nothing is lost, nothing is half.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import soundfile

from benchmarks.korean_speech import RESERVE, mu_law, quiet, spoken
from recording.evidence.check import check
from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.korean_model import korean_model
from tests.platform.people import SUPERVISOR
from tests.platform.site import REPAIR, CallCentre
from tests.s3_server import BUCKET, S3Server

CALLER = people.CHEN_NUMBER.removeprefix("+86")
TALK_SECONDS, SENT_SECONDS = 3.0, 90.0
WRITTEN_SECONDS = 300.0  # a machine with too much to do writes nothing down


@pytest.fixture
def store() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    assert server.process
    server.process.send_signal(signal.SIGCONT)
    server.stop()


@pytest.fixture
def site(own_call_centre: CallCentre, store: S3Server) -> CallCentre:
    """It encrypts, sends and writes down; the Korean model stands for a Chinese one, as no registry has that."""
    own_call_centre.settings = {
        "HOTLINE_RECORDINGS_BUCKET": BUCKET,
        "HOTLINE_RECORDINGS_S3_ENDPOINT": store.address,
        "HOTLINE_RECORDINGS_S3_KEY": "only-here",
        "HOTLINE_RECORDINGS_S3_SECRET": "only-here",
        "HOTLINE_SPEECH_MODELS": json.dumps({"zh-CN": str(korean_model())}),
        "HOTLINE_LIVE_TEXT_PROCESSES": "0",
    }
    with closing(sqlite3.connect(own_call_centre.database)) as database, database:
        database.execute("DELETE FROM recording")  # of the days before, which have no sound
    made = own_call_centre.command("recordings", "keys", "new")
    assert made.returncode == 0, made.stderr
    own_call_centre.up()
    return own_call_centre


@contextmanager
def person(site: CallCentre, number: str) -> Iterator[httpx2.Client]:
    """Signed in by the real pages."""
    with httpx2.Client(base_url=site.address, trust_env=False, timeout=30) as web:
        form = {"number": number, "password": people.PASSWORD, "after": "break"}
        landing = web.post("/login", data=form).headers["location"]
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', web.get(landing).text)
        assert found
        web.headers["X-CSRF-Token"] = found[1]
        yield web


def recordings(site: CallCentre) -> list[dict[str, Any]]:
    return site.rows("SELECT * FROM recording WHERE leg_id NOT LIKE 'old-%' ORDER BY id")


def talk(site: CallCentre, folder: Path) -> None:
    """Chen calls and says a word now and then; the agent hangs up after a while."""
    sound = folder / "said.ul"
    sound.write_bytes(mu_law(quiet(0.5) + spoken(RESERVE) + quiet(0.5)))
    site.telephones.phone("1001", scenarios.phone_answers())
    with site.agent("1001") as agent:
        site.call(CALLER, scenarios.caller(CALLER, keys=REPAIR, audio=sound))
        site.until_talking(CALLER)
        time.sleep(TALK_SECONDS)  # the talk itself
        assert agent.ask("/api/call/hang-up").status_code == 200
        wait_until(lambda: all(one["ended_at"] for one in site.contacts(CALLER)), 15, "the end of the call")


def sent(site: CallCentre, count: int) -> list[dict[str, Any]]:
    """All are encrypted, in the store, and not on the disk any more."""

    def there() -> bool:
        rows = recordings(site)
        here = [path for path in (site.run_dir / "recordings").glob("*/*") if path.suffix != ".json"]
        leaving = site.rows("SELECT id FROM recording_leaving")
        return len(rows) == count and all(row["place"] == "s3" for row in rows) and not here and not leaving

    wait_until(there, SENT_SECONDS, f"everything in the store; there is {recordings(site)}")
    return recordings(site)


def objects(store: S3Server) -> list[str]:
    listed = httpx2.get(f"{store.address}/{BUCKET}?list-type=2", trust_env=False).text
    return [key for key in re.findall(r"<Key>([^<]+)</Key>", listed) if ".flac" in key]


def verified(site: CallCentre) -> dict[str, Any]:
    done = site.command("recordings", "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def kill(site: CallCentre) -> None:
    """kill -9 of the platform; returns when its successor's pages answer."""
    platform = site.pid("platform")
    os.kill(platform, signal.SIGKILL)
    wait_until(lambda: site.pid("platform") != platform, 20, "a new platform process")
    wait_until(site.pages_answer, 60, "the pages are back")


def heard_by_the_page(web: httpx2.Client, recording: int) -> None:
    """From any place, as a browser asks when somebody clicks into the waveform."""
    assert "校验一致" in web.get(f"/recordings/{recording}/seal").text
    url = web.post(f"/recordings/{recording}/listen").json()["url"]
    whole = web.get(url)
    assert whole.status_code == 200
    part = web.get(url, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole.content)}"
    sound, rate = soundfile.read(io.BytesIO(whole.content))
    assert TALK_SECONDS - 1 < len(sound) / rate < TALK_SECONDS + 3
    assert np.abs(sound[:, 0]).max() > 0.1, "the customer"


def proven(web: httpx2.Client, recording: int, folder: Path) -> None:
    assert web.post(f"/recordings/{recording}/evidence", data={"why": "法院来函"}).status_code == 200
    address: list[str] = []

    def made() -> bool:
        told = web.get(f"/recordings/{recording}/evidence").text
        address[:] = re.findall(rf"/recordings/{recording}/evidence/\d+", told)
        return bool(address) and web.get(address[0]).status_code == 200

    wait_until(made, 60, "a package")
    package = folder / "package.zip"
    package.write_bytes(web.get(address[0]).content)
    assert check(package).faults == ()


@pytest.mark.full
@pytest.mark.timeout(700)
def test_a_call_is_encrypted_sent_heard_written_down_proven_and_erased_with_proof(
    site: CallCentre, store: S3Server, tmp_path: Path
) -> None:
    talk(site, tmp_path)
    (row,) = sent(site, 1)
    assert row["file"].endswith(".enc")
    assert len(objects(store)) == 1
    with person(site, SUPERVISOR) as web:
        heard_by_the_page(web, row["id"])
        assert verified(site)["opened"] == 1
        proven(web, row["id"], tmp_path)
        written = "SELECT * FROM transcript WHERE recording_id = ? AND status = 'done'"
        wait_until(lambda: bool(site.rows(written, row["id"])), WRITTEN_SECONDS, "the text")
        said = [line["side"] for line in site.rows("SELECT side FROM transcript_line")]
        assert "customer" in said
        assert '<li class="c"' in web.get(f"/recordings/{row['id']}/text").text
    erased(site, store, killed=False)


def erased(site: CallCentre, store: S3Server, *, killed: bool) -> None:
    """By two persons; with `killed` the platform dies while the store does not answer."""
    assert store.process
    if killed:
        store.process.send_signal(signal.SIGSTOP)
    with person(site, SUPERVISOR) as web:
        web.post(f"/admin/erasure/customer/{people.CHEN}/ask", data={"why": "来函 11-24"})
    with person(site, people.ADMIN) as web:
        (request,) = site.rows("SELECT * FROM erasure_request")
        web.post(f"/admin/erasure/{request['id']}/confirm", data={"typed": ""})
    if killed:
        kill(site)
        assert {row["state"] for row in site.rows("SELECT state FROM erasure_request")} == {"running"}
        store.process.send_signal(signal.SIGCONT)
    done = "SELECT * FROM erasure_request WHERE state = 'done'"
    wait_until(lambda: bool(site.rows(done)), 400 if killed else 60, "the request is carried out")
    sounds = site.rows("SELECT * FROM erasure_item WHERE kind = 'sound' AND subject IN "
                       "(SELECT 'recording:' || id FROM recording WHERE leg_id NOT LIKE 'old-%')")  # fmt: skip
    assert sounds
    assert {(one["result"], len(one["sha256"])) for one in sounds} == {("erased", 64)}
    assert {row["status"] for row in recordings(site)} == {"deleted"}
    assert objects(store) == []
    assert site.rows("SELECT * FROM transcript_line") == []
    (request,) = site.rows(done)
    (entry,) = site.rows("SELECT * FROM audit_entry WHERE action = 'erasure_done'")
    assert request["proof"] in entry["detail"]
    verified(site)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_kill_while_recordings_are_sent_and_one_while_they_are_erased_lose_nothing_and_leave_nothing_half(
    site: CallCentre, store: S3Server, tmp_path: Path
) -> None:
    talk(site, tmp_path)
    sent(site, 1)
    assert store.process
    store.process.send_signal(signal.SIGSTOP)
    for _ in range(2):
        talk(site, tmp_path)
    encrypted = "SELECT * FROM recording WHERE place = '' AND file LIKE '%.enc'"
    wait_until(lambda: len(site.rows(encrypted)) == 2, SENT_SECONDS, "both wait encrypted for the store")
    kill(site)
    store.process.send_signal(signal.SIGCONT)
    rows = sent(site, 3)
    assert len(objects(store)) == 3, "no copy twice"
    assert verified(site)["opened"] == 3
    with person(site, SUPERVISOR) as web:
        for row in rows:
            heard_by_the_page(web, row["id"])
    erased(site, store, killed=True)
