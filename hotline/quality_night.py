"""The night of quality: talks are drawn, what has no sound any more is let go, follow-ups are brought to mind."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.jobs.runner import Due, Handler
from crm_core.quality.coaching import remind
from crm_core.quality.draw_actions import let_go
from crm_core.quality.excerpts import take_out_gone
from crm_core.quality.rule_actions import draw_all

log = structlog.get_logger(__name__)
DRAWS = "quality_draws"
NIGHT = time(2, 30)


def quality_night(zone: tzinfo) -> Handler:
    """Each night at half past two; all of it is one transaction, so that a crash draws nothing twice."""

    async def handle(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        gone = await let_go(session)
        excerpts = await take_out_gone(session, at)
        drawn = await draw_all(session, at, zone)
        reminded = await remind(session, at, zone)
        log.info("quality_night", drawn=drawn, gone=gone, excerpts=excerpts, reminded=reminded)
        tonight = datetime.combine(at.astimezone(zone).date(), NIGHT, zone)
        return tonight if tonight > at else tonight + timedelta(days=1)

    return handle
