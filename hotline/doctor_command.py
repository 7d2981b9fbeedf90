"""`hotline doctor`: every part, what is wrong, and what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from agent_desktop.words import N_
from hotline.doctor import door, machine, nodes, stores, telephony
from hotline.doctor.findings import Finding, State, fault
from hotline.settings import Settings
from hotline.terminal import language_of, word

Check = Callable[[], Finding | Iterable[Finding]]
COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAULT: "red", State.ABSENT: "dim"}
STATES = {State.OK: N_("fine"), State.WARNING: N_("watch"), State.FAULT: N_("wrong"), State.ABSENT: N_("not used")}
PARTS = {
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
    found = examine(Settings(), os.environ)
    whole = all(one.state is not State.FAULT for one in found)
    if as_json:
        typer.echo(json.dumps({"ok": whole, "findings": [_told(one, reader) for one in found]}, ensure_ascii=False))
    else:
        _show(found, reader)
    raise typer.Exit(0 if whole else 1)


def checks(settings: Settings, environment: Mapping[str, str]) -> dict[str, Check]:
    """By the part they look at."""
    return {
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
        "trunk": lambda: telephony.trunk(settings),
        "database": lambda: stores.database(settings),
        "redis": lambda: stores.redis_server(settings),
        "recordings": lambda: stores.recordings(settings),
        "audit log": lambda: stores.audit_log(settings),
        "backup": lambda: stores.backup(settings),
    }


def examine(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """All parts side by side, in the order of the list. A look that fails is a finding like the others."""
    wanted = checks(settings, environment)
    with ThreadPoolExecutor(len(wanted)) as pool:
        return [one for found in pool.map(lambda item: _looked(*item), wanted.items()) for one in found]


def _looked(part: str, check: Check) -> list[Finding]:
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


def _show(found: list[Finding], language: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        head = f"[{COLOURS[one.state]}]{word(language, STATES[one.state])}[/]"
        part, colon = word(language, PARTS[one.part]), "：" if language == "zh-CN" else ": "
        console.print(f"{head}  [bold]{part}[/]{colon}{escape(one.sentence(language))}")
        if one.remedy:
            console.print(f"      → {escape(one.advice(language))}")
    faults = sum(one.state is State.FAULT for one in found)
    console.print(word(language, N_("Nothing is wrong.")) if not faults else _count(language, faults))


def _count(language: str, faults: int) -> str:
    return word(language, N_("Faults: {count}.")).format(count=faults)
