"""`hotline recordings check FILE`: is this evidence package what a site signed? On any machine, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent_desktop.words import N_
from hotline.terminal import say
from recording.evidence.check import Checked, check
from recording.evidence.form import plain_fingerprint


def check_package(
    file: Annotated[Path, typer.Argument(help="The evidence package, a ZIP file.", exists=True, dir_okay=False)],
    fingerprint: Annotated[
        str, typer.Option(help="The fingerprint that the site gives out: a package of another key is refused.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Check an evidence package on any machine; exit status 1 when something in it is not what was signed."""
    if fingerprint and not plain_fingerprint(fingerprint):
        raise typer.BadParameter("This is no fingerprint: it has 64 digits 0-9 a-f.", param_hint="--fingerprint")
    found = check(file, known=fingerprint)
    if as_json:
        faults = [{"kind": one.kind, "name": one.name, "told": one.told} for one in found.faults]
        told = {"whole": not faults, "faults": faults, "fingerprint": found.fingerprint, "files": found.files}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _tell(file, found, named=bool(fingerprint))
    raise typer.Exit(1 if found.faults else 0)


def _tell(file: Path, found: Checked, *, named: bool) -> None:
    console = Console(highlight=False)
    for fault in found.faults:
        told = f": {fault.told}" if fault.told else ""
        console.print(f"{fault.kind.upper()}  {fault.name}{told}", markup=False)
    if found.faults:
        say(N_("{file} is NOT what was signed: {count} faults."), file=file.name, count=len(found.faults))
    else:
        say(N_("{file} is whole: {files} files, each as it was signed."), file=file.name, files=found.files)
    for one in found.manifest.get("recordings", []):
        console.print(f"  {one.get('number')}  {one.get('began')}  {one.get('seconds')} s", markup=False)
    if found.fingerprint:
        say(N_("Fingerprint of the key inside: {fingerprint}"), fingerprint=found.fingerprint)
        if not named:
            say(N_("Compare it with the one the site gives out, or give it with --fingerprint."))
