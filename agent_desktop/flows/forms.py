"""The form of each kind of node: which fields, how each is shown, and what comes back of a form. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ivr.operations import OPERATIONS, UNAVAILABLE


class Input(StrEnum):
    """How a field is edited."""

    PROMPTS = "prompts"  # names in their order, facts in braces
    WAY = "way"  # one node
    OPTIONAL_WAY = "optional_way"
    KEYS = "keys"  # key -> node
    LANGUAGES = "languages"  # key -> language
    RESULTS = "results"  # result of the operation -> node
    CASES = "cases"  # conditions -> node
    WORDS = "words"  # language -> key -> phrases
    NUMBER = "number"
    TEXT = "text"
    QUEUE = "queue"
    OPERATION = "operation"
    OUTCOME = "outcome"


_ASKED = ((Input.NUMBER, "tries"), (Input.NUMBER, "seconds"))
_COMPLAINTS = ((Input.PROMPTS, "invalid"), (Input.PROMPTS, "silent"))
FORMS: Mapping[str, tuple[tuple[Input, str], ...]] = {
    "say": ((Input.PROMPTS, "prompts"), (Input.WAY, "then")),
    "menu": (
        (Input.PROMPTS, "prompts"),
        (Input.KEYS, "keys"),
        *_ASKED,
        (Input.WAY, "give_up"),
        (Input.WORDS, "words"),
        (Input.NUMBER, "sure"),
        *_COMPLAINTS,
    ),
    "collect": (
        *((Input.PROMPTS, "prompts"), (Input.TEXT, "fact"), (Input.NUMBER, "min"), (Input.NUMBER, "max")),
        *_ASKED,
        *((Input.WAY, "then"), (Input.WAY, "give_up")),
        *_COMPLAINTS,
    ),
    "ask": (
        *((Input.PROMPTS, "prompts"), (Input.PROMPTS, "by_key"), (Input.TEXT, "fact"), (Input.NUMBER, "digits")),
        *_ASKED,
        *((Input.NUMBER, "sure"), (Input.WAY, "then"), (Input.WAY, "give_up")),
    ),
    "do": ((Input.OPERATION, "operation"), (Input.PROMPTS, "prompts"), (Input.RESULTS, "ways")),
    "decide": ((Input.CASES, "cases"), (Input.WAY, "otherwise")),
    "queue": (
        *((Input.QUEUE, "queue"), (Input.TEXT, "topic"), (Input.NUMBER, "priority"), (Input.PROMPTS, "prompts")),
    ),
    "message": ((Input.TEXT, "topic"), (Input.OUTCOME, "outcome"), (Input.PROMPTS, "prompts")),
    "callback": ((Input.QUEUE, "queue"), (Input.PROMPTS, "prompts"), (Input.WAY, "refused")),
    "consent": (
        *((Input.TEXT, "purpose"), (Input.PROMPTS, "prompts"), *_ASKED),
        *((Input.WAY, "yes"), (Input.WAY, "no"), (Input.WAY, "unavailable")),
    ),
    "survey": ((Input.WAY, "then"), (Input.NUMBER, "seconds")),
    "end": ((Input.OUTCOME, "outcome"), (Input.PROMPTS, "prompts")),
    "if_open": ((Input.WAY, "open"), (Input.WAY, "closed"), (Input.OPTIONAL_WAY, "emergency")),
    "announce": ((Input.WAY, "then"),),
    "language": ((Input.PROMPTS, "prompts"), (Input.LANGUAGES, "keys"), *_ASKED, (Input.WAY, "then")),
}
FACT_MARKS = ("{", "}")


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a form. `value` is a text, or rows of texts for prompts, keys, results, cases and words."""

    input: Input
    name: str
    value: Any


def shown(node: Mapping[str, Any], languages: Sequence[str]) -> list[Shown]:
    """The fields of a node as `ivr.flow_text.read_text` gave them, in the form's order."""
    form = FORMS.get(str(node.get("kind", "")), ())
    return [Shown(kind, name, _value(kind, name, node, languages)) for kind, name in form]


def results_of(node: Mapping[str, Any]) -> list[str]:
    """Every result that this node must have a way for."""
    operation = OPERATIONS.get(str(node.get("operation", "")))
    return [*operation.results, UNAVAILABLE] if operation else [UNAVAILABLE]


def changed(node: Mapping[str, Any], form: Mapping[str, Sequence[str]], languages: Sequence[str]) -> dict[str, Any]:
    """The node after a form: fields that the form does not have stay, empty ones go."""
    after = dict(node)
    for kind, name in FORMS.get(str(node.get("kind", "")), ()):
        value = _READERS[kind](form, name, languages)
        if value in ("", [], {}) and node.get(name) != "":  # a queue's topic may be empty, and must be said to be
            after.pop(name, None)
        else:
            after[name] = value
    return after


def _value(kind: Input, name: str, node: Mapping[str, Any], languages: Sequence[str]) -> Any:
    found = node.get(name)
    match kind:
        case Input.PROMPTS:
            return [_braced(one) for one in found or ()]
        case Input.KEYS | Input.LANGUAGES:
            return list((found or {}).items())
        case Input.RESULTS:
            return [(result, (found or {}).get(result, "")) for result in results_of(node)]
        case Input.CASES:
            return [(_conditions(case.get("when", {})), case.get("then", "")) for case in found or ()]
        case Input.WORDS:
            return [(language, _phrases((found or {}).get(language, {}))) for language in languages]
        case _:
            return "" if found is None else str(found)


def _braced(prompt: Any) -> str:
    return f"{{{prompt.get('fact', '')}}}" if isinstance(prompt, dict) else str(prompt)


def _conditions(when: Mapping[str, Any]) -> str:
    """ "class = vip, key_account; nuisance = >= 5" """
    pairs = ((fact, value if isinstance(value, str) else ", ".join(value)) for fact, value in when.items())
    return "; ".join(f"{fact} = {value}" for fact, value in pairs)


def _phrases(words: Mapping[str, Any]) -> str:
    """A line for each key: "4: 维修, 修车"."""
    lines = ((key, found if isinstance(found, str) else ", ".join(found)) for key, found in words.items())
    return "\n".join(f"{key}: {found}" for key, found in lines)


Form = Mapping[str, Sequence[str]]


def _first(form: Form, name: str, languages: Sequence[str]) -> str:
    return next(iter(form.get(name, ())), "").strip()


def _prompts(form: Form, name: str, languages: Sequence[str]) -> list[Any]:
    chosen = [one.strip() for one in form.get(name, ()) if one.strip()]
    return [{"fact": one[1:-1]} if one.startswith("{") and one.endswith("}") else one for one in chosen]


def _rows(form: Form, name: str, languages: Sequence[str]) -> dict[str, str]:
    pairs = zip(form.get(f"{name}.key", ()), form.get(f"{name}.to", ()), strict=False)
    return {key.strip(): to for key, to in pairs if key.strip() and to}


def _cases(form: Form, name: str, languages: Sequence[str]) -> list[Any]:
    pairs = zip(form.get(f"{name}.when", ()), form.get(f"{name}.to", ()), strict=False)
    return [{"when": dict(_facts(when)), "then": to} for when, to in pairs if when.strip() and to]


def _facts(text: str) -> Iterator[tuple[str, Any]]:
    for one in text.split(";"):
        fact, _, value = one.partition("=")
        words = [word.strip() for word in value.split(",") if word.strip()]
        if fact.strip() and words:
            yield fact.strip(), words[0] if len(words) == 1 else words


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


_READERS: Mapping[Input, Any] = {
    Input.PROMPTS: _prompts,
    Input.KEYS: _rows,
    Input.LANGUAGES: _rows,
    Input.RESULTS: _rows,
    Input.CASES: _cases,
    Input.WORDS: _words,
    **dict.fromkeys(
        (Input.WAY, Input.OPTIONAL_WAY, Input.NUMBER, Input.TEXT, Input.QUEUE, Input.OPERATION, Input.OUTCOME), _first
    ),
}
