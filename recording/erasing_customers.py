"""Carries out confirmed requests for erasure, some things in a transaction: after a kill it goes on."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.erasure.model import ErasureItem, ErasureRequest
from crm_core.erasure.scope import Kind, Thing, why_it_stays
from crm_core.erasure.texts import erase_text
from crm_core.errors import Unreachable
from crm_core.jobs.runner import Due, Handler
from recording.erasing import erase, weigh
from recording.vault import Vault

log = structlog.get_logger(__name__)
AT_ONCE = 20
AGAIN = timedelta(minutes=5)
BY = "system"


def erasure_job(vault: Vault) -> Handler:
    """The handler of `crm_core.erasure.actions.JOB`; the job's key is the request's number."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        request = await session.get(ErasureRequest, int(job.key))
        if request is None or request.state != "running":
            return None
        try:
            return at if await carry_out(session, request, vault, at) else None
        except Unreachable as away:
            log.warning("erasure_storage_away", request=request.id, reason=str(away))
            return at + AGAIN

    return handle


async def carry_out(session: AsyncSession, request: ErasureRequest, vault: Vault, at: datetime) -> bool:
    """Some of it; False when it is done. Raises Unreachable: what was done before it stays done."""
    waiting = select(ErasureItem).where(ErasureItem.request_id == request.id, ErasureItem.result == "")
    some = list(await session.scalars(waiting.order_by(ErasureItem.id).limit(AT_ONCE)))
    if await _weighed(session, some, vault, at):
        return True
    for item in some:
        thing = Thing(kind=Kind(item.kind), subject=item.subject, contact=item.contact_id)
        item.why = await why_it_stays(session, thing)
        if item.why:
            item.result, item.bytes, item.sha256 = "stayed", 0, ""
        else:
            item.bytes, item.sha256 = await _erase(session, thing, vault, item, at)
            item.result = "erased" if item.sha256 else "missing"
        item.at = at
        await session.flush()
    if len(some) == AT_ONCE:
        return True
    await _finish(session, request, at)
    return False


async def _weighed(session: AsyncSession, items: list[ErasureItem], vault: Vault, at: datetime) -> int:
    """Sizes and checksums are committed before anything is removed: files do not come back with a transaction."""
    new = [one for one in items if one.kind == Kind.SOUND.value and one.at is None]
    for item in new:
        item.bytes, item.sha256 = await weigh(session, vault, _recording(item.subject))
        item.at = at
    return len(new)


def _recording(subject: str) -> int:
    return int(subject.partition(":")[2])


async def _erase(session: AsyncSession, thing: Thing, vault: Vault, item: ErasureItem, at: datetime) -> tuple[int, str]:
    if thing.kind is Kind.SOUND:
        weighed = (item.bytes or 0, item.sha256 or "")
        return await erase(session, vault, _recording(thing.subject), at, weighed=weighed)
    return await erase_text(session, thing.kind, thing.subject)


async def _finish(session: AsyncSession, request: ErasureRequest, at: datetime) -> None:
    """The hash of all items goes into the audit log: nobody can change the proof afterwards unseen."""
    mine = ErasureItem.request_id == request.id
    counted = await session.execute(select(ErasureItem.result, func.count()).where(mine).group_by(ErasureItem.result))
    counts = {row[0]: int(row[1]) for row in counted}
    digest = hashlib.sha256()
    for row in await session.scalars(select(ErasureItem).where(mine).order_by(ErasureItem.id)):
        digest.update(f"{row.kind} {row.subject} {row.result} {row.why} {row.sha256}\n".encode())
    request.state, request.ended_at, request.proof = "done", at, digest.hexdigest()
    request.erased, request.stayed = counts.get("erased", 0), counts.get("stayed", 0)
    await session.flush()
    detail = noting(customer=request.customer_id, erased=request.erased, stayed=request.stayed, sha256=request.proof)
    await audit(session, at=at, actor=BY, action="erasure_done", subject=f"erasure/{request.id}", detail=detail)
    log.info("erasure_done", request=request.id, erased=request.erased, stayed=request.stayed)
