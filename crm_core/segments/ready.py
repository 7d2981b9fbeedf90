"""The segments that every site begins with; their names are words of the catalogue."""

from __future__ import annotations

from typing import Any

from crm_core.segments.conditions import Condition, Definition, Group


def _all(*conditions: Condition) -> dict[str, Any]:
    return Definition("all", (Group("all", conditions),)).written()


READY: dict[str, tuple[str, str, dict[str, Any]]] = {
    "dormant": (
        "沉睡客户",
        "behaviour",
        _all(Condition("dormant", "yes"), Condition("refused", "no")),
    ),
    "churn": (
        "流失预警",
        "behaviour",
        _all(Condition("churn_risk", "in", ("high", "medium"))),
    ),
    "service": (
        "保养到期",
        "behaviour",
        Definition(
            "any",
            (
                Group("all", (Condition("service_due_on", "due_within", 30),)),
                Group("all", (Condition("service_due_on", "overdue", 1),)),
            ),
        ).written(),
    ),
    "key_account": ("大客户", "worth", _all(Condition("customer_class", "in", ("key_account",)))),
    "high_value": ("高价值", "worth", _all(Condition("value_top", "first", 10))),
    "replacement": (
        "换购时机",
        "worth",
        Definition(
            "any",
            (
                Group(
                    "all",
                    (
                        Condition("replacement_on", "due_within", 180),
                        Condition("life_cycle_stage", "in", ("stable", "fading", "steady", "wavering", "loyal")),
                    ),
                ),
                Group("all", (Condition("horizon", "in", ("hot", "mid")), Condition("vehicles", "least", 1))),
            ),
        ).written(),
    ),
}
"""By key: name, dimension, definition."""
