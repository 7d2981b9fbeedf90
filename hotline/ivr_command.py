"""`hotline ivr`: menus are checked, tried in the terminal, tested and published."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.catalogues import load
from agent_desktop.words import N_
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.errors import Invalid, NotFound
from crm_core.flows import actions
from crm_core.flows.queries import published_texts, stored_tests
from crm_core.migrate import upgrade
from crm_core.workforce.queries import queues as stored_queues
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from hotline.speech_words import asking
from hotline.terminal import say, tell, told
from hotline.trying import Walker, caller_of
from ivr.examination import examiner, findings_of
from ivr.findings import SENTENCES, Finding
from ivr.flow import Flow, Queue
from ivr.flow_file import read_flow, shipped_flow, shipped_text
from ivr.prompts import make_prompts
from ivr.site_findings import site_findings
from ivr.trial import Trial, failure_of
from ivr.trial_file import read_trial, read_trials, shipped_trials
from ivr.vocabulary import Vocabulary

Found = TypeVar("Found")

ivr = typer.Typer(help="Menus: check, try, test and publish them.", no_args_is_help=True)
LARGEST_BYTES = 1_000_000  # of a file that is looked at: the reader refuses much less

FlowName = Annotated[str, typer.Argument(help="A file, or a published flow's name; main = the menu in force.")]
Language = Annotated[str, typer.Option(help="Of the sentences: en or zh-CN.")]


@ivr.command("check")
def check(flow: FlowName = "main", language: Language = "en") -> None:
    """Tell what is wrong with a menu and what to do; exit status 1 on an error."""
    settings = Settings()
    read = _flow(settings, flow)
    findings = [*findings_of(read, _queues(settings)), *_at_site(settings, read)]
    translated = load(language if language == "zh-CN" else "en")
    for finding in findings:
        sentence = translated.gettext(SENTENCES[finding.problem]).format(**finding.values())
        Console().print(f"[red]✗[/] {escape(sentence)}" if finding.is_error else f"[yellow]![/] {escape(sentence)}")
    errors = sum(finding.is_error for finding in findings)
    say(N_("{errors} errors, {warnings} warnings"), errors=errors, warnings=len(findings) - errors)
    raise typer.Exit(1 if errors else 0)


@ivr.command("test")
def run_tests(
    flow: FlowName = "main",
    cases: Annotated[Path | None, typer.Option(help="A file of test cases, instead of those stored.")] = None,
) -> None:
    """Run the test cases of a menu; exit status 1 when one goes another way."""
    settings = Settings()
    read = _flow(settings, flow)
    trials = read_trials(_text(cases)) if cases else _stored_trials(settings, flow)
    failed = {name: way for name, trial in trials.items() if (way := failure_of(read, trial))}
    for name in trials:
        mark = "[red]✗[/]" if name in failed else "[green]✓[/]"
        Console().print(f"{mark} {escape(name)}" + (f"\n  {failed[name]}" if name in failed else ""))
    say(N_("{passed} of {total} test cases passed"), passed=len(trials) - len(failed), total=len(trials))
    raise typer.Exit(1 if failed else 0)


@ivr.command("try")
def try_flow(  # noqa: PLR0917 - typer makes an option of each
    flow: FlowName = "main",
    answers: Annotated[
        str | None, typer.Option(help='All at once, e.g. "6,1,30618" or "say 修车"; else asked.')
    ] = None,
    time: Annotated[str, typer.Option(help="Of day, e.g. 21:30; decides whether the hotline is open.")] = "",
    closed: Annotated[bool, typer.Option("--closed", help="As at night, whatever the time.")] = False,
    closure: Annotated[str, typer.Option(help="The announcement of an emergency closure.")] = "",
    caller_class: Annotated[str, typer.Option("--class", help="The caller's class, e.g. vip.")] = "",
    nuisance: Annotated[int, typer.Option(help="The caller's nuisance score.")] = 0,
    language: Annotated[str, typer.Option(help='The language remembered of the caller; "" = asked.')] = "zh-CN",
    entry: Annotated[str, typer.Option(help="The number dialled.")] = "",
    listens: Annotated[bool, typer.Option("--listens", help='Words are understood: answer "say 修车".')] = False,
    result: Annotated[list[str] | None, typer.Option(help="What an operation ends with, e.g. identify=wrong.")] = None,
) -> None:
    """Walk through a menu: hear what callers hear as text, answer with keys or words, see the way."""
    results = dict(one.partition("=")[::2] for one in result or ())
    trial = caller_of(
        time=time, closed=closed, closure=closure, facts={"class": caller_class, "nuisance": str(nuisance)},
        language=language, entry=entry, listens=listens, results=results,
    )  # fmt: skip
    given = None if answers is None else [one.strip() for one in answers.split(",") if one.strip()]
    Walker(_flow(Settings(), flow), trial, Console(highlight=False)).walk(given)


@ivr.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="The menu's file.")],
    note: Annotated[str, typer.Option(help="What changed.")] = "",
) -> None:
    """Publish a menu: refused on an error or a failing test case; its prompts are spoken first."""
    settings = Settings()
    text = _text(file)
    flow = read_flow(text)
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    queues = _queues(settings)
    examination = examiner(queues, lambda read: _at_site(settings, read))(flow.name, text, ())
    for sentence in examination.warnings:
        typer.echo(told(N_("warning: {sentence}"), sentence=sentence), err=True)
    if not examination.errors:
        make_prompts(settings.prompts_dir, own=settings.own_prompts_folder, flows=[flow], tell=tell)
    number = asyncio.run(_publish(settings, flow.name, text, note, queues))
    say(N_("Version {number} of {flow} is in force for new calls."), number=number, flow=flow.name)


async def _publish(settings: Settings, flow: str, text: str, note: str, queues: Collection[str]) -> int:
    database = Database(make_engine(settings.database))
    actor = getpass.getuser()[:16]
    try:
        async with database.begin() as session:
            await actions.save_draft(session, flow, text, base=0, note=note, actor=actor, at=now())
            try:
                version = await actions.publish(session, flow, examine=examiner(queues), actor=actor, at=now())
            except actions.FlowNotReady as refused:
                for sentence in refused.details:
                    typer.echo(str(sentence), err=True)
                raise
            return version.number
    finally:
        await database.close()


def _at_site(settings: Settings, flow: Flow) -> list[Finding]:
    """What the models of this machine never hear, and links that open nowhere."""
    unknown = asyncio.run(Vocabulary(asking(vosk_models(settings))).unknown(flow))
    return site_findings(flow, unknown, public=bool(settings.public_url))


def _flow(settings: Settings, name: str) -> Flow:
    """A file, else the published flow of this name, else the shipped one."""
    if Path(name).is_file():
        return read_flow(_text(Path(name)))
    published = _published(settings)
    if name in published:
        return published[name]
    if name == shipped_flow().name:
        return shipped_flow()
    raise NotFound("There is no file and no published flow {flow}.", flow=name)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Invalid("{file} cannot be read: {reason}", file=path, reason=wrong) from wrong


def _published(settings: Settings) -> Mapping[str, Flow]:
    async def ask(database: Database) -> dict[str, Flow]:
        async with database.begin() as session:
            found = await published_texts(session)
        return {one.flow: read_flow(one.text, version=one.version) for one in found}

    return _asked(settings, ask) or {}


def _stored_trials(settings: Settings, flow: str) -> dict[str, Trial]:
    async def ask(database: Database) -> dict[str, Trial]:
        async with database.begin() as session:
            return {one.name: read_trial(one.case) for one in await stored_tests(session, flow)}

    return _asked(settings, ask) or (shipped_trials() if flow == shipped_flow().name else {})


def _queues(settings: Settings) -> frozenset[str]:
    """The site's queues; without a database those of the shipped menu."""

    async def ask(database: Database) -> frozenset[str]:
        async with database.begin() as session:
            return frozenset(queue.id for queue in await stored_queues(session))

    shipped = read_flow(shipped_text()).nodes.values()
    return _asked(settings, ask) or frozenset(node.queue for node in shipped if isinstance(node, Queue))


def _asked(settings: Settings, ask: Callable[[Database], Awaitable[Found]]) -> Found | None:
    """What the database says; None when there is none yet, or it does not answer: a menu can be tried without."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None

    async def work() -> Found:
        database = Database(make_engine(settings.database))
        try:
            return await ask(database)
        finally:
            await database.close()

    try:
        return asyncio.run(work())
    except (SQLAlchemyError, OSError) as away:
        why = N_("The database does not answer, so the shipped menu counts: {reason}")
        typer.echo(told(why, reason=str(away)[:200]), err=True)
        return None
