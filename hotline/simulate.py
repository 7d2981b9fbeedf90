"""`hotline simulate --rows FILE`: the routing engine in virtual time against exact values of Erlang B, C and A."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent_desktop.words import N_
from hotline.terminal import told

FEWEST_CALLS = 3_000


def simulate(
    rows: Annotated[Path, typer.Option("--rows", help="CSV file with columns as in benchmarks/erlang-rows.csv.")],
    calls: Annotated[int, typer.Option("--calls", help="Calls per row; the first tenth is not counted.")] = 1_000_000,
    seed: Annotated[int, typer.Option("--seed", help="Row n is played with this seed + n.")] = 20260716,
    percent: Annotated[
        float | None,
        typer.Option(
            "--percent",
            help="Play a row on, up to ten minutes, until four standard errors are within so many percent of the "
            "value; 0 = never. 2 from a million calls on, else 0.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Does the real engine give what queueing theory says?"""
    erlang = importlib.import_module("benchmarks.erlang")  # numpy is slow to load, and other commands do without
    if calls < FEWEST_CALLS:
        few = N_("--calls {calls} is too few to tell anything: give {fewest} or more.")
        typer.echo(told(few, calls=calls, fewest=FEWEST_CALLS), err=True)
        raise typer.Exit(2)
    if percent is None:
        percent = erlang.PERCENT if calls >= erlang.PROOF_CALLS else 0.0
    if not 0 <= percent <= 100:
        typer.echo(told(N_("--percent {percent} is not between 0 and 100."), percent=f"{percent:g}"), err=True)
        raise typer.Exit(2)
    wanted = erlang.Wanted(calls=calls, seed=seed, percent=percent)
    columns = (TextColumn("calls"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("calls")
        result = erlang.run(rows, wanted, lambda done, of: bar.update(task, completed=done, total=of))
    if as_json:
        typer.echo(json.dumps(result))
    else:
        _show(result)


def _show(result: dict[str, Any]) -> None:
    table = Table(title=f"{result['figures']['calls_per_s']:,.0f} calls/s", caption=result["conditions"])
    for heading in ("line", "model", "agents", "figure", "exact", "engine", "± 4 errors", ""):
        table.add_column(heading, justify="left" if heading in ("model", "figure", "") else "right")
    for row in result["rows_detail"]:
        for name, figure in row["figures"].items():
            table.add_row(
                str(row["line"]),
                row["model"],
                str(row["agents"]),
                name,
                f"{figure['exact']:.6g}",
                f"{figure['estimate']:.6g}",
                f"{4 * figure['standard_error']:.2g}",
                "" if figure["within"] else "outside",
            )
        if row["note"]:
            table.add_row(str(row["line"]), row["model"], str(row["agents"]), row["note"])
    Console().print(table)
