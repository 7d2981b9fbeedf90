"""What was typed into the pages of the case rules, as data; and back. A time that is none stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from crm_core.cases.assignment import BETWEEN
from crm_core.cases.levels import FIRST_WORDS, Level
from crm_core.cases.rules import Body

_TIME = re.compile(r"(\d{1,6})\s*([mhd]?)")
_MINUTES = {"": 1, "m": 1, "h": 60, "d": 1440}


def minutes(typed: str) -> Any:
    """Minutes of "30m", "4h", "7d"; 0 for nothing, the text itself when it is none."""
    found = _TIME.fullmatch(typed.strip().lower())
    if not typed.strip():
        return 0
    return int(found[1]) * _MINUTES[found[2]] if found else typed


def in_units(value: Any) -> str:
    """4h for 240; "" for none."""
    if not isinstance(value, int) or not value:
        return "" if value == 0 else str(value)
    if value % 1440 == 0:
        return f"{value // 1440}d"
    return f"{value // 60}h" if value % 60 == 0 else f"{value}m"


def many(typed: str) -> list[Any]:
    return [minutes(one) for one in re.split(r"[,，;\s]+", typed.strip()) if one]


def in_units_all(values: Sequence[Any]) -> str:
    """An end at once is 0m, so that it is not lost."""
    return ", ".join(in_units(value) or "0m" for value in values)


def read(name: str, form: FormData, before: Body) -> Body:
    """The rules `name` as the form says; what the form does not show stays."""
    topic, _, _ = name.partition("/")
    match topic:
        case "clock":
            return {
                level: _clock(form, level, before.get(level) or before["normal"]) for level in _levels(form, before)
            }
        case "form":
            return {"fields": _fields(form)}
        case "assignment":
            return {"rules": _rules(form)}
        case "levels":
            return {topic: _words(text(form, topic)) for topic in FIRST_WORDS}
    figures = {name: number(text(form, name)) for name in ("radar_days", "radar_threshold")}
    return {"zone": text(form, "zone"), **figures}


def _clock(form: FormData, level: str, rule: Body) -> Body:
    said = {field: text(form, f"{level}.{field}") for field in ("respond", "solve", "remind", "escalate")}
    stages = {stage: minutes(text(form, f"{level}.stage.{stage}")) for stage in rule["stages"]}
    pauses = {reason: text(form, f"{level}.pause.{reason}") for reason in ("customer", "parts", "third_party")}
    return {
        **rule,
        "respond": minutes(said["respond"]),
        "solve": minutes(said["solve"]),
        "remind": many(said["remind"]),
        "escalate": many(said["escalate"]),
        "respond_calendar": text(form, f"{level}.respond_calendar"),
        "solve_calendar": text(form, f"{level}.solve_calendar"),
        "stages": stages,
        "pauses": {reason: number(hours) for reason, hours in pauses.items() if hours},
    }


def _levels(form: FormData, before: Body) -> list[str]:
    """The levels that have a column, in the order of Level; the normal one always has."""
    shown = set(map(str, form.getlist("levels"))) or set(before)
    return [level.value for level in Level if level in shown or level is Level.NORMAL]


def with_level(body: Body, level: str) -> Body:
    """The clocks with one level more, which begins as the normal one."""
    known = body | {level: body.get(level) or body["normal"]} if level in list(Level) else body
    return {one.value: known[one.value] for one in Level if one.value in known}


def without_level(body: Body, level: str) -> Body:
    """The clocks without a level: its cases then run by the normal one."""
    return {name: rule for name, rule in body.items() if name != level or name == Level.NORMAL}


def _words(typed: str) -> list[str]:
    return [word.strip()[:40] for word in re.split(r"[\n,，、]+", typed) if word.strip()][:60]


def _columns(form: FormData, names: Sequence[str]) -> list[dict[str, str]]:
    columns = {name: [str(one).strip() for one in form.getlist(name)] for name in names}
    length = max((len(values) for values in columns.values()), default=0)
    return [
        {name: (values[place] if place < len(values) else "") for name, values in columns.items()}
        for place in range(length)
    ]


def _rules(form: FormData) -> list[Body]:
    names = (
        "name",
        "name_en",
        "kind",
        "sub_kind",
        "level",
        "brand",
        "region",
        "customer_class",
        "words",
        "owner",
        "dealer",
    )
    rows = [
        row
        for row in _columns(form, ("position", *names))
        if row["name"] or row["kind"] or row["owner"] or row["dealer"]
    ]
    rows.sort(key=lambda row: int(row["position"]) if row["position"].isdecimal() else 0)
    return [{**{name: row[name][:120] for name in names}, **_names(row), "words": _words(row["words"])} for row in rows]


def _names(row: dict[str, str]) -> Body:
    """Without the mark between the two names, by which a case's reason is read."""
    return {name: row[name].replace(BETWEEN, "/")[:most] for name, most in (("name", 50), ("name_en", 60))}


def _fields(form: FormData) -> list[Body]:
    rows = _columns(form, ("code", "name_zh", "name_en", "type", "required", "sub_kind", "choices"))
    return [
        {
            "code": row["code"],
            "name_zh": row["name_zh"][:40],
            "name_en": row["name_en"][:60],
            "type": row["type"],
            "required": row["required"] == "1",
            "sub_kind": row["sub_kind"],
            "choices": _choices(row["choices"]) if row["type"] == "choice" else [],
        }
        for row in rows
        if row["code"] or row["name_zh"] or row["name_en"]
    ]


def _choices(typed: str) -> list[Body]:
    """One a line: code = 中文 / English."""
    found = []
    for line in typed.splitlines():
        code, _, names = line.partition("=")
        zh, _, en = names.partition("/")
        if code.strip() and zh.strip():
            found.append(
                {"code": code.strip()[:40], "name_zh": zh.strip()[:40], "name_en": (en.strip() or zh.strip())[:60]}
            )
    return found
