"""A row of a file as facts, and everything that is wrong with it. Without I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from crm_core.imports import cells, fields


@dataclass(frozen=True, slots=True)
class Problem:
    """`refused` False = a warning. `value` is what stands in the cell, cut."""

    kind: str
    field: str = ""
    value: str = ""
    refused: bool = True


@dataclass(slots=True)
class ReadRow:
    """`line` is the row's number in the file as a person counts. A row with a refusing problem is not written."""

    line: int
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        return not any(problem.refused for problem in self.problems)

    def refuse(self, kind: str, name: str = "", value: str = "") -> None:
        self.problems.append(Problem(kind, name, value.replace("\0", "")[:80]))


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file; `broken` is why it could not be read at all."""

    line: int
    cells: Sequence[str]
    broken: str = ""


def read_row(kind: str, columns: Sequence[str], raw: RawRow, zone: tzinfo) -> ReadRow:
    """The facts by field; an empty cell is no fact."""
    row = ReadRow(raw.line)
    if raw.broken:
        row.refuse(raw.broken, "", " ".join(raw.cells))
        return row
    if len(raw.cells) > len(columns) and any(cell.strip() for cell in raw.cells[len(columns) :]):
        row.refuse("columns", "", str(len(raw.cells)))
    known = fields.by_name(kind)
    for name, cell in zip(columns, raw.cells, strict=False):
        if name and cell.strip():
            _read_cell(row, known[name], cell, zone)
    _check(kind, row, known)
    return row


def _read_cell(row: ReadRow, one: fields.Field, cell: str, zone: tzinfo) -> None:
    try:
        text = cells.clean(cell)
        if text:
            row.facts[one.name] = fields.read(one, text, zone)
    except cells.Unreadable as wrong:
        row.refuse(wrong.kind, one.name, cell.strip())


_RECALL = ("announced_on", "recall_done_on")


def _check(kind: str, row: ReadRow, known: Mapping[str, fields.Field]) -> None:
    wrong = {problem.field for problem in row.problems}
    for one in known.values():
        if one.required and one.name not in row.facts and one.name not in wrong:
            row.refuse("missing", one.name)
    facts = row.facts
    told = {"customer_key", "number"} & (set(facts) | wrong)
    if kind in ("customers", "deliveries", "orders", "trade_ins", "leads") and not told:
        row.refuse("no_customer", "number")
    if kind == "leads" and not {"model", "wish"} & (set(facts) | wrong):
        row.refuse("missing", "model")
    for name in ("vin", "new_vin"):
        if name in facts and not cells.vin_checks(facts[name]):
            row.problems.append(Problem("vin_check", name, facts[name], refused=False))
    for first, then in (("came_at", "left_at"), ("made_on", "sold_on"), ("sold_on", "warranty_until"), _RECALL):
        if first in facts and then in facts and facts[first] > facts[then]:
            row.refuse("date_order", then, str(facts[then])[:10])


_KEYS = {
    "vehicles": ("vin",),
    "deliveries": ("vin", "delivered_on"),
    "orders": ("order_number",),
    "recalls": ("vin", "recall_code"),
}


def key_of(kind: str, facts: Mapping[str, Any]) -> str:
    """What two rows of one file may not both have."""
    if kind in _KEYS:
        return "|".join(str(facts[name]) for name in _KEYS[kind])
    if kind == "visits":
        return str(facts.get("visit_number") or f"{facts['vin']}|{facts['came_at']}")
    customer = facts.get("customer_key") or f"{facts.get('number')}|{facts.get('name')}"
    if kind == "trade_ins":
        return f"{customer}|{facts['old_vehicle']}|{facts['traded_on']}"
    return str(customer)
