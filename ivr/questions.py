"""The nodes that ask a caller something, and what all nodes have in common. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ivr.operations import Spoken

KEYS = frozenset("0123456789*#")
YES, NO = "1", "2"  # the keys of every question that is answered by yes or no
YES_AND_NO: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh-CN": {YES: ("是", "是的", "对", "对的"), NO: ("不是", "不对", "不")},
    "en": {YES: ("yes", "right"), NO: ("no", "wrong")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Everything in a flow's file: a field that is not known is refused, for it would be a rule that nobody keeps."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFact(Field):
    """Stands between prompts; `ivr.spoken` makes prompts of what the fact is in this call."""

    fact: str


Prompts = tuple[str | SpokenFact, ...]
Words = Mapping[str, Mapping[str, tuple[str, ...]]]  # language -> key or value -> phrases that mean it


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic(Field):
    """The caller is asked nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Field):
    """The caller may press or say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Field):
    """The menu is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Asking):
    """Asks for one key, or one of the `words`. After `tries` questions without an answer, `give_up` comes next.

    Words heard with less confidence than `sure` are asked about by the key's `confirm` (1 = yes, 2 = no).
    """

    kind: Literal["menu"] = "menu"
    prompts: Prompts
    keys: Mapping[str, str]
    give_up: str
    words: Words = field(default_factory=dict)
    confirm: Mapping[str, Prompts] = field(default_factory=dict)
    sure: float = 0.7
    invalid: Prompts = ("invalid",)
    silent: Prompts = ("no-key",)
    tries: int = 3
    seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect(Asking):
    """Gathers `min` to `max` keys into `fact`; # ends and is not given. `min` 0 = "" will do."""

    kind: Literal["collect"] = "collect"
    fact: str
    prompts: Prompts
    then: str
    give_up: str
    min: int = 1
    max: int = 20
    say: Spoken = Spoken.DIGITS
    invalid: Prompts = ("invalid",)
    silent: Prompts = ("no-key",)
    tries: int = 3
    seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAloud(Asking):
    """Asks by voice for `fact`: one of the `words`' values, or freely. `confirm` is asked below `sure`.

    Where nobody can listen, `by_key` is asked: one of `keys` (key -> value), or up to `digits` keys that are the value;
    without either, `give_up` comes at once.
    """

    kind: Literal["ask"] = "ask"
    fact: str
    prompts: Prompts
    then: str
    give_up: str
    words: Words = field(default_factory=dict)
    confirm: Prompts = ()
    sure: float = 0.7
    by_key: Prompts = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    digits: int = 0
    say: Spoken = Spoken.SILENT
    invalid: Prompts = ("invalid",)
    silent: Prompts = ("no-key",)
    tries: int = 3
    seconds: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage(Asking):
    """Asks for the language by one key; skipped when it is known. Without an answer the flow's first one is taken.

    `again` = asked even so, because the caller wants to change it.
    """

    kind: Literal["language"] = "language"
    prompts: Prompts
    keys: Mapping[str, str]  # key -> language
    then: str
    again: bool = False
    tries: int = 2
    seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Asking):
    """Asks whether the caller agrees to `purpose` and has the answer recorded. Silence is no consent, nor a refusal."""

    kind: Literal["consent"] = "consent"
    purpose: str
    prompts: Prompts
    yes: str
    no: str
    unavailable: str
    tries: int = 2
    seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Field):
    """`most` is the best score; it is given by one key, 1 to `most`."""

    id: str
    prompts: Prompts
    most: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Asking):
    """Asks its questions one after the other; one without an answer is passed over."""

    kind: Literal["survey"] = "survey"
    questions: tuple[Question, ...]
    then: str
    seconds: float = 5.0
