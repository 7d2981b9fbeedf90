"""The names that the audit log has only codes for, read once for a page of it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop import formats
from agent_desktop.admin.audit_reader import AuditReader, Known
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, translate
from agent_desktop.segments.reader import SegmentReader
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.cases.rules import form_of
from crm_core.dealers.model import Dealer
from crm_core.history.model import ContactKind
from crm_core.integration.model import ApiKey
from crm_core.workforce.queries import break_reasons, names, queues


async def audit_reader(
    request: Request, session: AsyncSession, me: SignedInUser, *, whole_numbers: bool = False
) -> AuditReader:
    """`whole_numbers`: telephone numbers are not masked; for an export by somebody who may see them."""
    language, zone = language_of(request), request.app.state.site.zone
    known, say = await _known(session, language), partial(translate, request)
    segment = SegmentReader(language, say, clock.now().astimezone(zone).date(), known.dealers)
    return AuditReader(
        me,
        known,
        say=say,
        masked=(lambda number: number) if whole_numbers else partial(formats.masked_number, language=language),
        moment=partial(_moment, zone=zone, language=language),
        definition=segment.definition,
    )


async def _known(session: AsyncSession, language: str) -> Known:
    english, rows = language == "en", await queues(session)
    named = names_for(language, await names(session), rows)
    dealers = await session.execute(select(Dealer.id, Dealer.short_name))
    keys = await session.execute(select(ApiKey.id, ApiKey.name))
    asked = chain.from_iterable([(await form_of(session, kind.value))[0] for kind in ContactKind])
    reasons = await break_reasons(session, retired=True)
    return Known(
        names=named,
        dealers={row.id: row.short_name for row in dealers},
        keys={row.id: row.name for row in keys},
        fields={one.code: one.name_en if english else one.name_zh for one in asked},
        reasons={one.code: one.name_en if english else one.name_zh for one in reasons},
        skills={row.skill: named.queue(row.id) for row in reversed(rows)},
    )


def _moment(text: str, zone: ZoneInfo, language: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return formats.moment(at, clock.now(), zone, language)
