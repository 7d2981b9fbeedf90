"""Who gets a case: ordered rules, the first that fits decides, and its name is kept as the reason (B-107)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OWN_DEALER = "own"
BETWEEN = " / "  # the two names of a rule, where they stand in one text


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRule:
    """An empty condition fits everything; several words are alternatives.

    `owner`: "" = whoever opens the case, "person:<number>", or "team:<id>" (its member with the fewest open cases).
    `dealer`: "" = none, "own" = the customer's, or a dealer's id.
    """

    name: str  # Chinese
    name_en: str = ""
    kind: str = ""
    sub_kind: str = ""
    level: str = ""
    brand: str = ""
    region: str = ""
    customer_class: str = ""
    words: tuple[str, ...] = ()
    owner: str = ""
    dealer: str = ""

    @property
    def both_names(self) -> str:
        """As it is kept on a case, where each reader finds the own language: 中文 / English."""
        return f"{self.name}{BETWEEN}{self.name_en}" if self.name_en else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at."""

    kind: str
    sub_kind: str = ""
    level: str = ""
    brand: str = ""
    region: str = ""
    customer_class: str = ""
    text: str = ""


def first_fit(rules: Iterable[AssignmentRule], facts: Facts) -> AssignmentRule | None:
    return next((rule for rule in rules if fits(rule, facts)), None)


def fits(rule: AssignmentRule, facts: Facts) -> bool:
    conditions = ("kind", "sub_kind", "level", "brand", "region", "customer_class")
    if any(getattr(rule, name) not in ("", getattr(facts, name)) for name in conditions):
        return False
    text = facts.text.lower()
    return not rule.words or any(word.lower() in text for word in rule.words)
