"""What was typed into the article's form, as content; and what changed from one version to another, line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from starlette.datastructures import FormData

from agent_desktop.knowledge.words import FIELDS
from crm_core.errors import Invalid
from crm_core.knowledge.content import DATES, LISTS, TEXTS, Content
from crm_core.workforce.fields import Unusable

CHOSEN = ("topics", "sub_kinds", "queues")
TYPED = tuple(name for name in LISTS if name not in CHOSEN)


def content_from(form: FormData) -> Content:
    """Raises Unusable for a day or a number that is none."""
    wrong: list[Invalid] = []
    values: dict[str, Any] = {name: _text(form, name).replace("\r\n", "\n") for name in TEXTS}
    values |= {name: _text(form, name) for name in ("kind", "audience")}
    values |= {name: [str(one) for one in form.getlist(name)] for name in CHOSEN}
    values |= {name: _listed(_text(form, name)) for name in TYPED}
    for name in DATES:
        values[name] = _day(_text(form, name), name, wrong)
    values["related"] = _numbers(_text(form, "related"), wrong)
    category = _text(form, "category_id")
    values["category_id"] = int(category) if category.isdecimal() else None
    if wrong:
        raise Unusable(wrong)
    return Content(**values)


def typed_of(content: Content) -> dict[str, Any]:
    """The content as the form shows it."""
    shown: dict[str, Any] = {**content.texts, **content.details}
    shown |= {name: "，".join(getattr(content, name)) for name in TYPED}
    shown["related"] = " ".join(map(str, content.related))
    shown["category_id"] = str(content.category_id or "")
    return shown


def typed_from(form: FormData) -> dict[str, Any]:
    """What was typed, as it was typed: nothing is cleared by a refusal."""
    names = (*TEXTS, *TYPED, *DATES, "kind", "audience", "related", "category_id")
    return {name: _text(form, name) for name in names} | {
        name: [str(one) for one in form.getlist(name)] for name in CHOSEN
    }


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a field: `how` is same, gone or new."""

    text: str
    how: str


def differences(before: Content, after: Content) -> dict[str, list[Change]]:
    """By the word for the field; fields that are the same are left out."""
    found = {}
    for name, word in FIELDS.items():
        one, other = _plain(getattr(before, name)), _plain(getattr(after, name))
        if one != other:
            found[word] = _changes(one, other)
    return found


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value or "")


def _changes(before: str, after: str) -> list[Change]:
    """By words and signs, so that one changed figure in a Chinese paragraph is seen."""
    left, right = (re.findall(r"[A-Za-z0-9.,]+|\s+|.", text, re.DOTALL) for text in (before, after))
    changes: list[Change] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            changes.append(Change("".join(left[i1:i2]), "same"))
            continue
        if i2 > i1:
            changes.append(Change("".join(left[i1:i2]), "gone"))
        if j2 > j1:
            changes.append(Change("".join(right[j1:j2]), "new"))
    return changes


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _listed(typed: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in re.split(r"[,，、;；\n]", typed) if word.strip()))


def _numbers(typed: str, wrong: list[Invalid]) -> list[int]:
    words = re.split(r"[\s,，#]+", typed.strip("# "))
    if not all(word.isdecimal() and len(word) < 9 for word in words if word):
        wrong.append(Invalid("Write the numbers of articles.", field="related"))
        return []
    return [int(word) for word in words if word]


def _day(typed: str, name: str, wrong: list[Invalid]) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        wrong.append(Invalid("Choose a day.", field=name))
        return None
