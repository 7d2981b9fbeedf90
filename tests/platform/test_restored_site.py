"""The machine is lost: what was backed up while people talked comes back on an empty one, and the hotline is open."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.browser.people import PASSWORD
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_recording_of_a_call import tone
from tests.platform.people import SUPERVISOR
from tests.platform.site import REPAIR, Agent, CallCentre, new_number
from tests.platform.test_recovery import in_talk

TALK_SECONDS = 1.5
PASSPHRASE = "two horses cross the river"


def a_talk(centre: CallCentre, agent: Agent) -> str:
    """A customer's call from the first ring to its kept recording; the customer's number."""
    number = new_number()
    mine, yours = (tone(centre.folder / f"{hertz}.ul", hertz) for hertz in (880, 440))
    centre.telephones.phone("1001", scenarios.phone_answers(audio=mine))
    centre.call(number, scenarios.caller(number, keys=REPAIR, audio=yours))
    wait_until(lambda: in_talk(centre, number), 60, "the talk")
    time.sleep(TALK_SECONDS)
    assert agent.ask("/api/call/hang-up").status_code == 200
    assert centre.contact(number, seconds=60)["outcome"] == "answered"
    kept = "SELECT id FROM recording WHERE contact_id = ? AND status = 'ready'"
    wait_until(lambda: bool(centre.rows(kept, centre.contact(number)["id"])), 60, "the kept recording")
    return number


def hears(centre: CallCentre, number: str) -> bytes:
    """What the supervisor's player gets of this customer's talk."""
    [row] = centre.rows("SELECT id FROM recording WHERE contact_id = ?", centre.contact(number)["id"])
    with httpx2.Client(base_url=centre.address, trust_env=False, timeout=30) as web:
        assert web.post("/login", data={"number": SUPERVISOR, "password": PASSWORD}).status_code == 303
        person = Agent(SUPERVISOR, web)
        person.csrf = person._token()
        leave = person.ask(f"/recordings/{row['id']}/listen")
        assert leave.status_code == 200, leave.text
        sound = web.get(leave.json()["url"])
        assert sound.status_code in (200, 206)
        return sound.content


def counts(centre: CallCentre) -> dict[str, Any]:
    [row] = centre.rows("SELECT count(*) AS contacts, count(DISTINCT id) AS different FROM contact")
    return row


@pytest.mark.timeout(600)
def test_a_lost_site_comes_back_from_its_backup_with_people_calls_and_recordings(
    own_call_centre: CallCentre, tmp_path: Path
) -> None:
    centre = own_call_centre
    centre.settings |= {"HOTLINE_BACKUP_PASSPHRASE": PASSPHRASE, "HOTLINE_BACKUP_DIR": str(tmp_path / "kept")}
    assert centre.command("recordings", "keys", "new").returncode == 0
    centre.up()
    with centre.agent("1001") as agent:
        talked = a_talk(centre, agent)
        running = new_number()
        centre.telephones.phone("1001", scenarios.phone_answers())
        centre.call(running, scenarios.caller(running, keys=REPAIR))
        wait_until(lambda: in_talk(centre, running), 60, "the talk during which the backup is taken")
        done = centre.command("backup")
        assert done.returncode == 0, done.stderr
        assert in_talk(centre, running)
        assert agent.ask("/api/call/hang-up").status_code == 200
        lost = a_talk(centre, agent)
    before = hears(centre, talked)
    centre.down()
    shutil.rmtree(centre.run_dir)

    done = centre.command("restore")
    assert done.returncode == 0, done.stderr
    centre.up()
    assert hears(centre, talked) == before
    assert centre.contacts(lost) == []
    told = centre.contact(running, seconds=30)
    assert told["outcome"] is not None
    assert counts(centre)["contacts"] == counts(centre)["different"]
    with centre.agent("1001") as agent:
        a_talk(centre, agent)
    verified = centre.command("recordings", "verify", "--json")
    wrong = {one["name"] for one in json.loads(verified.stdout)["findings"]}
    assert wrong <= {"x/old-1-1.flac"}, "that one is a row of these tests that never had a file"
    doctor = json.loads(centre.command("doctor", "--json").stdout)
    chain = [one for one in doctor["findings"] if one["part"] == "audit log"]
    assert [one["state"] for one in chain] == ["ok"], chain
