"""What was typed into the forms of staffing, as the actions take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from agent_desktop.rendering import translate
from crm_core.errors import PlatformError
from crm_core.workforce.fields import Unusable
from crm_core.workforce.spans import SpansWrong, read_spans


def goal_from(form: FormData) -> dict[str, Any]:
    numbers = ("occupancy_percent", "shrinkage_percent", "patience_seconds")
    return {name: number(text(form, name)) for name in numbers} | {"model": text(form, "model")}


def hours_from(typed: str) -> tuple[int, int]:
    """ "08:00-16:30" in minutes; "" = the whole day; (0, 0) = cannot be read."""
    if not typed:
        return 0, 1440
    try:
        spans = read_spans(typed)
    except SpansWrong:
        return 0, 0
    return (spans[0][0], spans[0][1]) if len(spans) == 1 else (0, 0)


def percent_from(typed: str) -> int:
    """80, "80 %", "+20 %" (of what it would be: 120), "-20"; -1 = cannot be read."""
    sign = typed[:1] if typed[:1] in ("+", "-", "\u2212") else ""
    digits = typed.removeprefix(sign).replace("%", "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 4:
        return -1
    return {"": int(digits), "+": 100 + int(digits)}.get(sign, 100 - int(digits))


def told(request: Request, refused: PlatformError) -> Mapping[str, str]:
    """Field to sentence in the reader's language; "" is the form itself."""
    problems = refused.by_field if isinstance(refused, Unusable) else {str(refused.values.get("field", "")): refused}
    return {field: translate(request, one.message_id, **one.values) for field, one in problems.items()}
