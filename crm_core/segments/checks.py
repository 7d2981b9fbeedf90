"""What rules may not say: a class nobody knows, a limit of nothing, a risk that is high before it is medium."""

from __future__ import annotations

from typing import Any

from crm_core.errors import Invalid
from crm_core.segments.rulebook import CLASSES, MEASURES, NAMES, SIGNALS, State
from crm_core.workforce.fields import Unusable, within

MOST_RULES = 20
MOST_CONDITIONS = 2
MOST_LEAST = 2_000_000_000
LIFE_CYCLE_LIMITS = (
    ("forming_days", 30, 1095),
    ("fading_days", 90, 3650),
    ("overdue_days", 30, 3650),
    ("known_days", 1, 1095),
)
CHURN_LIMITS = (
    ("medium", 1, 100),
    ("high", 1, 100),
    ("overdue_days", 1, 1095),
    ("dormant_months", 1, 120),
    ("replacement_years", 1, 20),
)


def require_usable(name: str, state: State) -> None:
    """Raises Unusable with all problems, each naming its field."""
    if name not in NAMES:
        raise Invalid("There are no such rules.", field="")
    checks = {"classes": _class_problems, "life_cycle": _life_cycle_problems, "churn": _churn_problems}
    problems = checks[name](state)
    if problems:
        raise Unusable(problems)


def _class_problems(state: State) -> list[Invalid]:
    """Fields are "gives.0", "least.0.1": the rule's row, then the condition's place."""
    rules = state["rules"]
    if len(rules) > MOST_RULES:
        return [Invalid("At most {most} rules.", most=MOST_RULES, field="rules")]
    problems: list[Invalid] = []
    for place, rule in enumerate(rules):
        if rule["gives"] not in CLASSES[1:]:
            problems.append(Invalid("Choose from the list.", field=f"gives.{place}"))
        problems += _condition_problems(place, rule["conditions"])
    return problems


def _condition_problems(place: int, conditions: list[dict[str, Any]]) -> list[Invalid]:
    if not 1 <= len(conditions) <= MOST_CONDITIONS:
        return [Invalid("A rule asks one or two things.", field=f"measure.{place}.0")]
    problems = []
    for number, one in enumerate(conditions):
        if one["measure"] not in MEASURES:
            problems.append(Invalid("Choose from the list.", field=f"measure.{place}.{number}"))
        if not isinstance(one["least"], int) or not 1 <= one["least"] <= MOST_LEAST:
            wrong = Invalid(
                "Enter a number from {low} to {high}.", low=1, high=MOST_LEAST, field=f"least.{place}.{number}"
            )
            problems.append(wrong)
    if len(conditions) == 2 and conditions[0]["measure"] == conditions[1]["measure"]:
        problems.append(Invalid("Ask for two different things.", field=f"measure.{place}.1"))
    return problems


def _life_cycle_problems(state: State) -> list[Invalid]:
    problems = [one for name, low, high in LIFE_CYCLE_LIMITS for one in within(state, name, low, high)]
    if state.get("stages") not in (4, 5):
        problems.append(Invalid("Choose from the list.", field="stages"))
    return problems


def _churn_problems(state: State) -> list[Invalid]:
    problems = [one for name, low, high in CHURN_LIMITS for one in within(state, name, low, high)]
    problems += [one for name in SIGNALS for one in within(state, name, 0, 100)]
    if not problems and state["medium"] >= state["high"]:
        problems.append(Invalid("High begins above medium.", field="high"))
    return problems
