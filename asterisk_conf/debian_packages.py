"""Debian packages into a private folder: apt with a state of its own, so neither root nor an installation is needed."""

from __future__ import annotations

import fcntl
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from asterisk_conf.apt_sources import debian_mirror

KEYRINGS = ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg")


class PackagesUnavailable(Exception):
    """apt could not fetch them; the message is apt's own last word."""


def unpack(packages: Sequence[str], mirror: str, suite: str, target: Path) -> None:
    """Fetch these packages and all they need from `mirror`, and extract them below `target`.

    No maintainer script runs. Raises PackagesUnavailable.
    """
    target.mkdir(parents=True)
    with TemporaryDirectory(prefix="hotline-apt-", dir=target.parent) as work:
        options = _private_apt(Path(work), mirror, suite)
        _run(["apt-get", *options, "update"])
        _run(["apt-get", *options, "install", "-y", "--download-only", *packages])
        archives = sorted((Path(work) / "cache/archives").glob("*.deb"))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda archive: _run(["dpkg-deb", "-x", str(archive), str(target)]), archives))


def command_in(tree: Path, program: str) -> tuple[str, ...]:
    """How to run a program of an unpacked tree, e.g. "usr/sbin/asterisk": by the tree's own loader and libraries.

    So it needs neither chroot nor the host's libraries. Raises PackagesUnavailable.
    """
    machine = platform.machine()
    loader = next((path for path in _loaders(tree) if path.exists()), None)
    if loader is None:
        raise PackagesUnavailable(f"{tree} has no program loader for {machine}")
    libraries = tree / "usr/lib" / f"{machine}-linux-gnu"
    return (str(loader), "--library-path", str(libraries), str(tree / program))


def private_program(cache_dir: Path, package: str, program: str, *, folder: str = "") -> tuple[str, ...]:
    """How to run a program of a Debian package, fetched once into a folder of the cache named like the package.

    Raises PackagesUnavailable.
    """
    cache_dir.mkdir(parents=True, exist_ok=True)
    name = folder or package
    tree, fresh = cache_dir / name, cache_dir / f"{name}.new"
    with (cache_dir / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (tree / program).exists():
            mirror = debian_mirror()
            if mirror is None:
                raise PackagesUnavailable("this machine has no Debian mirror")
            shutil.rmtree(fresh, ignore_errors=True)
            unpack((package,), mirror, "sid", fresh)
            fresh.rename(tree)
    return command_in(tree, program)


def _loaders(tree: Path) -> Iterator[Path]:
    for libraries in (tree / "usr", tree):  # before Debian 13 the loader lies outside usr
        yield libraries / "lib64/ld-linux-x86-64.so.2"
        yield libraries / "lib/ld-linux-aarch64.so.1"
        yield from libraries.glob("lib/*-linux-gnu/ld-linux-*.so.*")


def _private_apt(work: Path, mirror: str, suite: str) -> list[str]:
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()  # nothing is installed: so everything needed is fetched
    keys = next((f"/usr/share/keyrings/{name}" for name in KEYRINGS if Path("/usr/share/keyrings", name).exists()), "")
    signed = f"[signed-by={keys}] " if keys else ""
    (work / "sources.list").write_text(f"deb {signed}{mirror} {suite} main\n")
    settings = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": "1",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",  # a mirror may be some days behind
        "Acquire::Retries": "3",
        "APT::Update::Error-Mode": "any",  # else a list that was not fetched is no fault, and no package is known then
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words and apt's own mirror
    except FileNotFoundError as missing:
        raise PackagesUnavailable(f"{command[0]} is missing") from missing
    if done.returncode != 0:
        raise PackagesUnavailable((done.stderr.strip().splitlines() or ["no message"])[-1])
