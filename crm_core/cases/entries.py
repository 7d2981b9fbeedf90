"""The entries of a case after its opening: title and the fields of its kind, changed with what they were before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access import audit_detail
from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING
from crm_core.cases.changes import log_event, take
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.forms import checked
from crm_core.cases.model import Case
from crm_core.cases.rules import form_of
from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.workforce.fields import Unusable


async def save_entries(
    session: AsyncSession, case_id: int, *, title: str, entered: Mapping[str, str], actor: str, at: datetime
) -> Case:
    """What is asked today for the kind is checked as at the opening; values of fields that are gone stay."""
    case = await take(session, case_id, EVERYTHING)
    if not title.strip():
        raise Invalid("Write in a few words what is asked.", field="title")
    asked, version = await form_of(session, case.kind)
    values, problems = checked(asked, case.sub_kind, entered)
    if problems:
        raise Unusable(problems)
    gone = {name: value for name, value in case.fields.items() if name not in {one.code for one in asked}}
    before = {"title": case.title, **case.fields}
    case.title, case.fields, case.form_version = storable(title.strip(), 120), gone | values, version
    case.part_name = storable(str(values.get("part", case.part_name)), 60)
    now = {"title": case.title, **case.fields}
    changed = {
        name: [before.get(name), now.get(name)] for name in {**before, **now} if before.get(name) != now.get(name)
    }
    if changed:
        log_event(session, case, Event.FIELDS, actor=actor, at=at, detail={"changed": changed})
        told = audit_detail.changed(before, now)
        await audit(session, at=at, actor=actor, action="case_fields", subject=case.number, detail=told)
    return case
