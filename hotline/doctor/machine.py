"""The machine under a site: Python, disk, clock, ports, whose the folders are, settings that nobody reads."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent_desktop.health import room_on
from agent_desktop.words import N_
from hotline import run_folder
from hotline.bootstrap import OLDEST
from hotline.doctor.findings import Finding, Word, absent, fault, fine, warning
from hotline.packages import SetupRefused
from hotline.ports import require_free
from hotline.settings import Settings
from hotline.start_note import STEPS, Start, starting

NOT_SETTINGS = ("HOTLINE_NEW_PASSWORD", "HOTLINE_TEST_", "HOTLINE_KEEP_TEST", "HOTLINE_SCREENSHOTS")


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    shown = ".".join(map(str, version))
    if version < OLDEST:
        remedy = N_("Install Python 3.11 or newer, then: make PYTHON=/usr/bin/python3.11")
        return fault("python", N_("Python {version} is too old."), remedy, version=shown)
    return fine("python", N_("Python {version}"), version=shown)


def disk(settings: Settings) -> list[Finding]:
    """Of each file system that the site writes to, once."""
    folders = [settings.run_dir, settings.recordings_dir, settings.cache_dir]
    folders += [settings.backup_dir] if settings.backup_dir else []
    seen: dict[int, Path] = {}
    for folder in folders:
        there = _nearest(folder.resolve())
        seen.setdefault(there.stat().st_dev, there)
    return [_disk(folder) for folder in seen.values()]


def _disk(folder: Path) -> Finding:
    values = {"folder": folder, "free": f"{shutil.disk_usage(folder).free / 1e9:.1f}"}
    remedy = N_("Delete what nobody needs there, shorten how long recordings are kept, or move HOTLINE_RUN_DIR.")
    room = room_on(folder)
    if room == "full":
        return fault("disk", N_("The disk with {folder} is full: {free} GB free."), remedy, **values)
    if room == "low":
        return warning("disk", N_("The disk with {folder} fills: {free} GB free."), remedy, **values)
    return fine("disk", N_("{folder}: {free} GB free"), **values)


def _nearest(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    return path if path.exists() else _nearest(path.parent)


def clock() -> Finding:
    """Whether the machine's clock is kept by a time server; recordings, clocks of cases and certificates need it."""
    program = shutil.which("timedatectl")
    if program is None:
        told = N_("Nobody can say whether a time server keeps the clock: there is no timedatectl.")
        remedy = N_("Install chrony or systemd-timesyncd. In a container look on the machine that runs it: timedatectl")
        return absent("clock", told, remedy)
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program
            [program, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, check=False, timeout=5,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _deaf_clock()
    if done.returncode:
        return _deaf_clock()
    if done.stdout.strip() != "yes":
        remedy = N_("Run: timedatectl set-ntp true. In a container the machine's own clock must be kept.")
        return warning("clock", N_("No time server keeps the clock."), remedy)
    return fine("clock", N_("kept by a time server"))


def _deaf_clock() -> Finding:
    remedy = N_("See that systemd runs here, or look on the machine that runs this container: timedatectl")
    return absent("clock", N_("timedatectl gives no answer."), remedy)


def zone(settings: Settings) -> Finding:
    try:
        ZoneInfo(settings.site_zone)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = N_("Set HOTLINE_SITE_ZONE to a name like Asia/Shanghai, or install tzdata.")
        return fault("zone", N_("There is no time zone {zone}."), remedy, zone=settings.site_zone)
    return fine("zone", N_("{zone}"), zone=settings.site_zone)


def ports(settings: Settings) -> list[Finding]:
    """Free before the start; answering while the site runs."""
    if under_way(settings.run_dir) is not None:
        return [absent("ports", N_("looked at when the site is up"))]
    runs = is_running(settings.run_dir)
    tcp = {
        "HOTLINE_WEB_PORT": settings.web_port,
        "HOTLINE_AGI_PORT": settings.agi_port,
        "HOTLINE_AMI_PORT": settings.ami_port,
        "HOTLINE_ASTERISK_HTTP_PORT": settings.asterisk_http_port,
    }
    look = _answers if runs else _is_free
    found = [look(settings.host, port, name) for name, port in tcp.items()]
    if not runs:
        found.append(_is_free(settings.host, settings.sip_port, "HOTLINE_SIP_PORT", socket.SOCK_DGRAM))
    wrong = [one for one in found if one is not None]
    told = N_("all that are needed answer") if runs else N_("all that are needed are free")
    return wrong or [fine("ports", told)]


def _is_free(host: str, port: int, name: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> Finding | None:
    try:
        require_free(host, port, name, kind)
    except SetupRefused:
        told = N_("Port {port} on {host} cannot be had.")
        remedy = N_("End the program that has it (ss -lptun), or set {name} to a free port above 1023.")
        return fault("ports", told, remedy, port=port, host=host, name=name)
    return None


def _answers(host: str, port: int, name: str) -> Finding | None:
    try:
        with socket.create_connection((host, port), timeout=3):
            return None
    except OSError:
        told = N_("Nobody answers at port {port} on {host} ({name}), and the site runs.")
        remedy = N_(
            "Look at platform.log and asterisk/log/messages in the run folder; hotline status tells which part."
        )
        return fault("ports", told, remedy, port=port, host=host, name=name)


def site(settings: Settings, now: float) -> Finding:
    """Whether it runs, or starts: since when, and what it is doing."""
    start = under_way(settings.run_dir)
    if start is not None:
        told = N_("It is starting, for {seconds} s (process {pid}): {step}.")
        values = {"seconds": f"{max(0.0, now - start.since):.0f}", "pid": start.pid, "step": Word(STEPS[start.step])}
        return warning("site", told, N_("Wait until it says ready:, then look again."), **values)
    pid = run_folder.holder(settings.run_dir)
    if pid is None:
        return absent("site", N_("It does not run."), N_("Start it: hotline run, or hotline serve for other machines"))
    return fine("site", N_("It runs (process {pid})."), pid=pid)


def under_way(run_dir: Path) -> Start | None:
    """The start of the site; not a set-up beside one that runs."""
    start, holder = starting(run_dir), run_folder.holder(run_dir)
    return start if start is not None and holder in (None, start.pid) else None


def is_running(run_dir: Path) -> bool:
    """Whether a `hotline run` holds the folder. A file that a killed one left is no lock."""
    return run_folder.holder(run_dir) is not None


def left_over(settings: Settings) -> Finding:
    """A supervisor that was killed leaves its platform: it routes calls, and nobody looks after it."""
    pid = next(iter(sorted(run_folder.platforms(settings.run_dir))), None)
    if pid is None or is_running(settings.run_dir):
        return fine("processes", N_("none was left behind"))
    told = N_("Process {pid} routes calls and nobody looks after it: who started it was killed.")
    return warning(
        "processes",
        told,
        N_("Start the site as before (hotline run or hotline serve): it takes over the calls and ends that process."),
        pid=pid,
    )


def rights(settings: Settings) -> list[Finding]:
    """The run folder is ours and only ours; so are the files with secrets."""
    folder = settings.run_dir.resolve()
    if not folder.exists():
        return [absent("rights", N_("{folder} is made at the first start."), folder=folder)]
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = N_("Give the command as {owner}, or set HOTLINE_RUN_DIR to a folder you own.")
        return [fault("rights", N_("{folder} cannot be written."), remedy, folder=folder, owner=_owner(folder))]
    found = []
    secret = [folder, folder / "ami.secret", settings.keys_file, folder / "settings-of-backup.env"]
    for path in secret:
        if path.exists() and path.stat().st_mode & 0o077:
            remedy = N_("Run: chmod {mode} {path}")
            mode = "700" if path.is_dir() else "600"
            told = N_("Others on this machine may read {path}.")
            found.append(fault("rights", told, remedy, path=path, mode=mode))
        if path.exists() and path.stat().st_uid != folder.stat().st_uid:
            told = N_("{path} belongs to {owner}, and the run folder to somebody else.")
            remedy = N_("Run as root: chown {keeper} {path}")
            found.append(fault("rights", told, remedy, path=path, owner=_owner(path), keeper=_owner(folder)))
    return found or [fine("rights", N_("only {owner} reads the run folder"), owner=_owner(folder))]


def _owner(path: Path) -> str:
    try:
        return pwd.getpwuid(path.stat().st_uid).pw_name
    except (KeyError, OSError):
        return "?"


def settings_that_nobody_reads(environment: Mapping[str, str]) -> list[Finding]:
    """A name with a slip in it is no setting: the default holds, and nobody says so."""
    known = {f"HOTLINE_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(
        name
        for name in environment
        if name.startswith("HOTLINE_") and name not in known and not name.startswith(NOT_SETTINGS)
    )
    told, remedy = N_("{name} is no setting: nobody reads it."), N_("Correct its name; hotline/settings.py lists all.")
    return [warning("settings", told, remedy, name=name) for name in unknown] or [fine("settings", N_("all are known"))]


def room_to_write(settings: Settings) -> Finding:
    """A disk may have room and be read-only, or have no room for names."""
    folder = _nearest(settings.run_dir.resolve())
    probe = folder / f".hotline-doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"\0" * 4096)
    except OSError as refused:
        if refused.errno == errno.ENOSPC:
            remedy = N_("Make room, or free names: df -i {folder}")
        else:
            remedy = N_("Mount it for writing, or set HOTLINE_RUN_DIR to another disk.")
        told = N_("Nothing can be written in {folder}: {reason}.")
        return fault("writing", told, remedy, folder=folder, reason=refused.strerror)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    return fine("writing", N_("{folder} takes files"), folder=folder)
