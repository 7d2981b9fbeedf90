"""`hotline ledger`: check a day from the terminal."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from sqlalchemy import select

from agent_desktop.words import N_
from crm_core import clock
from crm_core.db import Database, make_engine
from crm_core.ledger.model import LedgerFinding, LedgerRun
from hotline.ledger_check import STEPS, check_and_keep
from hotline.settings import Settings
from hotline.terminal import say, told

ledger = typer.Typer(name="ledger", help="Does every call have its one outcome?", no_args_is_help=True)


@ledger.callback()
def about() -> None:
    """Does every call have its one outcome? Checked against Asterisk's own log and the recordings."""


@ledger.command()
def check(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the site; default today.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check one day; exit status 1 when something does not agree."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # stdout is the answer's
    settings = Settings()
    wanted = day.date() if day else clock.now().astimezone(ZoneInfo(settings.site_zone)).date()
    run, findings = asyncio.run(_checked(settings, wanted, quiet=as_json))
    if as_json:
        open_ones = [{"kind": one.kind, "subject": one.subject, "detail": one.detail} for one in findings]
        typer.echo(json.dumps({"day": str(wanted), "sums": run.sums, "findings": open_ones}))
    else:
        _tell(run, findings)
    raise typer.Exit(1 if findings else 0)


async def _checked(settings: Settings, day: date, *, quiet: bool) -> tuple[LedgerRun, list[LedgerFinding]]:
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            run = LedgerRun(day=day, asked_at=clock.now(), state="running", steps=STEPS)
            session.add(run)
        with Progress(TextColumn("{task.description}"), BarColumn(), disable=quiet, transient=True) as bar:
            bar.add_task(told(N_("Checking {day}"), day=day), total=None)
            run = await check_and_keep(settings, database, run.id)
        async with database.begin() as session:
            of_day = select(LedgerFinding).where(LedgerFinding.day == day, LedgerFinding.resolved_at.is_(None))
            return run, list(await session.scalars(of_day.order_by(LedgerFinding.kind, LedgerFinding.subject)))
    finally:
        await database.close()


def _tell(run: LedgerRun, findings: list[LedgerFinding]) -> None:
    console = Console(highlight=False)
    for total, groups in (
        ("offered", "groups"),
        ("outbound", "outbound_groups"),
        ("attempts", "attempt_groups"),
    ):
        parts = " + ".join(f"{count} {group}" for group, count in sorted(run.sums[groups].items()))
        console.print(f"{total} {run.sums[total]} = {parts or 0}")
    say(
        N_("{count} agents: the times of their states make the time signed in, or it stands below."),
        count=len(run.sums["agents"]),
    )
    if run.logged_from is None:
        say(N_("Asterisk's event log has nothing: not compared with it."))
    if run.deaf_seconds:
        say(
            N_("{seconds} s without Asterisk's events: figures of that time are estimates."),
            seconds=f"{run.deaf_seconds:.0f}",
        )
    for one in findings:
        console.print(f"  {one.kind:20} {one.subject}  {json.dumps(one.detail)}", markup=False)
    if findings:
        say(N_("{count} things do not agree; see /reports/ledger."), count=len(findings))
    else:
        say(N_("All agrees."))
