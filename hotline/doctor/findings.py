"""What a look at one part found: a sentence and, where something is wrong, the remedy. Words are catalogue keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.terminal import word


class Word(str):
    """A value that is itself a key of the catalogue."""

    __slots__ = ()


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # people can work
    FAULT = "fault"
    ABSENT = "absent"  # not used on this site


@dataclass(frozen=True, slots=True)
class Finding:
    """`told` and `remedy` are msgids with the gaps `values`."""

    part: str
    state: State
    told: str
    remedy: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return _filled(language, self.told, self.values)

    def advice(self, language: str) -> str:
        return _filled(language, self.remedy, self.values) if self.remedy else ""


def fine(part: str, told: str, **values: object) -> Finding:
    return Finding(part, State.OK, told, "", values)


def absent(part: str, told: str, remedy: str = "", **values: object) -> Finding:
    return Finding(part, State.ABSENT, told, remedy, values)


def warning(part: str, told: str, remedy: str, **values: object) -> Finding:
    return Finding(part, State.WARNING, told, remedy, values)


def fault(part: str, told: str, remedy: str, **values: object) -> Finding:
    return Finding(part, State.FAULT, told, remedy, values)


def _filled(language: str, message: str, values: Mapping[str, object]) -> str:
    read = {name: word(language, value) if isinstance(value, Word) else value for name, value in values.items()}
    return word(language, message).format(**read)
