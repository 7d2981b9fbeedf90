"""What is asked for a kind of case: fields with a type, and the check of what was entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from crm_core.db import storable
from crm_core.errors import Invalid

LONGEST_TEXT = 500
_LARGEST = 10_000_000


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    PART = "part"  # "code name" of a spare part
    PLACE = "place"  # road, kilometre, landmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """`sub_kind` "" = asked for every sub-kind. A `required` one must be there before the case is opened."""

    code: str
    name_zh: str
    name_en: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    sub_kind: str = ""
    choices: tuple[Choice, ...] = ()


def asked(fields: Sequence[FormField], sub_kind: str) -> list[FormField]:
    """The fields of the kind that are asked for this sub-kind."""
    return [one for one in fields if one.sub_kind in ("", sub_kind)]


def checked(
    fields: Sequence[FormField], sub_kind: str, entered: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Invalid]]:
    """The values to keep, empty ones left out, and what is wrong; each problem names `field.<code>`."""
    values: dict[str, Any] = {}
    problems: list[Invalid] = []
    for one in asked(fields, sub_kind):
        try:
            value = _value(one, str(entered.get(one.code) or "").strip())
        except Invalid as wrong:
            problems.append(wrong)
            continue
        if value is not None:
            values[one.code] = value
        elif one.required:
            problems.append(Invalid("Fill this in.", field=f"field.{one.code}"))
    return values, problems


def _value(one: FormField, typed: str) -> Any:
    field = f"field.{one.code}"
    if not typed:
        return None
    match one.type:
        case FieldType.NUMBER:
            if not (typed.isascii() and typed.isdigit() and len(typed) <= 9 and int(typed) <= _LARGEST):
                raise Invalid("Enter a whole number.", field=field)
            return int(typed)
        case FieldType.DATE:
            try:
                return date.fromisoformat(typed).isoformat()
            except ValueError:
                raise Invalid("Enter a date as 2026-07-13.", field=field) from None
        case FieldType.CHOICE:
            if typed not in {choice.code for choice in one.choices}:
                raise Invalid("Choose from the list.", field=field)
            return typed
        case FieldType.YES_NO:
            if typed not in ("yes", "no"):
                raise Invalid("Choose yes or no.", field=field)
            return typed
    return storable(typed, LONGEST_TEXT)
