"""`hotline db`: a site's records go from the embedded database to a server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent_desktop.words import N_
from crm_core.database_checks import parsed
from crm_core.moving.move import Moved, move
from hotline import run_folder
from hotline.packages import SetupRefused
from hotline.settings import Settings
from hotline.terminal import say

db = typer.Typer(name="db", help="The site's database.", no_args_is_help=True)


@db.callback()
def about() -> None:
    """The site's database."""


@db.command("move")
def move_to(
    to: Annotated[
        str, typer.Option("--to", help="postgresql://user@host/name; the password may come from PGPASSWORD.")
    ],
) -> None:
    """Take a stopped SQLite site to an empty PostgreSQL database: all of it, compared at the end, or nothing."""
    settings = Settings()
    source, target = parsed(settings.database), parsed(to, "--to")
    if source.get_backend_name() != "sqlite" or not source.database:
        raise SetupRefused("This site is on PostgreSQL already (HOTLINE_DATABASE_URL); nothing is to be moved.")
    if target.get_backend_name() != "postgresql":
        raise SetupRefused("--to must name a PostgreSQL database: postgresql://user@host/name")
    file = Path(source.database)
    if not file.is_file():
        raise SetupRefused("There is no database {file}; set HOTLINE_RUN_DIR to the folder of the site.", file=file)
    began = time.monotonic()
    with run_folder.locked(settings.run_dir), _progress() as bar:
        run_folder.end_left_over_platform(settings.run_dir)
        task = bar.add_task("", total=None)
        moved = move(
            file,
            target,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            setting="--to",
        )
    _tell(moved, time.monotonic() - began)
    shown = target.set(drivername="postgresql").render_as_string(hide_password=True)
    say(N_("Now set HOTLINE_DATABASE_URL={url} and start: hotline run. {file} stays as it was."), url=shown, file=file)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), transient=True
    )


def _tell(moved: list[Moved], seconds: float) -> None:
    table = Table("table", "rows", "checksum")
    for one in moved:
        if one.rows:
            table.add_row(one.table, f"{one.rows:,}", one.checksum[:16])
    console = Console()
    console.print(table)
    total = sum(one.rows for one in moved)
    empty = sum(1 for one in moved if not one.rows)
    say(
        N_("{total} rows in {count} tables ({empty} empty), the same in both, {seconds} s."),
        total=f"{total:,}",
        count=len(moved),
        empty=empty,
        seconds=f"{seconds:.1f}",
    )
