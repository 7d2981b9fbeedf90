"""Find a Kamailio, or fetch a private copy as `asterisk_conf.install` does for Asterisk: for two Asterisks only."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.apt_sources import debian_mirror
from asterisk_conf.debian_packages import PackagesUnavailable, command_in, unpack
from crm_core.errors import Unreachable

OLDEST = (5, 6)
SUITE = "sid"

Report = Callable[[str], None]


class KamailioUnavailable(Unreachable):
    """No usable Kamailio, with the sentence that tells the operator what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KamailioBuild:
    """A Kamailio that can be run in place: `command` is put before its own options."""

    command: tuple[str, ...]
    modules: Path
    version: str


def find_kamailio(cache_dir: Path, report: Report = lambda _: None) -> KamailioBuild:
    """The Kamailio to use; fetches one (about 10 s, 100 MB unpacked) when there is none. Raises KamailioUnavailable."""
    tree = cache_dir / "kamailio"
    return _on_path() or _in_tree(tree) or _fetch(tree, report)


def installed_kamailio(cache_dir: Path) -> str:
    """The version of the one that is there; fetches nothing. Raises KamailioUnavailable."""
    build = _on_path() or _in_tree(cache_dir / "kamailio")
    if build is None:
        raise KamailioUnavailable("There is no Kamailio.")
    return build.version


def _on_path() -> KamailioBuild | None:
    binary = shutil.which("kamailio") or shutil.which("/usr/sbin/kamailio")
    modules = next(Path("/usr/lib").glob("*/kamailio/modules"), None)
    return _build((binary,), modules) if binary and modules else None


def _in_tree(tree: Path) -> KamailioBuild | None:
    modules = next(tree.glob("usr/lib/*/kamailio/modules"), None)
    if modules is None:
        return None
    try:
        return _build(command_in(tree, "usr/sbin/kamailio"), modules)
    except PackagesUnavailable:
        return None


def _build(command: tuple[str, ...], modules: Path) -> KamailioBuild | None:
    try:
        done = subprocess.run([*command, "-v"], capture_output=True, text=True, check=False, timeout=20)  # noqa: S603 - a program we found ourselves
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"kamailio (\d+)\.(\d+)\.(\d+)", done.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return None
    return KamailioBuild(command=command, modules=modules, version=".".join(found.groups()))


def _fetch(tree: Path, report: Report) -> KamailioBuild:
    mirror = debian_mirror()
    if mirror is None:
        raise KamailioUnavailable(
            "Two Asterisks need Kamailio 5.6 or newer, and this machine has no Debian mirror to take one from. "
            "Install kamailio and put it on PATH, or set HOTLINE_NODES=1."
        )
    report("Fetching Kamailio (100 MB unpacked, once)")
    fresh = tree.with_name("kamailio.new")
    for leftover in (tree, fresh):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        unpack(("kamailio",), mirror, SUITE, fresh)
    except (PackagesUnavailable, OSError) as refused:
        raise KamailioUnavailable(
            "Kamailio could not be fetched from {mirror}: {reason}. Try again when it answers, or set HOTLINE_NODES=1.",
            mirror=mirror,
            reason=refused,
        ) from refused
    fresh.rename(tree)
    build = _in_tree(tree)
    if build is None:
        raise KamailioUnavailable(
            "The Kamailio in {tree} does not start. Install kamailio and put it on PATH.", tree=tree
        )
    return build
