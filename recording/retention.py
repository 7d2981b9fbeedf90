"""The night's work of keeping recordings no longer than the site says: list, wait a day, delete with proof.

Of what was listed only that is deleted which is still due then. A kill in between costs nothing: each recording is
decided by itself, and its checksum is kept before anything of it is removed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta, tzinfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import Unreachable
from crm_core.jobs.runner import Due, Handler
from crm_core.retention.listing import BY, list_due, not_due, open_run, reasons_to_stay, wishes
from crm_core.retention.model import RetentionItem, RetentionRun
from crm_core.retention.settings import retention_rules
from recording.erasing import DELETED, erase, weigh
from recording.vault import Vault

log = structlog.get_logger(__name__)

RETENTION = "retention"
NIGHT = time(3, 40)
SHOWN = timedelta(hours=20)
"""So long a list can be read, and recordings of it held, before they are deleted."""
AT_ONCE = 50
AGAIN = timedelta(minutes=10)


def retention_job(vault: Vault, zone: tzinfo) -> Handler:
    """The handler of `RETENTION`; `zone` is the site's."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        run = await open_run(session)
        if run is None:
            await list_due(session, await retention_rules(session), at)
        elif at - run.listed_at >= SHOWN:
            try:
                if await carry_out(session, run, vault, at):
                    return at  # there is more of it; other writers come in between
            except Unreachable as away:
                log.warning("retention_storage_away", reason=str(away))
                return at + AGAIN
        return next_night(at, zone)

    return handle


def next_night(at: datetime, zone: tzinfo) -> datetime:
    tonight = datetime.combine(at.astimezone(zone).date(), NIGHT, zone)
    return tonight if tonight > at else tonight + timedelta(days=1)


async def carry_out(session: AsyncSession, run: RetentionRun, vault: Vault, at: datetime) -> bool:
    """Some of the list; False when it is done or was dropped, because the site keeps recordings for longer now."""
    rules = await retention_rules(session)
    older_than = rules.newest_due(run.listed_at, await wishes(session))
    if older_than is None or older_than < run.older_than:
        run.state, run.ended_at = "dropped", at
        detail = noting(days=rules.days)
        await audit(session, at=at, actor=BY, action="retention_dropped", subject=f"retention/{run.id}", detail=detail)
        return False
    waiting = select(RetentionItem).where(RetentionItem.run_id == run.id, RetentionItem.result == "")
    some = list(await session.scalars(waiting.order_by(RetentionItem.recording_id).limit(AT_ONCE)))
    if new := [one for one in some if one.at is None]:
        for item in new:
            item.bytes, item.sha256 = await weigh(session, vault, item.recording_id)
            item.at = at
        return True  # committed before a file goes: files do not come back with a transaction
    ids = [one.recording_id for one in some]
    kept_longer = dict.fromkeys(await not_due(session, ids, rules, at), "setting")
    stays = kept_longer | await reasons_to_stay(session, ids)
    for item in some:
        item.at = at
        item.why = stays.get(item.recording_id, "")
        if item.why:
            item.result, item.bytes, item.sha256 = "spared", 0, ""
        else:
            await _delete(session, item, vault, at)
    if len(some) == AT_ONCE:
        return True
    await _finish(session, run, at)
    return False


async def _delete(session: AsyncSession, item: RetentionItem, vault: Vault, at: datetime) -> None:
    weighed = (item.bytes, item.sha256)
    size, digest = await erase(session, vault, item.recording_id, at, weighed=weighed)
    item.bytes, item.sha256, item.result = size, digest, DELETED if digest else "missing"


async def _finish(session: AsyncSession, run: RetentionRun, at: datetime) -> None:
    """The audit log's entry ties the proof into its chain: nobody can change the list afterwards unseen."""
    await session.flush()
    mine = RetentionItem.run_id == run.id
    counted = await session.execute(
        select(RetentionItem.result, func.count()).where(mine).group_by(RetentionItem.result)
    )
    counts = {row[0]: int(row[1]) for row in counted}
    run.deleted, run.spared, run.missing = (counts.get(word, 0) for word in (DELETED, "spared", "missing"))
    run.state, run.ended_at = "done", at
    digest = hashlib.sha256()
    proof = select(RetentionItem.recording_id, RetentionItem.result, RetentionItem.sha256).where(mine)
    for row in await session.execute(proof.order_by(RetentionItem.recording_id)):
        digest.update(f"{row.recording_id} {row.result} {row.sha256}\n".encode())
    detail = noting(deleted=run.deleted, spared=run.spared, missing=run.missing, sha256=digest.hexdigest())
    await audit(session, at=at, actor=BY, action="retention_done", subject=f"retention/{run.id}", detail=detail)
    log.info("retention_done", run=run.id, deleted=run.deleted, spared=run.spared, missing=run.missing)
