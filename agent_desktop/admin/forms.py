"""What was typed into the administration's forms, as settings; a number that is none stays as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from crm_core.errors import Invalid
from crm_core.workforce.checks import LIMITS
from crm_core.workforce.fields import Unusable
from crm_core.workforce.hours_actions import WEEKDAYS
from crm_core.workforce.spans import SpansWrong, read_spans
from crm_core.workforce.versions import State

_TEXTS = ("name_zh", "name_en", "skill", "strategy", "when_full", "when_too_long")
_SWITCHES = ("callback_offered", "message_offered", "is_open_for_calls")


def text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number(typed: str) -> int | str:
    """A whole number; what is none as it was typed. Empty = 0."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else typed or 0


def base_of(form: FormData) -> int | None:
    """The version number the page was made from."""
    typed = text(form, "base")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def queue_from(form: FormData) -> State:
    """A queue's settings; rows that are left empty are dropped."""
    state: State = {name: text(form, name) for name in _TEXTS}
    state |= {name: number(text(form, name)) for name, *_ in LIMITS}
    state |= {name: text(form, name) == "1" for name in _SWITCHES}
    state["position"] = number(text(form, "position"))
    state["levels"] = _rows(form, {"after_seconds": "level_after", "level": "level_level"}, key="level")
    moves = {"to": "overflow_to", "after_seconds": "overflow_after", "expected_over_seconds": "overflow_expected"}
    state["overflow"] = _rows(form, moves, key="to")
    return state


def require_numbers(state: State) -> None:
    """Raises Unusable for a row whose number is none; single fields are told by their own limits."""
    columns = {"levels": ("after_seconds", "level"), "overflow": ("after_seconds", "expected_over_seconds")}
    wrong = [
        field
        for field, names in columns.items()
        if any(not isinstance(row[name], int) for row in state[field] for name in names)
    ]
    if wrong:
        raise Unusable([Invalid("Enter whole numbers.", field=field) for field in wrong])


def _rows(form: FormData, names: Mapping[str, str], *, key: str) -> list[dict[str, Any]]:
    columns = {name: [str(value).strip() for value in form.getlist(column)] for name, column in names.items()}
    length = min(len(values) for values in columns.values())
    found = []
    for place in range(length):
        row = {name: values[place] for name, values in columns.items()}
        if row[key]:
            found.append({name: value if name == "to" else number(value) for name, value in row.items()})
    return found


def week_from(form: FormData) -> tuple[list[list[list[int]]], dict[str, str], list[Invalid]]:
    """The seven days, what was typed for each, and what is wrong with them."""
    week: list[list[list[int]]] = []
    problems: list[Invalid] = []
    typed = {name: text(form, name) for name in WEEKDAYS}
    for name in WEEKDAYS:
        try:
            week.append(read_spans(typed[name]))
        except SpansWrong as wrong:
            problems.append(SpansWrong(wrong.message_id, **wrong.values, field=name))
            week.append([])
    return week, typed, problems
