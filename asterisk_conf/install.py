"""Find an Asterisk that is new enough, or fetch a private copy without installing anything.

Order: the `asterisk` on PATH; the copy in the user's cache folder; a new copy, unpacked from the machine's own
Debian mirror. Older than 22.10.1 is refused (CVE-2026-57191), another major too.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.apt_sources import debian_mirror
from asterisk_conf.debian_packages import PackagesUnavailable, command_in, unpack
from crm_core.errors import Unreachable

MAJOR = 22
OLDEST = (22, 10, 1)
PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
# Without these the configuration does not load; distributions leave one or the other out.
NEEDED_MODULES = ("chan_pjsip.so", "res_pjsip_transport_websocket.so", "res_config_sqlite3.so", "cel_custom.so")

Report = Callable[[str], None]


class AsteriskUnavailable(Unreachable):
    """No usable Asterisk, with the sentence that tells the operator what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskBuild:
    """An Asterisk that can be run in place: `command` is put before Asterisk's own options."""

    command: tuple[str, ...]
    modules: Path
    data: Path
    version: str
    language: str


def find_asterisk(cache_dir: Path, report: Report = lambda _: None) -> AsteriskBuild:
    """The Asterisk to use; fetches one (about 15 s, 300 MB) when there is none.

    Raises AsteriskUnavailable with one sentence and the remedy.
    """
    return on_path() or cached(cache_dir) or _fetch(cache_dir, report)


def accepts(version: str) -> bool:
    """Whether this version text, e.g. "Asterisk 22.10.1+dfsg", is one we run on."""
    numbers = version_numbers(version)
    return numbers is not None and numbers[0] == MAJOR and numbers >= OLDEST


def version_numbers(text: str) -> tuple[int, ...] | None:
    found = re.search(r"\b(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def on_path() -> AsteriskBuild | None:
    """The system's own Asterisk, if it is new enough and complete."""
    binary = shutil.which("asterisk") or shutil.which("/usr/sbin/asterisk")
    if binary is None or not accepts(version := _version((binary,))):
        return None
    candidates = [*Path("/usr/lib").glob("*/asterisk/modules"), Path("/usr/lib/asterisk/modules")]
    modules = next((folder for folder in candidates if _complete(folder)), None)
    shared = [Path("/usr/share/asterisk"), Path("/var/lib/asterisk")]
    data = next((folder for folder in shared if (folder / "sounds").is_dir()), None)
    if modules is None or data is None:
        return None
    return AsteriskBuild(command=(binary,), modules=modules, data=data, version=version, language=_language(data))


def cached(cache_dir: Path) -> AsteriskBuild | None:
    """The private copy made earlier, or None."""
    record = cache_dir / "asterisk" / "hotline-version.json"
    if not record.is_file():
        return None
    version = str(json.loads(record.read_text())["version"])
    return _in_tree(record.parent, version) if accepts(version) else None


def _fetch(cache_dir: Path, report: Report) -> AsteriskBuild:
    with _cache_lock(cache_dir):
        if build := cached(cache_dir):  # another set-up was faster
            return build
        tree, fresh = cache_dir / "asterisk", cache_dir / "asterisk.new"
        for leftover in (tree, fresh):
            shutil.rmtree(leftover, ignore_errors=True)
        report("Fetching Asterisk (about 300 MB, once)")
        _extract(fresh)
        version = _version(_tree_command(fresh))
        if not accepts(version):
            raise AsteriskUnavailable(
                "The Debian mirror offers Asterisk {version}; Hotline needs {major}.x from {oldest} on. "
                "Install one and put it on PATH, or run it from a container image: docs/other-systems.md.",
                version=version or "?",
                major=MAJOR,
                oldest=".".join(map(str, OLDEST)),
            )
        (fresh / "hotline-version.json").write_text(json.dumps({"version": version}))
        fresh.rename(tree)
        build = _in_tree(tree, version)
        if build is None:
            raise AsteriskUnavailable(
                "The Asterisk from {tree} lacks a module of {modules}.", tree=tree, modules=", ".join(NEEDED_MODULES)
            )
        return build


def _extract(folder: Path) -> None:
    mirror = debian_mirror()
    if mirror is None:
        raise AsteriskUnavailable(
            "No Asterisk 22 on PATH, and this machine has no Debian mirror to take one from. "
            "See docs/other-systems.md for a container image."
        )
    try:
        unpack(PACKAGES, mirror, "sid", folder)
    except PackagesUnavailable as refused:
        raise AsteriskUnavailable(
            "Asterisk could not be fetched from {mirror}: {reason}. Try again when it answers.",
            mirror=mirror,
            reason=refused,
        ) from refused


def _in_tree(tree: Path, version: str) -> AsteriskBuild | None:
    modules = next((folder for folder in tree.glob("usr/lib/*/asterisk/modules") if _complete(folder)), None)
    if modules is None:
        return None
    data = tree / "usr/share/asterisk"
    return AsteriskBuild(
        command=_tree_command(tree), modules=modules, data=data, version=version, language=_language(data)
    )


def _tree_command(tree: Path) -> tuple[str, ...]:
    try:
        return command_in(tree, "usr/sbin/asterisk")
    except PackagesUnavailable as missing:
        raise AsteriskUnavailable("The private Asterisk copy cannot be run: {reason}.", reason=missing) from missing


def _version(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False, timeout=20)  # noqa: S603 - a program we found ourselves
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _complete(modules: Path) -> bool:
    return all((modules / name).is_file() for name in NEEDED_MODULES)


def _language(data: Path) -> str:
    """The language whose prompts exist: Debian's `sounds/en` is a link that only an installation completes."""
    sounds = data / "sounds"
    return "en" if (sounds / "en" / "vm-intro.wav").exists() else "en_US_f_Allison"


@contextmanager
def _cache_lock(cache_dir: Path) -> Iterator[None]:
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        handle = (cache_dir / "asterisk.lock").open("w")
    except OSError as refused:
        raise AsteriskUnavailable(
            "Cannot write to {folder} ({reason}). Set {setting} to a folder you own.",
            folder=cache_dir,
            reason=refused.strerror,
            setting="HOTLINE_CACHE_DIR",
        ) from refused
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    print(find_asterisk(Path(sys.argv[1]), print).version)
