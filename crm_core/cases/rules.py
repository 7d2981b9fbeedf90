"""The rules of cases as they stand in the records, or as the product ships them; saving one makes a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases import defaults
from crm_core.cases.assignment import BETWEEN, AssignmentRule
from crm_core.cases.clocks import ClockRule
from crm_core.cases.forms import Choice, FieldType, FormField
from crm_core.cases.levels import FIRST_WORDS
from crm_core.cases.model import CaseRules
from crm_core.workforce import versions
from crm_core.workforce.model import WorkforceVersion

VERSION_KIND = "case_rules"
Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything but the forms, which are read one by one."""

    zone: ZoneInfo
    clocks: Mapping[str, Mapping[str, ClockRule]]
    assignment: Sequence[AssignmentRule]
    danger: Mapping[str, Sequence[str]]
    radar_days: int
    radar_threshold: int

    def clock(self, kind: str, level: str) -> ClockRule:
        """The clock of this level, else of the normal one; a kind without a clock never runs out."""
        levels = self.clocks.get(kind, {})
        return levels.get(level) or levels.get("normal") or ClockRule()


async def load_rules(session: AsyncSession) -> Rules:
    rows = await session.scalars(select(CaseRules).where(CaseRules.name.not_like("form/%")))
    saved = {row.name: row.body for row in rows}
    general = saved.get("general") or shipped("general")
    return Rules(
        zone=ZoneInfo(general["zone"]),
        clocks={kind: read_clocks(saved.get(f"clock/{kind}") or shipped(f"clock/{kind}")) for kind in defaults.CLOCKS},
        assignment=read_assignment(saved.get("assignment") or shipped("assignment")),
        danger=saved.get("levels") or FIRST_WORDS,
        radar_days=general["radar_days"],
        radar_threshold=general["radar_threshold"],
    )


async def form_of(session: AsyncSession, kind: str) -> tuple[tuple[FormField, ...], int]:
    """The fields that are asked for a kind now, and the number of their version; 0 = as shipped."""
    body = await body_of(session, f"form/{kind}")
    return read_form(body), await versions.current_number(session, VERSION_KIND, f"form/{kind}")


async def form_then(session: AsyncSession, kind: str, number: int) -> tuple[FormField, ...]:
    """The fields as they were in version `number`, so that an old case reads as it was written."""
    if number:
        found = await session.scalar(
            select(WorkforceVersion.after).where(
                WorkforceVersion.kind == VERSION_KIND,
                WorkforceVersion.subject == f"form/{kind}",
                WorkforceVersion.number == number,
            )
        )
        if found:
            return read_form(found)
    return read_form(shipped(f"form/{kind}"))


async def body_of(session: AsyncSession, name: str) -> Body:
    """One set of rules as plain data, for an editor. KeyError for a name that is none."""
    row = await session.get(CaseRules, name)
    body = row.body if row else shipped(name)
    return {"rules": [_two_names(rule) for rule in body["rules"]]} if name == "assignment" else body


async def save_rules(
    session: AsyncSession, name: str, body: Body, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Keep a set of rules that `rule_checks.check` has found good. None when nothing differs."""
    before = await body_of(session, name)
    row = await session.get(CaseRules, name)
    if row is None:
        session.add(CaseRules(name=name, body=body))
    else:
        row.body = body
    return await versions.record(session, VERSION_KIND, name, before=before, after=body, base=base, actor=actor, at=at)


def shipped(name: str) -> Body:
    """The product's own rules of this name. KeyError for a name that is none."""
    topic, _, kind = name.partition("/")
    match topic:
        case "clock":
            return {level: _plain(rule) for level, rule in defaults.CLOCKS[kind].items()}
        case "form":
            return {"fields": [_plain(one) for one in defaults.FORMS[kind]]}
        case "assignment":
            return {"rules": [_plain(one) for one in defaults.ASSIGNMENT]}
        case "levels":
            return {topic: list(words) for topic, words in FIRST_WORDS.items()}
        case "general":
            return {
                "zone": defaults.ZONE,
                "radar_days": defaults.RADAR_DAYS,
                "radar_threshold": defaults.RADAR_THRESHOLD,
            }
    raise KeyError(name)


def read_clocks(body: Body) -> dict[str, ClockRule]:
    return {
        level: ClockRule(**{**rule, "remind": tuple(rule["remind"]), "escalate": tuple(rule["escalate"])})
        for level, rule in body.items()
    }


def read_assignment(body: Body) -> tuple[AssignmentRule, ...]:
    known = {one.name for one in fields(AssignmentRule)}
    return tuple(
        AssignmentRule(
            **{name: value for name, value in rule.items() if name in known} | {"words": tuple(rule["words"])}
        )
        for rule in map(_two_names, body["rules"])
    )


def _two_names(rule: Body) -> Body:
    """Rules that were saved before names had two fields hold both in one."""
    if "name_en" in rule:
        return rule
    zh, _, en = rule["name"].partition(BETWEEN)
    return {**rule, "name": zh, "name_en": en}


def read_form(body: Body) -> tuple[FormField, ...]:
    return tuple(
        FormField(
            **{**one, "type": FieldType(one["type"]), "choices": tuple(Choice(**choice) for choice in one["choices"])}
        )
        for one in body["fields"]
    )


def _plain(rule: Any) -> Body:
    """As JSON gives it back: lists for tuples, plain words."""
    return {name: _json(value) for name, value in asdict(rule).items()}


def _json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _json(one) for name, one in value.items()}
    return str(value) if isinstance(value, FieldType) else value
