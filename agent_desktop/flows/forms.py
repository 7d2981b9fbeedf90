"""The form of each kind of node: which fields, how each is edited, and what is shown of a node. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, get_args

from ivr.nodes import Node
from ivr.operations import OPERATIONS, UNAVAILABLE


class Input(StrEnum):
    """How a field is edited."""

    PROMPTS = "prompts"  # names in their order, facts in braces
    KEY_PROMPTS = "key_prompts"  # key -> prompts
    WAY = "way"  # one node
    OPTIONAL_WAY = "optional_way"
    KEYS = "keys"  # key -> node
    LANGUAGES = "languages"  # key -> language
    VALUES = "values"  # key -> value of the fact
    RESULTS = "results"  # result of the operation -> node
    GIVEN = "given"  # fact that the operation takes -> value, for those that no node gathers
    CASES = "cases"  # conditions -> node
    WORDS = "words"  # language -> key or value -> phrases
    QUESTIONS = "questions"  # name, best score and prompts of each
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"  # words with commas between them
    FLAG = "flag"
    SPOKEN = "spoken"
    QUEUE = "queue"
    OPERATION = "operation"
    OUTCOME = "outcome"


_ASKED = ((Input.NUMBER, "tries"), (Input.NUMBER, "seconds"))
_COMPLAINTS = ((Input.PROMPTS, "invalid"), (Input.PROMPTS, "silent"))
FORMS: Mapping[str, tuple[tuple[Input, str], ...]] = {
    "say": ((Input.PROMPTS, "prompts"), (Input.WAY, "then")),
    "menu": (
        *((Input.PROMPTS, "prompts"), (Input.KEYS, "keys"), *_ASKED, (Input.WAY, "give_up")),
        *((Input.WORDS, "words"), (Input.NUMBER, "sure"), (Input.KEY_PROMPTS, "confirm"), *_COMPLAINTS),
    ),
    "collect": (
        *((Input.PROMPTS, "prompts"), (Input.TEXT, "fact"), (Input.SPOKEN, "say")),
        *((Input.NUMBER, "min"), (Input.NUMBER, "max"), *_ASKED),
        *((Input.WAY, "then"), (Input.WAY, "give_up"), *_COMPLAINTS),
    ),
    "ask": (
        *((Input.PROMPTS, "prompts"), (Input.TEXT, "fact"), (Input.SPOKEN, "say"), (Input.WORDS, "words")),
        *((Input.NUMBER, "sure"), (Input.PROMPTS, "confirm")),
        *((Input.PROMPTS, "by_key"), (Input.VALUES, "keys"), (Input.NUMBER, "digits"), *_ASKED),
        *((Input.WAY, "then"), (Input.WAY, "give_up"), *_COMPLAINTS),
    ),
    "do": (
        *((Input.OPERATION, "operation"), (Input.GIVEN, "given")),
        *((Input.PROMPTS, "prompts"), (Input.RESULTS, "ways")),
    ),
    "decide": ((Input.CASES, "cases"), (Input.WAY, "otherwise")),
    "queue": (
        *((Input.QUEUE, "queue"), (Input.TEXT, "topic"), (Input.NUMBER, "priority"), (Input.LIST, "tags")),
        (Input.PROMPTS, "prompts"),
    ),
    "message": ((Input.TEXT, "topic"), (Input.OUTCOME, "outcome"), (Input.PROMPTS, "prompts")),
    "callback": (
        *((Input.QUEUE, "queue"), (Input.TEXT, "topic")),
        *((Input.PROMPTS, "prompts"), (Input.WAY, "refused")),
    ),
    "transfer": (
        *((Input.TEXT, "number"), (Input.TEXT, "dealer"), (Input.TEXT, "fact"), (Input.NUMBER, "ring")),
        *((Input.TEXT, "topic"), (Input.PROMPTS, "prompts"), (Input.WAY, "unreachable")),
    ),
    "consent": (
        *((Input.TEXT, "purpose"), (Input.PROMPTS, "prompts"), *_ASKED),
        *((Input.WAY, "yes"), (Input.WAY, "no"), (Input.WAY, "unavailable")),
    ),
    "survey": ((Input.QUESTIONS, "questions"), (Input.NUMBER, "seconds"), (Input.WAY, "then")),
    "end": ((Input.OUTCOME, "outcome"), (Input.PROMPTS, "prompts")),
    "if_open": ((Input.WAY, "open"), (Input.WAY, "closed"), (Input.OPTIONAL_WAY, "emergency")),
    "announce": ((Input.WAY, "then"),),
    "language": (
        *((Input.PROMPTS, "prompts"), (Input.LANGUAGES, "keys"), (Input.FLAG, "again")),
        *(*_ASKED, (Input.WAY, "then")),
    ),
}
ALWAYS = "*"  # how a case without a condition reads
BEST = "5"  # the score of a question that names none
YES = frozenset({"yes", "true", "on", "y", "t", "1"})
"""What pydantic takes for true, in lower case."""


def _default(found: Any) -> Any:
    if found.default is MISSING and found.default_factory is MISSING:
        return None
    value = found.default if found.default_factory is MISSING else found.default_factory()
    match value:
        case bool():
            return "yes" if value else ""
        case int() | float():
            return f"{value:g}"
        case tuple():
            return list(value)
        case StrEnum():
            return value.value
        case _:
            return value


def _fields_of(kind: Any) -> tuple[str, Mapping[str, Any]]:
    found = {field.name: _default(field) for field in fields(kind)}
    return found.pop("kind"), found


DEFAULTS: Mapping[str, Mapping[str, Any]] = dict(map(_fields_of, get_args(Node)))
"""Kind -> every field -> what it says when it is not written, as a file would have it; None = it must be written."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a form. `value` is a text, or rows for prompts, keys, results, facts, cases, words and questions."""

    input: Input
    name: str
    value: Any


def shown(node: Mapping[str, Any], languages: Sequence[str]) -> list[Shown]:
    """The fields of a node as `ivr.flow_text.read_text` gave them, in the form's order."""
    form = FORMS.get(str(node.get("kind", "")), ())
    usual = DEFAULTS.get(str(node.get("kind", "")), {})
    return [Shown(how, name, _SHOWERS[how](node.get(name, usual.get(name)), node, languages)) for how, name in form]


def results_of(node: Mapping[str, Any]) -> list[str]:
    """Every result that this node must have a way for."""
    operation = OPERATIONS.get(str(node.get("operation", "")))
    return [*operation.results, UNAVAILABLE] if operation else [UNAVAILABLE]


def all_prompts(node: Mapping[str, Any], languages: Sequence[str]) -> list[str]:
    """Every prompt and `{fact}` that the node may play, in the form's order, each once."""
    found: list[str] = []
    for field in shown(node, languages):
        match field.input:
            case Input.PROMPTS:
                found += field.value
            case Input.KEY_PROMPTS:
                found += [prompt for _, prompts in field.value for prompt in prompts]
            case Input.QUESTIONS:
                found += [prompt for _, _, prompts in field.value for prompt in prompts]
    return list(dict.fromkeys(found))


Written = Mapping[str, Any]  # the fields of a node
Languages = Sequence[str]


def _text(found: Any, node: Written, languages: Languages) -> str:
    return "" if found is None else str(found)


def _list(found: Any, node: Written, languages: Languages) -> str:
    return found if isinstance(found, str) else ", ".join(found or ())


def _flag(found: Any, node: Written, languages: Languages) -> str:
    return "yes" if str(found).lower() in YES else ""


def _rows(found: Any, node: Written, languages: Languages) -> list[tuple[str, str]]:
    return list((found or {}).items())


def _prompts(found: Any, node: Written, languages: Languages) -> list[str]:
    return _braced(found)


def _key_prompts(found: Any, node: Written, languages: Languages) -> list[tuple[str, list[str]]]:
    asked = found or {}
    return [(key, _braced(asked.get(key))) for key in dict.fromkeys((*node.get("keys", {}), *asked))]


def _results(found: Any, node: Written, languages: Languages) -> list[tuple[str, str]]:
    return [(result, (found or {}).get(result, "")) for result in results_of(node)]


def _given(found: Any, node: Written, languages: Languages) -> list[tuple[str, str | None]]:
    """Each fact that the operation takes, and what it is here; None = it comes of an earlier node."""
    operation, here = OPERATIONS.get(str(node.get("operation", ""))), found or {}
    takes = operation.takes if operation else ()
    return [(fact, here.get(fact)) for fact in dict.fromkeys((*takes, *here))]


def _cases(found: Any, node: Written, languages: Languages) -> list[tuple[str, str]]:
    return [(_conditions(case.get("when", {})), case.get("then", "")) for case in found or ()]


def _words(found: Any, node: Written, languages: Languages) -> list[tuple[str, str]]:
    return [(language, _phrases((found or {}).get(language, {}))) for language in languages]


def _questions(found: Any, node: Written, languages: Languages) -> list[tuple[str, str, list[str]]]:
    return [(one.get("id", ""), one.get("most", BEST), _braced(one.get("prompts"))) for one in found or ()]


_SHOWERS: Mapping[Input, Callable[[Any, Written, Languages], Any]] = {
    **dict.fromkeys(Input, _text),
    Input.PROMPTS: _prompts,
    Input.KEY_PROMPTS: _key_prompts,
    **dict.fromkeys((Input.KEYS, Input.LANGUAGES, Input.VALUES), _rows),
    Input.RESULTS: _results,
    Input.GIVEN: _given,
    Input.CASES: _cases,
    Input.WORDS: _words,
    Input.QUESTIONS: _questions,
    Input.LIST: _list,
    Input.FLAG: _flag,
}


def _braced(prompts: Any) -> list[str]:
    listed = [prompts] if isinstance(prompts, str | dict) else prompts or ()
    return [f"{{{one.get('fact', '')}}}" if isinstance(one, dict) else str(one) for one in listed]


def _conditions(when: Mapping[str, Any]) -> str:
    """ "class = vip, key_account; nuisance = >= 5" """
    pairs = ((fact, value if isinstance(value, str) else ", ".join(value)) for fact, value in when.items())
    return "; ".join(f"{fact} = {value}" for fact, value in pairs) or ALWAYS


def _phrases(words: Mapping[str, Any]) -> str:
    """A line for each key: "4: 维修, 修车"."""
    lines = ((key, found if isinstance(found, str) else ", ".join(found)) for key, found in words.items())
    return "\n".join(f"{key}: {found}" for key, found in lines)
