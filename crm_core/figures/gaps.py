"""Times in which we were deaf to Asterisk, kept from what the feed tells of the link."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.figures.model import StreamGap
from crm_core.history.events import HistoryEvent, TelephonyLinkChanged


async def keep_gaps(session: AsyncSession, events: Sequence[HistoryEvent]) -> None:
    """A gap begins at the last moment of which we knew all; it ends when the comparison with Asterisk is done.

    Who was killed in a gap goes on with it. Of a link that comes up for the first time nothing was missed.
    """
    changes = [event for event in events if isinstance(event, TelephonyLinkChanged)]
    if not changes:
        return
    gap = await session.scalar(select(StreamGap).where(StreamGap.ended_at.is_(None)).order_by(StreamGap.id).limit(1))
    for event in changes:
        began, reason = from_instant(event.since or event.at), storable(event.reason, 40)
        if gap is None and (event.since or not event.connected):
            gap = StreamGap(began_at=began, ended_at=None, reason=reason or "link_lost")
            session.add(gap)
        if gap is not None and event.connected:
            gap.ended_at = max(from_instant(event.at), gap.began_at)
            gap.reason = "asterisk_restarted" if reason == "asterisk_restarted" else gap.reason
            gap = None
    await session.flush()
