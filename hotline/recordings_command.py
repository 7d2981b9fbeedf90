"""`hotline recordings`: are they untouched, and with which keys are they encrypted?"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agent_desktop.words import N_
from crm_core import clock
from crm_core.db import Database, make_engine
from crm_core.erasure.model import ErasureRequest
from crm_core.erasure.queries import requests
from crm_core.errors import Unreachable
from hotline.evidence_check import check_package
from hotline.recordings_vault import site_vault
from hotline.settings import Settings
from hotline.terminal import say, told
from recording.data_keys import DataKeys
from recording.erasing_customers import carry_out
from recording.site_keys import KeysRefused, NoSiteKey, SiteKeys
from recording.verifying import Checked, Verifier, Wanted

recordings = typer.Typer(name="recordings", help="Are the recordings untouched? Their keys.", no_args_is_help=True)
keys = typer.Typer(name="keys", help="The site's keys that encrypt recordings.", no_args_is_help=True)
recordings.add_typer(keys)
recordings.command(name="check")(check_package)
T = TypeVar("T")
OK, FOUND, AWAY = 0, 1, 2


@recordings.callback()
def about() -> None:
    """Are the recordings untouched? Checked against their seals, file by file."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # stdout is the answer's


@recordings.command()
def verify(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, inclusive.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Read every recording and the whole chain. Exit status: 0 untouched, 1 something was found, 2 not reachable."""
    settings = Settings()
    zone = ZoneInfo(settings.site_zone)
    since = first.replace(tzinfo=zone) if first else None
    until = last.replace(tzinfo=zone) + timedelta(days=1) if last else None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json, transient=True) as bar:
        task = bar.add_task("Checking", total=None)
        wanted = Wanted(since=since, until=until)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        checked = _with_database(settings, lambda db: Verifier(db, site_vault(settings, db), wanted, told).run())
    _tell_as_json(checked) if as_json else _tell(checked)
    raise typer.Exit(FOUND if checked.findings else AWAY if checked.away else OK)


@keys.command("new")
def new_key() -> None:
    """Make the first key: from now on recordings are encrypted, also those that are there."""
    settings = Settings()
    site = SiteKeys(settings.keys_file)
    if _refused(site.all):
        _fail("There is a key already: hotline recordings keys rotate.")
    made = site.add(clock.now())
    say(
        N_("Key {id} is in {file}. Keep a copy of this file apart from the recordings and the database:"),
        id=made.id,
        file=site.file,
    )
    say(N_("without it nobody can hear what is encrypted, and with a stolen one anybody who has both can."))


@keys.command("rotate")
def rotate_keys() -> None:
    """Make a new key and wrap the recordings' own keys with it; no recording is written anew. Can be run again."""
    settings = Settings()
    site = SiteKeys(settings.keys_file)
    if not _refused(site.all):
        _fail("There is no key yet: hotline recordings keys new.")
    made = site.add(clock.now())
    _rewrapped(settings)
    former = [one.id for one in site.all()[:-1]]
    say(N_("Key {id} wraps everything now. No recording needs {names} any more."), id=made.id, names=", ".join(former))
    say(N_("Take a former key out with: hotline recordings keys drop <key>"))


@keys.command("drop")
def drop_key(key: Annotated[str, typer.Argument(help="A former key's id.")]) -> None:
    """Take a former key out of the file, when it wraps nothing any more."""
    settings = Settings()
    site = SiteKeys(settings.keys_file)
    counted = _with_database(settings, lambda db: DataKeys(db, site).counts())
    if counted[key]:
        _fail(f"{counted[key]} recordings still need {key}: hotline recordings keys rotate.")
    _refused(lambda: site.drop(key))
    say(N_("Key {key} is gone."), key=key)


@keys.command("list")
def list_keys() -> None:
    """The keys, the current one last, and how many recordings each of them opens."""
    settings = Settings()
    site = SiteKeys(settings.keys_file)
    known = _refused(site.all)
    if not known:
        say(N_("No key: recordings are not encrypted."))
        return
    counted = _with_database(settings, lambda db: DataKeys(db, site).counts())
    for one in known:
        typer.echo(
            f"{one.id}  {one.made_at}  {counted.pop(one.id, 0)}{'  ' + told(N_('current')) if one is known[-1] else ''}"
        )
    for lost, count in counted.items():
        deaf = N_("{key}  not in {file}: {count} recordings cannot be heard")
        typer.echo(told(deaf, key=lost, file=site.file, count=count), err=True)
    raise typer.Exit(FOUND if counted else OK)


@recordings.command("erasures")
def list_erasures() -> None:
    """Customers' requests for erasure, the open ones first."""

    async def work(database: Database) -> list[ErasureRequest]:
        async with database.begin() as session:
            return await requests(session)

    for one in _with_database(Settings(), work):
        told = f"{one.erased} erased, {one.stayed} stayed  {one.proof}" if one.state == "done" else ""
        typer.echo(f"{one.id}  customer {one.customer_id}  {one.asked_at:%Y-%m-%d}  {one.state}  {told}".rstrip())


@recordings.command("erase")
def erase_request(
    request: Annotated[int, typer.Argument(help="The number of a confirmed request: hotline recordings erasures.")],
) -> None:
    """Carry out a confirmed request now, or go on with it after a kill. What is not confirmed is refused."""
    settings = Settings()

    async def work(database: Database) -> ErasureRequest:
        vault = site_vault(settings, database)
        while True:
            async with database.begin() as session:
                row = await session.get(ErasureRequest, request)
                if row is None or row.state not in ("running", "done"):
                    raise KeysRefused("There is no confirmed request of this number.")
                if row.state == "done" or not await carry_out(session, row, vault, clock.now()):
                    return row

    try:
        done = _refused(lambda: _with_database(settings, work))
    except Unreachable as away:
        _fail(f"{away} What is erased is erased; run it again later.")
    typer.echo(f"{done.erased} erased, {done.stayed} stayed. Proof: {done.proof}")


def _rewrapped(settings: Settings) -> None:
    async def work(database: Database) -> None:
        held = DataKeys(database, SiteKeys(settings.keys_file))
        total = sum((await held.counts()).values())
        columns = (TextColumn("Wrapping keys"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)
            while await held.rewrap():
                bar.update(task, completed=(await held.counts())[held.site.current().id])

    _refused(lambda: _with_database(settings, work))


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(make_engine(settings.database))
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _refused(work: Callable[[], T]) -> T:
    """What the file of keys refuses is a sentence and exit status 2, not a traceback."""
    try:
        return work()
    except (KeysRefused, NoSiteKey) as refused:
        _fail(str(refused))


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(AWAY)


def _tell_as_json(checked: Checked) -> None:
    found = [
        {"kind": one.kind, "name": one.name, "recording": one.recording, "told": one.told} for one in checked.findings
    ]
    facts = {"seals": checked.seals, "files": checked.files, "read": checked.read, "opened": checked.opened}
    typer.echo(json.dumps({"whole": checked.whole, "away": checked.away, **facts, "findings": found}))


def _tell(checked: Checked) -> None:
    console = Console(highlight=False)
    facts = {"seals": checked.seals, "files": checked.files, "read": checked.read, "opened": checked.opened}
    say(N_("{seals} seals, {files} recordings looked at, {read} read, {opened} of them decrypted."), **facts)
    for one in checked.findings:
        console.print(f"  {one.kind:16} {one.name}  {one.told}", markup=False)
    if checked.away:
        say(N_("Not all could be checked: {reason}"), reason=checked.away)
    elif not checked.findings:
        say(N_("Every recording is as it was sealed."))
    else:
        say(N_("{count} things are not as they were sealed."), count=len(checked.findings))
