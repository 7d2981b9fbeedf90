"""The way back: a version's settings become the present ones, under all the rules of a save."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.callbacks.settings import save_message_rules
from crm_core.capture.settings import save_capture
from crm_core.care.settings import save_care_rules
from crm_core.cases.rules import save_rules
from crm_core.consent.settings import save_contact_rules
from crm_core.errors import Refused
from crm_core.leads.settings import save_lead_rules
from crm_core.lines.actions import remove_trunk, save_trunk
from crm_core.lines.number_actions import remove_number, save_number
from crm_core.lines.settings import save_dial_limits, save_outgoing
from crm_core.live_text.settings import save_live_text
from crm_core.retention.settings import save_retention
from crm_core.segments.rules import save_rules as save_class_rules
from crm_core.surveys.settings import save_survey
from crm_core.transcripts.settings import save_listening
from crm_core.workforce import versions
from crm_core.workforce.actions import save_agents
from crm_core.workforce.hours_actions import remove_calendar, save_calendar
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.queue_actions import save_queue
from crm_core.workforce.team_actions import reasons_of, remove_team, save_reasons, save_team
from crm_core.workforce.versions import State

_SAVERS: Mapping[str, Callable[..., Awaitable[WorkforceVersion | None]]] = {
    "queue": save_queue,
    "team": save_team,
    "calendar": save_calendar,
    "case_rules": save_rules,
    "class_rules": save_class_rules,
    "survey": save_survey,
    "trunk": save_trunk,
    "number": save_number,
}
_RULES: Mapping[str, Callable[..., Awaitable[WorkforceVersion | None]]] = {
    "contact": save_contact_rules,
    "leads": save_lead_rules,
    "messages": save_message_rules,
    "care": save_care_rules,
    "retention": save_retention,
    "capture": save_capture,
    "live_text": save_live_text,
    "keywords": save_listening,
    "outgoing": save_outgoing,
    "dial_limits": save_dial_limits,
}
_REMOVERS: Mapping[str, Callable[..., Awaitable[WorkforceVersion | None]]] = {
    "team": remove_team,
    "calendar": remove_calendar,
    "trunk": remove_trunk,
    "number": remove_number,
}


async def restore(
    session: AsyncSession, version_id: int, *, undo: bool, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Bring back what version `version_id` saved, or with `undo` what was before it. None when that is so already.

    What was not there before is removed; a queue is removed on its own page only, since callers may wait in it.
    """
    found = await versions.version(session, version_id)
    state = found.before if undo else found.after
    if state is None:
        return await _remove(session, found, base=base, actor=actor, at=at)
    return await _save(session, found.kind, found.subject, state, base=base, actor=actor, at=at)


async def _save(
    session: AsyncSession, kind: str, subject: str, state: State, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    if kind in _SAVERS:
        return await _SAVERS[kind](session, subject, state, base=base, actor=actor, at=at)
    if kind == "reasons":
        return await save_reasons(session, reasons_of(state), base=base, actor=actor, at=at)
    if kind in _RULES:
        return await _RULES[kind](session, state, base=base, actor=actor, at=at)
    bases = {} if base is None else {subject: base}
    saved = await save_agents(session, {subject: state}, bases=bases, confirmed=False, actor=actor, at=at)
    return saved[0] if saved else None


async def _remove(
    session: AsyncSession, found: WorkforceVersion, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    if found.kind in _REMOVERS:
        return await _REMOVERS[found.kind](session, found.subject, base=base, actor=actor, at=at)
    raise Refused("Remove it on its own page: callers may wait in it.")
