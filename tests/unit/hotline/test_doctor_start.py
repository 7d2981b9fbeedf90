"""The doctor of a site that starts: since when, what it is doing, and no fault for what the start makes."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import pytest

from hotline import doctor_command, run_folder, start_note
from hotline.doctor import machine
from hotline.doctor.findings import Finding, State, fine
from hotline.doctor_command import examine
from hotline.settings import Settings
from tests.unit.hotline import test_doctor
from tests.unit.hotline.test_doctor import faults

migrated, settings = test_doctor.migrated, test_doctor.settings


def test_a_site_that_starts_is_not_taken_for_one_that_gives_no_answer(settings: Settings):
    now = time.time()
    assert machine.site(settings, now).sentence("en") == "It does not run."
    start_note.note(settings.run_dir, "set-up")
    with run_folder.locked(settings.run_dir), start_note.told(settings.run_dir):
        start_note.note(settings.run_dir, "asterisk")
        told = machine.site(settings, now + 42)
        assert told.sentence("en") == f"It is starting, for 42 s (process {os.getpid()}): it starts Asterisk."
        assert told.sentence("zh-CN") == f"正在启动，已 42 秒（进程 {os.getpid()}）：正在启动 Asterisk。"
        assert told.advice("en") == "Wait until it says ready:, then look again."
        assert faults(machine.ports(settings)) == []
        start_note.done(settings.run_dir)
        assert machine.site(settings, now).sentence("en") == f"It runs (process {os.getpid()})."
        assert len(faults(machine.ports(settings))) == 4
    assert machine.site(settings, now).sentence("en") == "It does not run."


def test_a_start_that_was_killed_is_no_start_that_is_under_way(settings: Settings):
    start_note.note(settings.run_dir, "platform")
    with subprocess.Popen(["sleep", "60"]) as gone:
        note = (settings.run_dir / "starting").read_text().replace(str(os.getpid()), str(gone.pid))
        (settings.run_dir / "starting").write_text(note)
        assert machine.site(settings, time.time()).sentence("en") == "It does not run."
        gone.kill()


def test_what_the_start_makes_is_no_fault_while_it_makes_it(settings: Settings):
    assert [one.state for one in examine(settings, {}) if one.part == "prompts"] == [State.FAULT]
    start_note.note(settings.run_dir, "set-up")
    with start_note.told(settings.run_dir):
        made = [one for one in examine(settings, {}) if one.part == "prompts"]
    assert [one.sentence("en") for one in made] == ["It is made by the start that is under way."]


def test_each_finding_is_shown_as_soon_as_it_is_there(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    seen = threading.Event()

    def slow() -> Finding:
        assert seen.wait(10)
        return fine("backup", "done")

    monkeypatch.setattr(doctor_command, "checks", lambda *_: {"backup": slow, "python": machine.python})
    shown = doctor_command.examined(settings, {})
    part, found = next(shown)
    assert (part, found[0].state) == ("python", State.OK)
    seen.set()
    assert [part for part, _ in shown] == ["backup"]
