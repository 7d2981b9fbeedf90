"""Whose callers go to an agent first, as people write it: dealers and provinces by name (dealer:17, region:吉林)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from crm_core.errors import Invalid

_TAG = re.compile(r"(dealer|region):\S+")


def written(tags: Iterable[str], dealers: Mapping[int, str]) -> str:
    """The tags by name, parted by commas; a dealer that is gone keeps its number."""
    return ", ".join(sorted(_name(tag, dealers) for tag in tags))


def read_tags(text: str, dealers: Mapping[int, str], provinces: Collection[str]) -> list[str]:
    """The tags of what was typed, in its order. Raises Invalid (field "tags") for a name that nobody has."""
    parts = [part.strip() for part in re.split(r"[,，、;；\n]", text)]
    return list(dict.fromkeys(tag for part in parts if part for tag in _tags(part, dealers, provinces)))


def _tags(part: str, dealers: Mapping[int, str], provinces: Collection[str]) -> list[str]:
    if all(_TAG.fullmatch(word) for word in part.split()):
        return part.split()
    number = next((number for number, name in dealers.items() if name == part), None)
    if number is not None:
        return [f"dealer:{number}"]
    if part in provinces:
        return [f"region:{part}"]
    raise Invalid(
        "{name} is no dealer and no province. Write a dealer's short name or a province.", name=part[:20], field="tags"
    )


def _name(tag: str, dealers: Mapping[int, str]) -> str:
    kind, _, rest = tag.partition(":")
    if kind == "dealer" and rest.isdecimal():
        return dealers.get(int(rest), tag)
    return rest if kind == "region" else tag
