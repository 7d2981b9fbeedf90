"""What was typed into a campaign's form, as crm_core.campaigns keeps it; what is no number stays as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from crm_core.campaigns.detection import MEASURED
from crm_core.campaigns.detection import PARTS as PARTS_OF_DETECTION
from crm_core.campaigns.model import Campaign
from crm_core.campaigns.rules import DISPOSITIONS, FIRST_SETTINGS, RETRIED, state_of
from crm_core.errors import Invalid
from crm_core.workforce.spans import SpansWrong, read_spans, write_spans

WHOLE = ("most_lines", "ring_seconds", "most_attempts")
PARTS = ("abandon_limit_percent", "lines_per_agent")
_PART = re.compile(r"\d{1,3}([.,]\d{1,2})?")


def part(typed: str) -> float | str:
    """A number with at most two decimals; what is none as it was typed."""
    return float(typed.replace(",", ".")) if _PART.fullmatch(typed) else typed


def campaign_from(form: FormData) -> tuple[dict[str, Any], list[Invalid]]:
    """As actions.save_campaign takes it, and what could not be read at all."""
    names = ("name", "mode", "purpose", "in_name_of", "queue")
    typed: dict[str, Any] = {name: text(form, name) for name in names}
    chosen, _, version = text(form, "questionnaire").partition("/")
    typed["questionnaire_id"] = number(chosen) if chosen else None
    typed["questionnaire_version"] = number(version) if version else 0
    if typed["mode"] in ("voice", "link"):
        typed["queue"] = ""
    settings: dict[str, Any] = {name: number(text(form, name)) for name in WHOLE}
    settings |= {name: part(text(form, name)) for name in PARTS}
    settings["detect_machines"] = text(form, "detect_machines") == "1"
    settings["detection"] = [
        number(one) if (one := text(form, f"detection_{part.name}")) else measured
        for part, measured in zip(PARTS_OF_DETECTION, MEASURED, strict=True)
    ]
    settings["language"], script = text(form, "language"), number(text(form, "script"))
    settings["script"] = script if isinstance(script, int) else 0
    settings["dispositions"] = list(DISPOSITIONS)
    settings["retries"] = {
        name: [number(text(form, f"minutes_{name}")), number(text(form, f"most_{name}"))] for name in RETRIED
    }
    wrong: list[Invalid] = []
    try:
        settings["windows"] = read_spans(text(form, "windows"))
    except SpansWrong as unreadable:
        settings["windows"] = []
        wrong.append(SpansWrong(unreadable.message_id, **unreadable.values, field="windows"))
    return {**typed, "settings": settings, "windows": text(form, "windows")}, wrong


def typed_of(row: Campaign | None) -> dict[str, Any]:
    """A saved campaign, or a fresh one, as its form shows it."""
    if row is None:
        fresh = {"name": "", "mode": "predictive", "purpose": "survey", "in_name_of": "centre", "queue": ""}
        settings = state_of(FIRST_SETTINGS)
        return {**fresh, "questionnaire_id": None, "questionnaire_version": 0, "settings": settings, "windows": ""}
    names = ("name", "mode", "purpose", "in_name_of", "queue", "questionnaire_id", "questionnaire_version")
    settings = {**state_of(FIRST_SETTINGS), **row.settings}
    kept = {name: getattr(row, name) for name in names}
    return {**kept, "settings": settings, "windows": write_spans(settings["windows"])}


def needs_agents(typed: Mapping[str, Any]) -> bool:
    return typed["mode"] in ("preview", "progressive", "predictive")
