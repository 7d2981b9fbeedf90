"""Several wrong fields at once, each with its sentence, so that a form can show them all where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_core.db import storable
from crm_core.errors import Invalid


class Unusable(Invalid):
    """`problems` is not empty; each names its `field`. As one sentence it tells the first."""

    def __init__(self, problems: Sequence[Invalid]) -> None:
        first = problems[0]
        super().__init__(first.message_id, **first.values)
        self.problems = tuple(problems)

    @property
    def by_field(self) -> dict[str, Invalid]:
        """The first problem of each field."""
        found: dict[str, Invalid] = {}
        for problem in self.problems:
            found.setdefault(str(problem.values.get("field", "")), problem)
        return found


def text_of(value: object, length: int) -> str:
    return storable(str(value or "").strip(), length)


def named(state: dict[str, Any]) -> list[Invalid]:
    """What is wrong with the two names."""
    problems = []
    if not text_of(state.get("name_zh"), 40):
        problems.append(Invalid("Enter the Chinese name.", field="name_zh"))
    if not text_of(state.get("name_en"), 60):
        problems.append(Invalid("Enter the English name.", field="name_en"))
    return problems


def within(state: dict[str, Any], field: str, low: int, high: int, *, zero: bool = False) -> list[Invalid]:
    """What is wrong with a whole number that must lie between the limits, or may be 0 where `zero`."""
    value = state.get(field)
    if isinstance(value, int) and (low <= value <= high or (zero and value == 0)):
        return []
    if zero and low > 0:
        return [Invalid("Enter 0, or a number from {low} to {high}.", low=low, high=high, field=field)]
    return [Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=field)]
