"""`hotline figures`: the stored figures of the reports, counted anew from the history."""

from __future__ import annotations

import asyncio
import sys
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agent_desktop.words import N_
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from hotline.settings import Settings
from hotline.terminal import say, told
from reports.rollups import build, count_days, days_with_history

figures = typer.Typer(name="figures", help="The stored figures of the reports.", no_args_is_help=True)


@figures.command()
def rebuild(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
) -> None:
    """Count all days, or those from --from to --to, anew from the history. Calls and reports go on meanwhile."""
    settings = Settings()
    if first and last and last < first:
        print(told(N_("The last day is before the first.")), file=sys.stderr)
        raise typer.Exit(2)
    upgrade(settings.database)
    days = asyncio.run(_rebuild(settings, first.date() if first else None, last.date() if last else None))
    if days:
        say(N_("{count} days counted."), count=days)
    else:
        say(N_("There is no history to count in these days."))


async def _rebuild(settings: Settings, first: date | None, last: date | None) -> int:
    database, zone = Database(make_engine(settings.database)), ZoneInfo(settings.site_zone)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    counted = 0
    try:
        with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("days", total=None)

            def told(_day: date, until: date, begins: date) -> None:
                nonlocal counted
                counted += 1
                bar.update(task, total=(until - begins).days + 1, completed=counted)

            async with database.begin() as session:
                edges = await days_with_history(session, zone)
            if edges is None:
                return 0
            begins, until = max(first or edges[0], edges[0]), min(last or edges[1], edges[1])
            await build(database, zone, told=lambda day, end: told(day, end, edges[0]))
            if counted == 0 and begins <= until:  # all was stored already: count it anew
                await count_days(database, begins, until, told=lambda day: told(day, until, begins))
    finally:
        await database.close()
    return counted
