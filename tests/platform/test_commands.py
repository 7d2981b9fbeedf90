"""`hotline run`, `hotline call` and `hotline status` as a person at the terminal meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.integration import scenarios
from tests.integration.test_supervisor import alive
from tests.platform.site import RUN, CallCentre, new_number


def test_a_call_from_the_terminal_tells_its_whole_timeline(call_centre: CallCentre) -> None:
    number = new_number()
    call_centre.telephones.phone("1001", scenarios.phone_answers())
    with call_centre.agent("1001"):
        done = call_centre.command("call", "--json", "--number", number, "--menu", "14", "--talk", "1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    steps = [step["step"] for step in told["timeline"]]
    assert steps == ["dialled", "answered", "menu", "queued", "offered", "agent answered", "ended", "contact"]
    assert told["outcome"] == "answered"
    assert told["contact"] == call_centre.contact(number)["id"]


def test_a_number_that_nobody_published_is_told_with_those_that_are(call_centre: CallCentre) -> None:
    done = call_centre.command("call", "--number", new_number(), "--entry", "4000000000")
    assert done.returncode == 1, done.stdout
    assert done.stderr == "4000000000 is not published. Answered are: 4001718888, 8008201111.\n"


def test_status_says_that_every_part_is_healthy(call_centre: CallCentre) -> None:
    done = call_centre.command("status", "--json")
    told = json.loads(done.stdout)
    assert [part for part in told["parts"] if not part["ok"]] == []
    assert {part["name"] for part in told["parts"]} >= {"web", "sip", "ami", "fastagi", "database", "recordings"}
    assert (told["ok"], done.returncode) == (True, 0)


def of_this_site(folder: Path) -> set[int]:
    """Every living process that was started for this run folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in known and alive(int(process.name)):
            found.add(int(process.name))
    return found - {os.getpid()}


def test_ctrl_c_ends_all_that_was_started_and_nothing_else(own_call_centre: CallCentre) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        supervisor = own_call_centre.up()
        second = own_call_centre.run()
        assert second.wait(30) == 1
        assert own_call_centre.said() == (
            f"Hotline already runs in {own_call_centre.run_dir} (process {supervisor.pid}). "
            f"Stop it with: kill {supervisor.pid}\n"
        )
        number = new_number()
        own_call_centre.call(number, scenarios.caller(number))
        own_call_centre.contact(number, ended=False)
        assert len(of_this_site(own_call_centre.run_dir)) >= 3
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(30) == 0, own_call_centre.said(0)
        assert of_this_site(own_call_centre.run_dir) == set()
        assert bystander.poll() is None
        assert "Traceback" not in own_call_centre.said(0) + own_call_centre.platform_log()
    finally:
        bystander.kill()
        bystander.wait()


def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(call_centre: CallCentre) -> None:
    elsewhere = call_centre.environment | {"HOTLINE_RUN_DIR": "/proc/hotline"}
    done = subprocess.run(
        [*RUN],
        env=elsewhere, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Cannot write to /proc/hotline" in done.stderr
    assert "Set HOTLINE_RUN_DIR to a folder you own." in done.stderr
