"""What is wrong with rules that somebody typed; each problem names its field. Pure, but for the words of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from crm_core.cases.defaults import CLOCKS, FORMS, PAUSES
from crm_core.cases.forms import FieldType
from crm_core.cases.levels import FIRST_WORDS, Level
from crm_core.errors import Invalid

LONGEST_MINUTES = 366 * 1440
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_RULES, MOST_FIELDS = 100, 30


def check(name: str, body: dict[str, Any], *, calendars: Iterable[str]) -> list[Invalid]:
    """The problems of a set of rules named as in `rules.shipped`."""
    topic, _, kind = name.partition("/")
    match topic:
        case "clock" if kind in CLOCKS:
            return [one for level, rule in body.items() for one in _clock(level, rule, set(calendars))]
        case "form" if kind in FORMS:
            return _form(body["fields"])
        case "assignment":
            return _assignment(body["rules"])
        case "levels":
            return _levels(body)
        case "general":
            return _general(body)
    return [Invalid("There are no such rules.", field="")]


def _clock(level: str, rule: dict[str, Any], calendars: set[str]) -> list[Invalid]:
    if level not in list(Level):
        return [Invalid("Choose the level from the list.", field="level")]
    minutes = {"respond": [rule["respond"]], "solve": [rule["solve"]]}
    minutes |= {f"stage.{stage}": [value] for stage, value in rule["stages"].items()}
    minutes |= {"remind": rule["remind"], "escalate": rule["escalate"]}
    problems = [
        Invalid("Enter a time as 30m, 4h or 7d.", field=f"{level}.{field}")
        for field, values in minutes.items()
        if not all(_whole(value, 0, LONGEST_MINUTES) for value in values)
    ]
    if not problems and list(rule["escalate"]) != sorted(rule["escalate"]):
        problems.append(Invalid("Each level of people is told later than the one before.", field=f"{level}.escalate"))
    for field in ("respond_calendar", "solve_calendar"):
        if rule[field] and rule[field] not in calendars:
            problems.append(Invalid("There is no such calendar.", field=f"{level}.{field}"))
    for reason, hours in rule["pauses"].items():
        if reason not in PAUSES or not _whole(hours, 1, 2000):
            told = "Enter the longest pause in hours, from {low} to {high}."
            problems.append(Invalid(told, low=1, high=2000, field=f"{level}.pause.{reason}"))
    return problems


def _form(fields: list[dict[str, Any]]) -> list[Invalid]:
    problems = []
    codes = [one["code"] for one in fields]
    if len(fields) > MOST_FIELDS:
        problems.append(Invalid("At most {high} fields: the caller waits.", high=MOST_FIELDS, field=""))
    for place, one in enumerate(fields):
        if not _CODE.fullmatch(one["code"]) or codes.count(one["code"]) > 1:
            problems.append(Invalid("A word of small letters that no other field has.", field=f"code.{place}"))
        if not one["name_zh"] or not one["name_en"]:
            problems.append(Invalid("Enter the name in both languages.", field=f"name.{place}"))
        if one["type"] not in list(FieldType):
            problems.append(Invalid("Choose from the list.", field=f"type.{place}"))
        if one["type"] == FieldType.CHOICE and len(one["choices"]) < 2:
            problems.append(
                Invalid(
                    "A choice needs at least two answers, one a line: code = 中文 / English.", field=f"choices.{place}"
                )
            )
    return problems


def _assignment(rules: list[dict[str, Any]]) -> list[Invalid]:
    problems = []
    if not rules or len(rules) > MOST_RULES:
        problems.append(Invalid("Keep between 1 and {high} rules.", high=MOST_RULES, field=""))
    for place, rule in enumerate(rules):
        if not rule["name"]:
            problems.append(Invalid("Name the rule: the name is kept as the reason.", field=f"name.{place}"))
        if not re.fullmatch(r"|person:\d{4,6}|team:[a-z0-9_]{1,40}", rule["owner"]):
            problems.append(Invalid("Choose from the list.", field=f"owner.{place}"))
        if not re.fullmatch(r"|own|\d{1,9}", rule["dealer"]):
            problems.append(Invalid("Choose from the list.", field=f"dealer.{place}"))
    return problems


def _levels(body: dict[str, Any]) -> list[Invalid]:
    return [
        Invalid("Keep at least one word of two characters or more.", field=topic)
        for topic in FIRST_WORDS
        if not body.get(topic) or any(len(word) < 2 for word in body[topic])
    ]


def _general(body: dict[str, Any]) -> list[Invalid]:
    problems = []
    try:
        ZoneInfo(body["zone"])
    except (OSError, ValueError, KeyError):  # a folder, a path that leaves the tree, an unknown name
        problems.append(Invalid("Enter a time zone as Asia/Shanghai.", field="zone"))
    if not _whole(body["radar_days"], 7, 365):
        problems.append(Invalid("Enter a number from {low} to {high}.", low=7, high=365, field="radar_days"))
    if not _whole(body["radar_threshold"], 2, 1000):
        problems.append(Invalid("Enter a number from {low} to {high}.", low=2, high=1000, field="radar_threshold"))
    return problems


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
