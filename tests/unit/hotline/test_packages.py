"""What the set-up does when a system package is missing."""

from __future__ import annotations

import os
import shutil

import pytest

from hotline.packages import SetupRefused, SystemPackage, ensure, install_command

ABSENT = SystemPackage("sip-tester", "simulated customers", lambda: False)
PRESENT = SystemPackage("chromium", "browser tests", lambda: True)


def test_nothing_happens_when_everything_is_there() -> None:
    said: list[str] = []
    ensure([PRESENT], said.append)
    assert said == []


def test_an_ordinary_user_without_sudo_gets_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    with pytest.raises(SetupRefused, match=r"sudo apt-get install sip-tester$"):
        ensure([PRESENT, ABSENT], lambda _: None)


def test_another_system_is_told_the_names_and_where_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SetupRefused, match=r"sip-tester \(Debian names\).*docs/other-systems\.md"):
        ensure([ABSENT], lambda _: None)


def test_root_installs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert install_command(["sip-tester"]) == ["apt-get", "install", "-y", "--no-install-recommends", "sip-tester"]
