"""The flow's own texts that come with a node's form: changed ones, and new ones that get a name of their own. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ivr.catalogue import LANGUAGES, catalogue

LONGEST = 2_000  # characters of one prompt: two minutes of speech
Fields = dict[str, Any]
Form = dict[str, list[str]]


def put(fields: Fields, part: str, language: str, name: str, text: str) -> None:
    """Keep a text, or take it away when it is empty; no empty mappings stay behind."""
    found: dict[str, Any] = fields.setdefault(part, {}).setdefault(language, {})
    if text:
        found[name] = text
    else:
        found.pop(name, None)
    if not found:
        del fields[part][language]
    if not fields[part]:
        del fields[part]


def keep_texts(fields: Fields, form: Mapping[str, Sequence[str]], languages: Sequence[str]) -> None:
    """Fields `text.<language>.<prompt>`: what callers hear of a prompt that the flow has already."""
    for place, values in form.items():
        part, _, rest = place.partition(".")
        language, _, prompt = rest.partition(".")
        if part == "text" and language in languages and prompt:
            put(fields, "texts", language, prompt, values[0].strip()[:LONGEST])


def name_new_texts(fields: Fields, node: str, form: Form, languages: Sequence[str]) -> None:
    """Fields `new.<place>.<language>` become a prompt with a name made of the node's, put at the end of its place."""
    for place in dict.fromkeys(one.rpartition(".")[0] for one in form if one.startswith("new.")):
        texts = {language: _text(form, f"{place}.{language}") for language in languages}
        if any(texts.values()):
            name = _fresh_name(node, _taken(fields))
            form.setdefault(place.removeprefix("new."), []).append(name)
            for language, text in texts.items():
                if text:
                    put(fields, "texts", language, name, text[:LONGEST])


def _text(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "").strip()


def _taken(fields: Fields) -> Collection[str]:
    own = {name for texts in fields.get("texts", {}).values() for name in texts}
    return own.union(*(catalogue()[language] for language in LANGUAGES))


def _fresh_name(node: str, taken: Collection[str]) -> str:
    """The node's own name when nothing is called so, else the first free number after it."""
    names = (f"{node[:35]}-{number}" for number in range(2, 1_000))
    return node if node not in taken else next(name for name in names if name not in taken)
