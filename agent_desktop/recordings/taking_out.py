"""What the dialogs of a recording's page show: whom it is shared with, with whom it may be, its evidence packages."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.naming import names_for
from agent_desktop.recordings.around import Around, shown_number
from agent_desktop.rendering import language_of
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.model import User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.disclosure.packages import packages_of
from crm_core.disclosure.sharing import DAYS, shares_of
from crm_core.workforce.queries import names, queues


async def taking_out(request: Request, session: AsyncSession, me: SignedInUser, found: Around) -> dict[str, Any]:
    """For somebody who may not take anything out, only the names that the page needs anyhow."""
    recording = found.recording
    told: dict[str, Any] = {
        "takes_out": me.may(Permission.TAKE_RECORDINGS_OUT),
        "number": shown_number(recording, request.app.state.site.zone),
        "named": names_for(language_of(request), await names(session), await queues(session)),
    }
    if not told["takes_out"]:
        return told
    return told | {
        "colleagues": await _colleagues(session, me),
        "share_days": DAYS,
        "shares": await shares_of(session, recording.id),
        "packages": await packages_of(session, recording.id),
        "at": clock.now(),
    }


async def _colleagues(session: AsyncSession, me: SignedInUser) -> list[str]:
    """Who works with recordings, but the person who shares."""
    rows = await session.execute(select(User.number, User.roles).where(User.disabled_at.is_(None)))
    hears = Permission.HEAR_OWN_RECORDINGS
    return sorted(number for number, roles in rows if may(read_roles(roles), hears) and number != me.number)
