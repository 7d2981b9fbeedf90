"""Which Asterisk we run on, and where a private copy comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_conf import install
from asterisk_conf.apt_sources import debian_mirror
from asterisk_conf.install import AsteriskUnavailable, accepts, find_asterisk


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("Asterisk 22.11.0", True),
        ("Asterisk 22.10.0", False),  # CVE-2026-57191
        ("Asterisk 22.9.2", False),
        ("Asterisk 23.1.0", False),
        ("Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5", False),
        ("", False),
    ],
)
def test_only_22_from_10_1_on_is_accepted(version: str, fits: bool) -> None:
    assert accepts(version) is fits


def _apt(tmp_path: Path, files: dict[str, str], release: str) -> tuple[Path, Path]:
    apt, os_release = tmp_path / "apt", tmp_path / "os-release"
    (apt / "sources.list.d").mkdir(parents=True)
    for name, text in files.items():
        (apt / name).write_text(text)
    os_release.write_text(release)
    return apt, os_release


BOOKWORM = 'ID=debian\nVERSION_CODENAME="bookworm"\n'


def test_the_mirror_is_that_of_the_main_archive_and_not_of_security_or_a_vendor(tmp_path: Path) -> None:
    sources = (
        "Types: deb\nURIs: http://security.example/debian-security\nSuites: bookworm-security\nComponents: main\n\n"
        "Types: deb\n# our own\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
        "Components: main contrib\n"
    )
    files = {
        "sources.list.d/debian.sources": sources,
        "sources.list.d/vendor.list": "deb [arch=amd64] https://vendor.example/apt vendor-suite main\n",
    }
    assert debian_mirror(*_apt(tmp_path, files, BOOKWORM)) == "http://mirror.example/debian"


def test_the_one_line_format_is_understood(tmp_path: Path) -> None:
    files = {
        "sources.list": "# old\ndeb-src http://x.example/ bookworm main\n"
        "deb [signed-by=/k.gpg] http://mirror.example/d bookworm main\n"
    }
    assert debian_mirror(*_apt(tmp_path, files, BOOKWORM)) == "http://mirror.example/d"


def test_another_system_has_no_mirror(tmp_path: Path) -> None:
    files = {"sources.list": "deb http://archive.example/ubuntu noble main\n"}
    assert debian_mirror(*_apt(tmp_path, files, "ID=ubuntu\nVERSION_CODENAME=noble\n")) is None


def test_without_a_mirror_the_refusal_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "on_path", lambda: None)
    monkeypatch.setattr(install, "debian_mirror", lambda: None)
    with pytest.raises(AsteriskUnavailable, match=r"docs/other-systems\.md"):
        find_asterisk(tmp_path / "cache")


def test_an_unwritable_cache_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "on_path", lambda: None)
    (tmp_path / "file").write_text("")
    with pytest.raises(AsteriskUnavailable, match="HOTLINE_CACHE_DIR"):
        find_asterisk(tmp_path / "file" / "cache")
