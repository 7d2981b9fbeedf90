"""This process leads, or stands by until it does: the lead of a site, from its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from crm_core.leading.file_lease import FileLease
from crm_core.leading.lease import DatabaseLease, Lease
from hotline.lead import Candidate, Lead
from hotline.lead_thread import renewed
from hotline.leader_note import LeaderNote
from hotline.settings import Settings

HANGS_SECONDS = 3.0  # and who stands by is at work within 5 s,
ALONE_SECONDS = 15.0  # but where nobody does, a start takes longer than most that a loop may wait for


@asynccontextmanager
async def leading(settings: Settings, stand_by: Callable[[], None] = lambda: None) -> AsyncIterator[Lead]:
    """Wait until this process leads; then hold the lead to the end of the block."""
    async with _lease(settings) as lease:
        lead = await Candidate(lease, LeaderNote(settings.run_dir.resolve())).lead(stand_by)
    async with renewed(lead, lambda: _lease(settings)):
        yield lead


def watch_loop(settings: Settings, lead: Lead) -> None:
    """Call when the start is over: from now on a loop that hangs ends the process."""
    lead.pulse.limit = HANGS_SECONDS if settings.standby else ALONE_SECONDS


@asynccontextmanager
async def _lease(settings: Settings) -> AsyncIterator[Lease]:
    """With a connection of its own: it must not wait behind pages. A peer that is gone is noticed within 3 s."""
    if make_url(settings.database).get_backend_name() == "sqlite":
        yield FileLease(settings.run_dir.resolve() / "lead")
        return
    alive = {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2, "tcp_user_timeout": 2_000}
    engine = create_async_engine(
        settings.database, pool_size=1, max_overflow=1, connect_args={"connect_timeout": 2, **alive}
    )
    try:
        yield DatabaseLease(engine)
    finally:
        await engine.dispose()
