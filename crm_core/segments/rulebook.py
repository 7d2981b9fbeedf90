"""The rules as data, one for all dealers: who gets which class, when a stage ends, what a risk is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

State = dict[str, Any]
CLASSES = ("standard", "vip", "key_account")
"""Rising: of several rules that fit, the highest class holds."""
MEASURES = ("vehicles_any_3y", "vehicles_3y", "vehicles", "value_yuan", "referrals")
FOUR_STAGES = ("prospect", "forming", "stable", "fading")  # 考察 形成 稳定 退化
FIVE_STAGES = ("first_met", "reserved", "steady", "wavering", "loyal")  # 初识 矜持 平稳 思异 稳固
SIGNALS = (
    "service_overdue",
    "warranty_over",
    "open_complaint",
    "bad_rating",
    "competitor",
    "refused",
    "quiet",
)


@dataclass(frozen=True, slots=True)
class Condition:
    measure: str
    least: int


@dataclass(frozen=True, slots=True)
class ClassRule:
    """Gives a class when all conditions hold."""

    gives: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCycleRules:
    """Days. `forming_days` after the first purchase a customer is settled; `fading_days` without a sign of life, or
    `overdue_days` behind a missed service, they fade. `stages` is 4 or 5 (N25)."""

    stages: int = 4
    forming_days: int = 365
    fading_days: int = 540
    overdue_days: int = 270
    known_days: int = 90  # of five stages: how long somebody who never bought is newly met


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnRules:
    """`points` of each signal; from `medium` and from `high` points on the risk is so called. At most 100 count.

    `dormant_months` without purchase, visit and contact make a file dormant; a car is replaced after
    `replacement_years`.
    """

    points: Mapping[str, int] = field(
        default_factory=lambda: {
            "service_overdue": 25,
            "warranty_over": 15,
            "open_complaint": 20,
            "bad_rating": 25,
            "competitor": 25,
            "refused": 15,
            "quiet": 20,
        }
    )
    medium: int = 30
    high: int = 60
    overdue_days: int = 60
    dormant_months: int = 12
    replacement_years: int = 5


FIRST_CLASS_RULES = (
    ClassRule("key_account", (Condition("vehicles_any_3y", 300),)),  # N22
    ClassRule("vip", (Condition("vehicles_3y", 60),)),
    ClassRule("vip", (Condition("vehicles_3y", 2), Condition("referrals", 1))),
    ClassRule("vip", (Condition("vehicles", 3),)),
    ClassRule("vip", (Condition("value_yuan", 800_000),)),
    ClassRule("vip", (Condition("referrals", 3),)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    classes: tuple[ClassRule, ...] = FIRST_CLASS_RULES
    life_cycle: LifeCycleRules = LifeCycleRules()
    churn: ChurnRules = field(default_factory=ChurnRules)


NAMES = ("classes", "life_cycle", "churn")


def book_from(states: Mapping[str, State]) -> RuleBook:
    """The book of saved states by name; what was never saved is the product's own."""
    found: dict[str, Any] = {}
    if "classes" in states:
        found["classes"] = classes_from(states["classes"])
    if "life_cycle" in states:
        found["life_cycle"] = LifeCycleRules(**states["life_cycle"])
    if "churn" in states:
        churn = states["churn"]
        numbers = {name: churn[name] for name in CHURN_NUMBERS}
        found["churn"] = ChurnRules(points={name: churn[name] for name in SIGNALS}, **numbers)
    return RuleBook(**found)


LIFE_CYCLE_NUMBERS = ("forming_days", "fading_days", "overdue_days", "known_days")
CHURN_NUMBERS = ("medium", "high", "overdue_days", "dormant_months", "replacement_years")


def classes_from(state: State) -> tuple[ClassRule, ...]:
    return tuple(
        ClassRule(row["gives"], tuple(Condition(one["measure"], one["least"]) for one in row["conditions"]))
        for row in state["rules"]
    )


def state_of(book: RuleBook, name: str) -> State:
    """One part of the book as plain JSON, as it is saved and shown."""
    if name == "classes":
        rules = [
            {"gives": rule.gives, "conditions": [{"measure": c.measure, "least": c.least} for c in rule.conditions]}
            for rule in book.classes
        ]
        return {"rules": rules}
    if name == "life_cycle":
        life = book.life_cycle
        return {"stages": life.stages, **{one: getattr(life, one) for one in LIFE_CYCLE_NUMBERS}}
    churn = book.churn
    return {**{one: churn.points[one] for one in SIGNALS}, **{one: getattr(churn, one) for one in CHURN_NUMBERS}}
