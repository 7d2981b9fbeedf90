"""The node that a form makes of a node: what was typed, read back into the fields of a flow's file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from agent_desktop.flows.forms import ALWAYS, BEST, DEFAULTS, FORMS, Input

Form = Mapping[str, Sequence[str]]
Reader = Callable[[Form, str, Sequence[str]], Any]
_MAY_BE_EMPTY = frozenset({"topic"})  # must be written, and may say nothing


def changed(node: Mapping[str, Any], form: Form, languages: Sequence[str]) -> dict[str, Any]:
    """The node after a form: fields that the form does not have stay, and what nobody touched stays unwritten.

    An emptied number or text says again what it says by itself.
    """
    after, kind = dict(node), str(node.get("kind", ""))
    for how, name in FORMS.get(kind, ()):
        value, usual = READERS[how](form, name, languages), DEFAULTS[kind].get(name)
        as_usual = value == usual and name not in node
        emptied = value == "" and not (usual is None and name in _MAY_BE_EMPTY)
        if as_usual or emptied or (value in ([], {}) and not usual and usual is not None):
            after.pop(name, None)
        else:
            after[name] = value
    return after


def _first(form: Form, name: str, languages: Sequence[str]) -> str:
    return next(iter(form.get(name, ())), "").strip()


def _prompts(form: Form, name: str, languages: Sequence[str]) -> list[Any]:
    chosen = [one.strip() for one in form.get(name, ()) if one.strip()]
    return [{"fact": one[1:-1]} if one.startswith("{") and one.endswith("}") else one for one in chosen]


def _key_prompts(form: Form, name: str, languages: Sequence[str]) -> dict[str, list[Any]]:
    places = [place for place in form if place.startswith(f"{name}.")]
    found = {place.removeprefix(f"{name}."): _prompts(form, place, languages) for place in places}
    return {key: prompts for key, prompts in found.items() if prompts}


def _rows(form: Form, name: str, languages: Sequence[str]) -> dict[str, str]:
    pairs = zip(form.get(f"{name}.key", ()), form.get(f"{name}.to", ()), strict=False)
    return {key.strip(): to.strip() for key, to in pairs if key.strip() and to.strip()}


def _given(form: Form, name: str, languages: Sequence[str]) -> dict[str, str]:
    """The ticked facts, each with its value, which may be empty."""
    return {fact: _first(form, f"{name}.value.{fact}", languages) for fact in form.get(f"{name}.fixed", ())}


def _cases(form: Form, name: str, languages: Sequence[str]) -> list[Any]:
    pairs = zip(form.get(f"{name}.when", ()), form.get(f"{name}.to", ()), strict=False)
    return [{"when": dict(_facts(when)), "then": to} for when, to in pairs if when.strip() and to]


def _facts(text: str) -> Iterator[tuple[str, Any]]:
    for one in text.split(";") if text.strip() != ALWAYS else ():
        fact, equals, value = one.partition("=")
        words = [word.strip() for word in value.split(",") if word.strip()]
        if fact.strip() and equals:
            yield fact.strip(), words if len(words) > 1 else "".join(words)


def _words(form: Form, name: str, languages: Sequence[str]) -> dict[str, Any]:
    found = {language: _lines(_first(form, f"{name}.{language}", languages)) for language in languages}
    return {language: words for language, words in found.items() if words}


def _lines(text: str) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, phrases = line.replace("：", ":").replace("，", ",").partition(":")
        said = [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]
        if key.strip() and said:
            keys[key.strip()] = said
    return keys


def _questions(form: Form, name: str, languages: Sequence[str]) -> list[Any]:
    """Row after row; one whose name was emptied is gone, a new one without a name gets one."""
    found: list[Any] = []
    kept = len(form.get(f"{name}.was", ()))
    for number, given in enumerate(form.get(f"{name}.id", ())):
        most = "".join(form.get(f"{name}.most", ())[number : number + 1]).strip()
        prompts = _prompts(form, f"{name}.prompts.{number}", languages)
        named = given.strip() or (f"q{number + 1}" if prompts and number >= kept else "")
        if named:
            scale = {"most": most} if most not in ("", BEST) else {}
            found.append({"id": named, "prompts": prompts, **scale})
    return found


def _list(form: Form, name: str, languages: Sequence[str]) -> list[str]:
    words = _first(form, name, languages).replace("，", ",").split(",")
    return [word.strip() for word in words if word.strip()]


READERS: Mapping[Input, Reader] = {
    **dict.fromkeys(Input, _first),
    Input.PROMPTS: _prompts,
    Input.KEY_PROMPTS: _key_prompts,
    **dict.fromkeys((Input.KEYS, Input.LANGUAGES, Input.VALUES, Input.RESULTS), _rows),
    Input.GIVEN: _given,
    Input.CASES: _cases,
    Input.WORDS: _words,
    Input.QUESTIONS: _questions,
    Input.LIST: _list,
}
