"""Which Debian mirror this machine uses, read from apt's own files: both the old and the deb822 format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROLLING = {"sid", "unstable", "testing", "stable"}


def debian_mirror(apt: Path = Path("/etc/apt"), os_release: Path = Path("/etc/os-release")) -> str | None:
    """The address of the main archive, or None on a machine that is not Debian."""
    release = _read_release(os_release)
    if release.get("ID") != "debian":
        return None
    suites = ROLLING | {release.get("VERSION_CODENAME", "")}
    for uri, suite in _entries(apt):
        if suite in suites and re.match(r"https?://|file:", uri):
            return uri
    return None


def _read_release(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text().splitlines()) if path.is_file() else ()
    return {key: value.strip().strip('"') for key, _, value in pairs}


def _entries(apt: Path) -> Iterator[tuple[str, str]]:
    """(address, suite) of every binary entry with the component main."""
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.is_file():
            yield from parse_list(path.read_text())
    for path in sorted((apt / "sources.list.d").glob("*.sources")):
        yield from parse_deb822(path.read_text())


def parse_list(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
        if found and "main" in found[3].split():
            yield found[1], found[2]


def parse_deb822(text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"\n\s*\n", text):
        lines = (line for line in block.splitlines() if not line.startswith("#"))
        fields = {key.strip().lower(): value.split() for key, _, value in (line.partition(":") for line in lines)}
        if fields.get("enabled") == ["no"] or "deb" not in fields.get("types", []):
            continue
        if "main" in fields.get("components", []):
            yield from ((uri, suite) for uri in fields.get("uris", []) for suite in fields.get("suites", []))
