"""What a rule of care may not be, in sentences for its form. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_core.care.rulebook import A_YEAR, CONDITIONS, YEARLY, By, Owner, Trigger
from crm_core.consent.purposes import Channel, Purpose
from crm_core.errors import Invalid

MOST_RULES = 40
MOST_WORDS, LONGEST_WORD = 30, 40
LONGEST_NAME = 40
BEFORE = 30
"""Days by which a birthday or the New Year may be led."""
MOST_ATTEMPTS = 20
_ID = re.compile(r"[a-z][a-z0-9_]{0,15}\Z", re.ASCII)
_NUMBERS = (("window", 0, A_YEAR), ("attempts", 0, MOST_ATTEMPTS))
_CHOICES: Mapping[str, frozenset[str]] = {
    "trigger": frozenset(Trigger),
    "owner": frozenset(Owner),
    "by": frozenset(By),
    "channel": frozenset(Channel),
    "purpose": frozenset(Purpose) - {Purpose.SERVICE},
}
_KNOWN = {
    "energies": {"petrol", "hybrid", "electric"},
    "classes": {"standard", "vip", "key_account"},
    "horizons": {"hot", "mid", "long"},
}


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """Of the whole list: each rule's own, then their number and names."""
    rules = state["rules"]
    wrong = [one for rule in rules for one in rule_problems(rule)]
    if len(rules) > MOST_RULES:
        wrong.append(Invalid("There are at most {most} rules.", most=MOST_RULES, field="name_zh"))
    if len({rule["id"] for rule in rules}) != len(rules):
        wrong.append(Invalid("Two rules cannot be one. Load the page again.", field=""))
    return wrong


def rule_problems(rule: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    wrong = [
        Invalid("Choose from the list.", field=name) for name, known in _CHOICES.items() if rule[name] not in known
    ]
    if not isinstance(rule["id"], str) or not _ID.match(rule["id"]):
        wrong.append(Invalid("Two rules cannot be one. Load the page again.", field=""))
    for name in ("name_zh", "name_en"):
        if len(rule[name]) > LONGEST_NAME or (name == "name_zh" and not rule[name].strip()):
            wrong.append(Invalid("Enter a name of at most {most} letters.", most=LONGEST_NAME, field=name))
    for name, low, high in (("days", *day_limits(rule["trigger"])), *_NUMBERS):
        value = rule[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
    return wrong + _of_centre(rule) + _conditions(rule)


def day_limits(trigger: str) -> tuple[int, int]:
    """The least and the most of `days`."""
    if trigger in YEARLY:
        return -BEFORE, BEFORE
    return (7 if trigger == Trigger.PROSPECT else 0), A_YEAR


def _of_centre(rule: Mapping[str, Any]) -> list[Invalid]:
    if rule["by"] != By.CENTRE:
        return [Invalid("A dealer's task needs no campaign.", field="campaign")] if rule["campaign"] else []
    if not isinstance(rule["campaign"], int):
        return [Invalid("Choose the campaign that makes the calls.", field="campaign")]
    if rule["channel"] != Channel.PHONE:
        return [Invalid("A campaign makes calls: choose the telephone.", field="channel")]
    return []


def _conditions(rule: Mapping[str, Any]) -> list[Invalid]:
    wrong = []
    for name in CONDITIONS:
        words = rule[name]
        if len(words) > MOST_WORDS or any(not word or len(word) > LONGEST_WORD for word in words):
            wrong.append(Invalid("Enter at most {most} words of {letters} letters.", field=name, **_LIMITS))
        elif name in _KNOWN and not set(words) <= _KNOWN[name]:
            wrong.append(Invalid("Choose from the list.", field=name))
    return wrong


_LIMITS: dict[str, object] = {"most": MOST_WORDS, "letters": LONGEST_WORD}
