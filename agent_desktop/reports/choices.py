"""A filter of a single report with one value at a time: how rows are grouped, how long a caller is followed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desktop.reports.asked import Asked
from agent_desktop.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`name` is the word in the address. `options` map its values to msgids; the first one holds when none is asked."""

    name: str
    word: str
    options: Mapping[str, str]

    def chosen(self, asked: Asked) -> str:
        """The value that holds; a word that is none of the options counts as not asked."""
        value = asked.more.get(self.name, "")
        return value if value in self.options else next(iter(self.options))

    def asked_with(self, value: str) -> dict[str, str | None]:
        """The change of the address that asks for this value."""
        return {self.name: None if value == next(iter(self.options)) else value, "row": None, "of": None}


def grouped_by(options: Mapping[str, str]) -> Choice:
    return Choice(name="by", word=N_("Grouped by"), options=options)
