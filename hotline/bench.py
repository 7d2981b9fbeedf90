"""`hotline bench NAME`: every figure as a ratio against a peer in the same interleaved run."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.table import Table

BENCHES = (
    "beside",
    "board",
    "blending",
    "customer",
    "dialer",
    "engine",
    "idle",
    "import",
    "intake",
    "kinds",
    "ivr",
    "live-text",
    "load",
    "offer",
    "pop",
    "pop-workers",
    "reports",
    "soak",
    "speech",
    "transcribe",
    "words",
    "workers",
)
_MODULES = {
    "import": "imports",
    "live-text": "live_text",
    "pop-workers": "pop_workers",
}  # the others are called as they are typed


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    full: Annotated[bool, typer.Option("--full", help="The sizes of the goals; takes minutes.")] = False,
) -> None:
    """Measure one thing against its peer on this machine."""
    if name not in BENCHES:
        typer.echo(f"There is no benchmark {name!r}. Choose one of: {', '.join(BENCHES)}.", err=True)
        raise typer.Exit(2)
    # Standard output belongs to the result.
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    result: dict[str, Any] = importlib.import_module(f"benchmarks.{_MODULES.get(name, name)}").run(full)
    if as_json:
        typer.echo(json.dumps(result))
        return
    table = Table(title=f"{result['name']}: {result['runs']} runs, {result['conditions']}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for group in ("figures", "ratios"):
        for key, value in result[group].items():
            table.add_row(
                f"{key} (ratio)" if group == "ratios" else key, value if isinstance(value, str) else f"{value:,.3f}"
            )
    Console().print(table)
