"""What was typed into the forms of a customer's page, as a part's state; and the way back into the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from crm_core.customers.parts import MOST_ROWS, Part

_GROUPS: dict[Part, dict[str, tuple[str, ...]]] = {
    Part.CONTACT: {
        "phones": ("id", "value", "label", "note", "verified_at"),
        "handles": ("id", "kind", "value", "verified_at"),
        "addresses": ("id", "label", "province", "city", "street", "postcode", "verified_at"),
    },
    Part.RELATIONS: {"relations": ("id", "relation", "name", "number", "note")},
}


def typed_from(form: FormData, part: Part) -> dict[str, Any]:
    """Rows come as `phones.0.value`; a row that is missing was removed. Never more rows than may be kept, and one."""
    groups = _GROUPS.get(part)
    if groups is None:
        typed: dict[str, Any] = {name: _text(form, name) for name in form if name not in ("csrf_token", "base")}
        if part is Part.ROLES:
            typed["roles"] = [str(one) for one in form.getlist("roles")]
        return typed
    return {group: _rows(form, group, fields) for group, fields in groups.items()}


def _rows(form: FormData, group: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    places = sorted({int(name.split(".")[1]) for name in form if _names_row(name, group)})[: MOST_ROWS + 1]
    rows: list[dict[str, Any]] = []
    for place in places:
        row: dict[str, Any] = {field: _text(form, f"{group}.{place}.{field}") for field in fields}
        row["id"] = int(row["id"]) if row["id"].isascii() and row["id"].isdigit() and len(row["id"]) < 10 else None
        rows.append(row)
    return rows


def _names_row(name: str, group: str) -> bool:
    parts = name.split(".")
    return len(parts) == 3 and parts[0] == group and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 4


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def shown(state: Mapping[str, Any], typed: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the form shows: what is kept, or what was typed when it was refused."""
    return {**state, **(typed or {})}
