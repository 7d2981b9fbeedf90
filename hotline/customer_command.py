"""`hotline customer export`: everything that is held of one customer, as one ZIP for the customer."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from crm_core import clock
from crm_core.db import Database, make_engine
from hotline.packages import SetupRefused
from hotline.recordings_vault import site_vault
from hotline.settings import Settings
from recording.customer_package import Packed, pack

customer = typer.Typer(name="customer", help="What is held of one customer.", no_args_is_help=True)


@customer.callback()
def about() -> None:
    """What is held of one customer."""


@customer.command()
def export(
    number: Annotated[int, typer.Argument(help="The customer's number, as in the address of the page.")],
    file: Annotated[Path, typer.Argument(help="The ZIP to write; it must not be there yet.")],
    why: Annotated[str, typer.Option(help="How the customer asked for it; goes into the audit log.")],
) -> None:
    """Rows of every table, recordings and files, with checksums; audited."""
    if file.exists():
        raise SetupRefused("{file} is there already. Name another file.", file=file)
    columns = (TextColumn("Recordings"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        part = file.with_name(f".{file.name}.part")
        try:
            part.touch(mode=0o600)
            done = asyncio.run(
                _export(Settings(), number, part, why, lambda n, of: bar.update(task, completed=n, total=of))
            )
            part.rename(file)
        except OSError as refused:
            raise SetupRefused(
                "Cannot write {file} ({reason}). Make room, or name another file.", file=file, reason=refused.strerror
            ) from refused
        finally:
            part.unlink(missing_ok=True)
    lost = f", {done.lost} recordings have no sound any more" if done.lost else ""
    typer.echo(
        f"{file}: {done.rows} rows, {done.recordings} recordings, {done.files} files{lost}. SHA-256 {done.sha256}"
    )


async def _export(settings: Settings, number: int, target: Path, why: str, tell: Callable[[int, int], None]) -> Packed:
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            return await pack(
                session,
                site_vault(settings, database),
                settings.files_folder,
                number,
                target,
                why=why,
                actor=getpass.getuser()[:16],
                at=clock.now(),
                tell=tell,
            )
    finally:
        await database.close()
