"""`hotline doctor`: every part, what is wrong, and what to do."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from agent_desktop.words import N_
from hotline.doctor import door, lines, machine, nodes, stores, telephony
from hotline.doctor.findings import Finding, State, absent, fault
from hotline.settings import Settings
from hotline.terminal import language_of, word

Check = Callable[[], Finding | Iterable[Finding]]
COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAULT: "red", State.ABSENT: "dim"}
STATES = {State.OK: N_("fine"), State.WARNING: N_("watch"), State.FAULT: N_("wrong"), State.ABSENT: N_("not used")}
MADE_AT_THE_START = ("asterisk", "prompts", "database")
PARTS = {
    "site": N_("Site"),
    "python": N_("Python"),
    "settings": N_("Settings"),
    "rights": N_("Rights"),
    "disk": N_("Disk"),
    "writing": N_("Writing"),
    "clock": N_("Machine's clock"),
    "zone": N_("Time zone"),
    "ports": N_("Ports"),
    "processes": N_("Processes"),
    "certificate": N_("Site certificate"),
    "asterisk": N_("Asterisk"),
    "two asterisks": N_("Two Asterisks"),
    "prompts": N_("Prompts"),
    "speech": N_("Speech"),
    "trunk": N_("Carrier"),
    "numbers": N_("Published numbers"),
    "database": N_("Database"),
    "redis": N_("Redis"),
    "recordings": N_("Recordings"),
    "audit log": N_("Audit log"),
    "backup": N_("Backup"),
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    language: Annotated[str, typer.Option("--language", help="zh-CN or en; default that of the terminal.")] = "",
) -> None:
    """Look at every part and say what to do about what is wrong; changes nothing. Exit status 1 for a fault."""
    reader = language if language in ("zh-CN", "en") else language_of(os.environ)
    if as_json:
        found = examine(Settings(), os.environ)
        whole = all(one.state is not State.FAULT for one in found)
        typer.echo(json.dumps({"ok": whole, "findings": [_told(one, reader) for one in found]}, ensure_ascii=False))
    else:
        whole = _shown(Settings(), reader)
    raise typer.Exit(0 if whole else 1)


def checks(settings: Settings, environment: Mapping[str, str]) -> dict[str, Check]:
    """By the part they look at."""
    return {
        "site": lambda: machine.site(settings, time.time()),
        "python": machine.python,
        "settings": lambda: machine.settings_that_nobody_reads(environment),
        "rights": lambda: machine.rights(settings),
        "disk": lambda: machine.disk(settings),
        "writing": lambda: machine.room_to_write(settings),
        "clock": machine.clock,
        "zone": lambda: machine.zone(settings),
        "ports": lambda: machine.ports(settings),
        "processes": lambda: machine.left_over(settings),
        "certificate": lambda: door.certificate(settings),
        "asterisk": lambda: telephony.asterisk(settings),
        "two asterisks": lambda: nodes.two_asterisks(settings),
        "prompts": lambda: telephony.prompts(settings),
        "speech": lambda: telephony.models(settings),
        "trunk": lambda: lines.trunks(settings),
        "numbers": lambda: lines.numbers(settings),
        "database": lambda: stores.database(settings),
        "redis": lambda: stores.redis_server(settings),
        "recordings": lambda: stores.recordings(settings),
        "audit log": lambda: stores.audit_log(settings),
        "backup": lambda: stores.backup(settings),
    }


def examine(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """All parts, in the order of the list. A look that fails is a finding like the others."""
    found = dict(examined(settings, environment))
    return [one for part in checks(settings, environment) for one in found[part]]


def examined(settings: Settings, environment: Mapping[str, str]) -> Iterator[tuple[str, list[Finding]]]:
    """All parts side by side: each as soon as it was looked at, with what was found of it."""
    wanted = checks(settings, environment)
    with ThreadPoolExecutor(len(wanted)) as pool:
        looks = {pool.submit(_looked, part, check, settings): part for part, check in wanted.items()}
        for look in as_completed(looks):
            yield looks[look], look.result()


def _looked(part: str, check: Check, settings: Settings) -> list[Finding]:
    found = _look(part, check)
    start = machine.under_way(settings.run_dir)
    if part in MADE_AT_THE_START and start is not None and start.step in ("set-up", "database"):
        return [absent(part, N_("It is made by the start that is under way.")) if wrong(one) else one for one in found]
    return found


def wrong(one: Finding) -> bool:
    return one.state is State.FAULT


def _look(part: str, check: Check) -> list[Finding]:
    try:
        found = check()
    except Exception as broken:  # a doctor tells every fault and goes on
        reason = f"{type(broken).__name__}: {broken}".splitlines()[0].rstrip(".")
        remedy = N_("Report this to who keeps Hotline, with the output of hotline doctor --json.")
        return [fault(part, N_("It could not be looked at: {reason}."), remedy, reason=reason)]
    return [found] if isinstance(found, Finding) else list(found)


def _told(one: Finding, language: str) -> dict[str, str]:
    return {
        "part": one.part,
        "state": one.state.value,
        "told": one.sentence(language),
        "remedy": one.advice(language),
    }


def _shown(settings: Settings, language: str) -> bool:
    """Each finding as soon as it is there; on a terminal also what is still looked at. Gives whether all is well."""
    console = Console(highlight=False, soft_wrap=True)
    left, seen = list(checks(settings, os.environ)), Counter[State]()
    with console.status(_still(left, language)) as still:
        for part, found in examined(settings, os.environ):
            left.remove(part)
            still.update(_still(left, language))
            for one in found:
                _show(console, one, language)
            seen.update(one.state for one in found)
    console.print(_count(language, seen))
    return not seen[State.FAULT]


def _still(left: list[str], language: str) -> str:
    parts = ", ".join(word(language, PARTS[part]) for part in left)
    return escape(word(language, N_("Looking at: {parts}")).format(parts=parts))


def _show(console: Console, one: Finding, language: str) -> None:
    head = f"[{COLOURS[one.state]}]{word(language, STATES[one.state])}[/]"
    part, colon = word(language, PARTS[one.part]), "：" if language == "zh-CN" else ": "
    console.print(f"{head}  [bold]{part}[/]{colon}{escape(one.sentence(language))}")
    if one.remedy:
        console.print(f"      → {escape(one.advice(language))}")


def _count(language: str, seen: Counter[State]) -> str:
    faults, warnings = seen[State.FAULT], seen[State.WARNING]
    if not faults and not warnings:
        return word(language, N_("Nothing is wrong."))
    return word(language, N_("Faults: {faults}. To be watched: {warnings}.")).format(faults=faults, warnings=warnings)
