"""`hotline upgrade`: this version takes the place of the one that runs, while calls go on. Also the way back."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from agent_desktop.words import N_
from crm_core import clock
from crm_core.schema import Schema, Standing, refuse_newer, schema_at
from hotline import __version__, replacing, run_folder
from hotline.backup.settings_text import variables
from hotline.backup.taking import take
from hotline.backup_command import Bars
from hotline.packages import SetupRefused
from hotline.set_up import set_up
from hotline.settings import Settings
from hotline.terminal import say

READY_SECONDS = 240


def upgrade(
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Take no backup before tables change.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Skip the set-up; it was done before.")] = False,
) -> None:
    """Put this version in the place of the running one: calls go on, pages are away for some seconds.

    Give it in the new version's folder; to go back, in the older one's. Older code refuses a database that newer code
    has changed: then only a restore of the backup leads back.
    """
    settings = Settings()
    supervisor = running(settings.run_dir)
    schema = standing(settings)
    if not quick:
        set_up(settings)
    if schema.standing is Standing.BEHIND and not no_backup:
        _back_up(settings)
    before = _platform(settings.run_dir)
    began = time.monotonic()
    replacing.leave_word(settings.run_dir, replacing.this_version())
    os.kill(supervisor, signal.SIGUSR2)
    _wait_ready(settings, supervisor, before)
    say(
        N_("Hotline {version} runs; pages and routing were away for {seconds} s. Calls went on."),
        version=__version__,
        seconds=f"{time.monotonic() - began:.1f}",
    )


def running(run_dir: Path) -> int:
    """The process of the `hotline run` in this folder. SetupRefused when there is none, or none that can give way."""
    pid = run_folder.holder(run_dir)
    if pid is not None and replacing.is_replaceable(run_dir, pid):
        return pid
    if pid is not None:
        raise SetupRefused(
            "The Hotline that runs (process {pid}) is of a version that cannot be replaced under calls. Stop it when "
            "nobody talks, then start this version: hotline run.",
            pid=pid,
        )
    raise SetupRefused("No Hotline runs in {folder}. Start this version with: hotline run", folder=run_dir)


def standing(settings: Settings) -> Schema:
    """Of the database beside this version. SchemaTooNew when only a restore leads back."""
    try:
        schema = schema_at(settings.database)
    except DBAPIError as refused:
        raise SetupRefused(
            "The database cannot be used: {reason}. Check HOTLINE_DATABASE_URL.", reason=refused.orig
        ) from refused
    refuse_newer(schema)
    return schema


def _back_up(settings: Settings) -> None:
    if settings.backup_dir is None:
        raise SetupRefused(
            "This version changes tables, and only a backup leads back. Set HOTLINE_BACKUP_DIR to a folder for it, "
            "or give --no-backup."
        )
    bars = Bars(Console(stderr=True))
    passphrase = settings.backup_passphrase.get_secret_value()
    with bars.bars:
        made = take(
            settings,
            settings.backup_dir.resolve(),
            clock.now(),
            passphrase=passphrase,
            progress=bars,
            set_by=variables(settings),
        )
    say(N_("Backup: {folder}"), folder=made)


def _platform(run_dir: Path) -> int:
    try:
        return int((run_dir / "platform.pid").read_text())
    except (OSError, ValueError):
        return 0


def _wait_ready(settings: Settings, supervisor: int, before: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    log = settings.run_dir.resolve() / "platform.log"
    with httpx2.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            if not _lives(supervisor):
                raise SetupRefused(
                    "The new version did not start (see {log}). Calls go on in Asterisk: give hotline run in the "
                    "former version's folder, or restore the backup when it refuses the database.",
                    log=log,
                )
            if _platform(settings.run_dir) != before and _answers(client, settings):
                return
            time.sleep(0.1)  # how often we ask; there is nothing to wait on
    raise SetupRefused("The new version was not ready within {seconds} s (see {log}).", seconds=READY_SECONDS, log=log)


def _lives(pid: int) -> bool:
    """One that ended and that nobody has asked for its status stands in the list all the same, as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _answers(client: httpx2.Client, settings: Settings) -> bool:
    try:
        return client.get(f"{settings.web_address}/readyz").status_code == 200
    except httpx2.HTTPError:
        return False
