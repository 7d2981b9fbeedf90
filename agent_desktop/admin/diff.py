"""A saved version in words: each changed setting with its value before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent_desktop.admin import words as admin_words
from agent_desktop.segments import words as segment_words
from agent_desktop.words import CLASSES
from crm_core.workforce.spans import write_spans
from crm_core.workforce.versions import State, changes

Say = Callable[[str], str]
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "strategy": admin_words.STRATEGIES,
    "when_full": admin_words.WAYS_OUT,
    "when_too_long": admin_words.WAYS_OUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`field`, `before` and `after` in the reader's language; "" = nothing there."""

    field: str
    before: str
    after: str


def diff_lines(
    before: State | None,
    after: State | None,
    say: Say,
    *,
    people: Mapping[str, str],
    name: Callable[[str], str] | None = None,
    word: Callable[[str, Any], str | None] | None = None,
) -> list[Line]:
    """What a version changed, in the order of the settings; a week or a list of days only where it differs.

    `people` names whatever is told by its code. `name` names fields, `word` values of fields with words of their own.
    """
    named = name or (lambda field: field_name(field, say))
    lines: list[Line] = []
    for change in changes(before, after):
        if change.field == "week":
            lines += _week_lines(change.before or [], change.after or [], say)
        elif change.field == "days":
            lines += _day_lines(change.before or [], change.after or [], say)
        elif change.field == "topics":
            lines += _topic_lines(change.before or [], change.after or [], say)
        else:
            then, now = [
                own
                if word is not None and (own := word(change.field, value)) is not None
                else in_words(change.field, value, say, people)
                for value in (change.before, change.after)
            ]
            lines.append(Line(field=named(change.field), before=then, after=now))
    return lines


def field_name(field: str, say: Say) -> str:
    name = admin_words.FIELDS.get(field) or segment_words.RULE_FIELDS.get(field)
    return say(name) if name else field


def in_words(field: str, value: Any, say: Say, people: Mapping[str, str]) -> str:
    """One setting's value as a person reads it."""
    if value is None:
        return ""
    if field in _CHOICES:
        return say(_CHOICES[field].get(value, value))
    if isinstance(value, dict):
        return ", ".join(f"{people.get(name, name)} {_plain(one, say)}" for name, one in value.items()) or "—"
    if isinstance(value, list) and value and isinstance(value[0], dict) and "gives" in value[0]:
        return "; ".join(_class_rule(one, say) for one in value)
    if isinstance(value, list):
        return _listed(field, value, say, people)
    return _plain(value, say)


def _listed(field: str, value: list[Any], say: Say, people: Mapping[str, str]) -> str:
    if field == "levels":
        return " → ".join(f"{one['after_seconds']}″ ≥{one['level']}" for one in value) or say("any")
    if field == "overflow":
        return ", ".join(_move(one) for one in value) or "—"
    return ", ".join(_entry(one, people) for one in value) or "—"


def _entry(one: Any, people: Mapping[str, str]) -> str:
    """An entry of a list by its name: no reader is shown how it is kept."""
    if isinstance(one, Mapping):
        named = next((one[key] for key in ("name_zh", "name", "title", "code", "day", "key") if one.get(key)), None)
        return str(named) if named is not None else " ".join(str(part) for part in one.values())
    return people.get(str(one), str(one))


def _class_rule(rule: Mapping[str, Any], say: Say) -> str:
    asked = [f"{say(segment_words.MEASURES[one['measure']])} ≥ {one['least']:,}" for one in rule["conditions"]]
    return f"{say(CLASSES[rule['gives']])}: {' + '.join(asked)}"


def _plain(value: Any, say: Say) -> str:
    return (say("Yes") if value else say("No")) if isinstance(value, bool) else str(value)


def _move(move: Mapping[str, Any]) -> str:
    conditions = [f"{move['after_seconds']}″"] if move["after_seconds"] else []
    conditions += [f"≈{move['expected_over_seconds']}″"] if move["expected_over_seconds"] else []
    return f"{move['to']} ({', '.join(conditions)})"


def _topic_lines(before: list[Any], after: list[Any], say: Say) -> list[Line]:
    """Lists of words, each that changed with all its words: what was taken out must be seen."""
    then, now = ({one["key"]: one for one in topics} for topics in (before, after))
    changed = [key for key in {**then, **now} if then.get(key) != now.get(key)]
    return [
        Line(
            field=(now.get(key) or then[key])["name_zh"],
            before=_topic(then.get(key), say),
            after=_topic(now.get(key), say),
        )
        for key in changed
    ]


def _topic(topic: Mapping[str, Any] | None, say: Say) -> str:
    if topic is None:
        return ""
    told = say("told") if topic["alert"] else say("not told")
    return f"{topic['name_zh']} / {topic['name_en']}, {say(admin_words.SAID_BY[topic['side']])}, {told}: " + ", ".join(
        topic["words"]
    )


def _week_lines(before: list[Any], after: list[Any], say: Say) -> list[Line]:
    lines = []
    for place, name in enumerate(admin_words.WEEKDAYS):
        told = [write_spans(week[place]) or say("Closed") if week else "" for week in (before, after)]
        if told[0] != told[1]:
            lines.append(Line(field=say(name), before=told[0], after=told[1]))
    return lines


def _day_lines(before: list[Any], after: list[Any], say: Say) -> list[Line]:
    then, now = ({one["day"]: _day(one, say) for one in days} for days in (before, after))
    return [
        Line(field=day, before=then.get(day, ""), after=now.get(day, ""))
        for day in sorted({*then, *now})
        if then.get(day) != now.get(day)
    ]


def _day(one: Mapping[str, Any], say: Say) -> str:
    told = say(admin_words.DAY_KINDS[one["kind"]])
    if one["kind"] == "workday":
        told += f" ({say(admin_words.WEEKDAYS[one['as_weekday']])})"
    return " ".join(part for part in (told, write_spans(one["spans"]), one["name"]) if part)
