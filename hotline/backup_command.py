"""`hotline backup` and `hotline restore`: a site into a folder, and back where there is none."""

from __future__ import annotations

import asyncio
import getpass
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from hotline import run_folder
from hotline.backup.checking import faults, opened
from hotline.backup.manifest import BackupRefused, Manifest
from hotline.backup.restoring import Restored
from hotline.backup.restoring import restore as bring_back
from hotline.backup.settings_text import as_file, variables
from hotline.backup.taking import backups, require_site, take
from hotline.settings import Settings
from hotline.terminal import say, told

Place = Annotated[Path | None, typer.Argument(help="The folder; default HOTLINE_BACKUP_DIR.")]


class Bars:
    """A line for each part, on standard error."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self.bars = Progress(*columns, console=console, transient=True)
        self._task = self.bars.add_task("", total=None)

    def begins(self, part: str, steps: int) -> None:
        self.bars.reset(self._task, description=part, total=steps or None)

    def step(self, steps: int) -> None:
        self.bars.advance(self._task, steps)

    def reached(self, done: int, of: int) -> None:
        self.bars.update(self._task, completed=done, total=of)


def backup(
    place: Place = None,
    verify: Annotated[bool, typer.Option("--verify", help="Take none: check the newest one, or this one.")] = False,
    keep: Annotated[int, typer.Option(min=0, help="Afterwards keep only so many; 0 = all.")] = 0,
) -> None:
    """Database, journal, recordings, files, keys and settings, while calls go on. Unchanged files take no room twice.

    Exit status of --verify: 0 whole, 1 something is not as it was written.
    """
    settings = Settings()
    folder = _folder(settings, place)
    console = Console(stderr=True)
    bars = Bars(console)
    if verify:
        _verify(folder, bars)
        return
    passphrase = settings.backup_passphrase.get_secret_value()
    if not passphrase:
        console.print(
            told(
                N_(
                    "Secrets and recording keys lie open in this backup: whoever reads it can hear every recording. "
                    "Set HOTLINE_BACKUP_PASSPHRASE to encrypt them."
                )
            ),
            style="yellow",
            soft_wrap=True,
        )
    at = clock.now()
    require_site(settings.database)
    asyncio.run(_noted(settings, "backup_taken", folder=str(folder)))
    with bars.bars:
        made = take(settings, folder, at, passphrase=passphrase, progress=bars, set_by=variables(settings))
    _, manifest = opened(made)
    say(N_("{folder}: {facts}"), folder=made, facts=_facts(manifest))
    if manifest.elsewhere:
        say(N_("Protect that sound where it lies: give the bucket versions, or a copy of its own."))
    for old in backups(folder)[:-keep] if keep else []:
        shutil.rmtree(old)
        say(N_("{folder} is removed."), folder=old)


def restore(
    place: Place = None,
) -> None:
    """Bring a site back, the newest backup of a folder or this one. Overwrites nothing: where a site is, it refuses."""
    settings = Settings()
    folder, manifest = opened(_folder(settings, place))
    bars = Bars(Console(stderr=True))
    passphrase = settings.backup_passphrase.get_secret_value()
    with run_folder.locked(settings.run_dir), bars.bars:
        done = bring_back(settings, folder, manifest, passphrase=passphrase, progress=bars)
        upgrade(settings.database)
        asyncio.run(_noted(settings, "backup_restored", made_at=manifest.made_at))
    say(N_("Restored from {folder}: {facts}"), folder=folder, facts=_facts(manifest))
    _tell_settings(settings, done)
    say(
        N_(
            "Start it with hotline run, or hotline serve if other machines use it. "
            "What happened after the backup was taken is not in it."
        )
    )


def _verify(place: Path, bars: Bars) -> None:
    folder, manifest = opened(place)
    with bars.bars:
        found = faults(folder, manifest, bars)
    for one in found:
        typer.echo(f"  {one.kind:10} {one.name}  {one.told}".rstrip())
    whole = told(N_("Faults: {count}."), count=len(found)) if found else told(N_("Every file is as written."))
    say(N_("{folder}: {facts}. {whole}"), folder=folder, facts=_facts(manifest), whole=whole)
    raise typer.Exit(1 if found else 0)


def _tell_settings(settings: Settings, done: Restored) -> None:
    here = variables(settings)
    other = {name: value for name, value in done.settings.items() if here.get(name) != value}
    if not other:
        return
    file = settings.run_dir.resolve() / "settings-of-backup.env"
    file.touch(mode=0o600)
    file.write_text(as_file(done.settings))
    say(
        N_(
            "Some settings were other ones then ({names}): they are in {file}.\n"
            "Take over by hand what still holds here; addresses, ports and folders may not."
        ),
        names=", ".join(other),
        file=file,
    )


def _facts(manifest: Manifest) -> str:
    sealed = N_("{files} files, {size} MB, schema {schema}, secrets encrypted")
    plain = N_("{files} files, {size} MB, schema {schema}, secrets open")
    facts = {"files": len(manifest.files), "size": f"{manifest.bytes / 1e6:,.1f}", "schema": manifest.schema}
    inside = told(sealed if manifest.sealed else plain, **facts)
    if not manifest.elsewhere:
        return inside
    outside = N_("{facts}; the sound of {count} recordings lies in the object store and is not in it")
    return told(outside, facts=inside, count=manifest.elsewhere)


def _folder(settings: Settings, place: Path | None) -> Path:
    folder = place or settings.backup_dir
    if folder is None:
        raise BackupRefused("Name a folder for backups, or set HOTLINE_BACKUP_DIR.")
    return folder.resolve()


async def _noted(settings: Settings, action: str, **facts: object) -> None:
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            who = getpass.getuser()[:16]
            detail = noting(**facts)
            await audit(session, at=clock.now(), actor=who, action=action, subject="site", detail=detail)
    finally:
        await database.close()
