"""`hotline campaign`: see, start, pause and end campaigns from the terminal, e.g. when the pages are away."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from crm_core import clock
from crm_core.campaigns import actions
from crm_core.campaigns.queries import campaigns, list_counts
from crm_core.db import Database, make_engine
from hotline.settings import Settings

campaign = typer.Typer(name="campaign", help="Outbound campaigns.", no_args_is_help=True)
_ACTS = {"start": actions.start, "pause": actions.pause, "end": actions.end}
Number = Annotated[int, typer.Argument(help="The campaign's number, see `hotline campaign list`.")]


@campaign.command("list")
def show() -> None:
    """All campaigns, newest first: number, status, mode, who waits, who is done, name."""
    for line in asyncio.run(_lines()):
        print(line)


@campaign.command()
def start(number: Number) -> None:
    """Everybody on its list is called from now on, as far as each may be."""
    _act("start", number)


@campaign.command()
def pause(number: Number) -> None:
    """No further call is placed; those under way go on."""
    _act("pause", number)


@campaign.command()
def end(number: Number) -> None:
    """For good."""
    _act("end", number)


def _act(act: str, number: int) -> None:
    print(asyncio.run(_done(act, number)))


async def _done(act: str, number: int) -> str:
    database = Database(make_engine(Settings().database))
    try:
        async with database.begin() as session:
            row = await _ACTS[act](session, number, actor=f"cli:{getpass.getuser()}"[:16], at=clock.now())
            return f"{row.id}  {row.status}  {row.name}"
    finally:
        await database.close()


async def _lines() -> list[str]:
    database = Database(make_engine(Settings().database))
    try:
        async with database.begin() as session:
            found = []
            for row in await campaigns(session):
                counts = (await list_counts(session, row.id)).states
                waits, done = counts.get("waiting", 0), counts.get("done", 0)
                found.append(f"{row.id:>4}  {row.status:<8} {row.mode:<12} {waits:>8} {done:>8}  {row.name}")
            return found
    finally:
        await database.close()
