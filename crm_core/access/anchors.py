"""The audit log's anchor: its length and last hash, every hour in which it grew, in a file outside the database.

Whoever can write the database could make the whole chain anew; they would have to change this file (and its copies
on other machines) as well. One JSON object a line, never rewritten by us: {"at", "entries", "hash"}.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import AuditHead
from crm_core.jobs.runner import Due, Handler

log = structlog.get_logger(__name__)
EVERY = timedelta(hours=1)
KIND = "audit_anchor"


def handler(file: Path) -> Handler:
    """The hourly job."""
    last: list[str] = []

    async def write(session: AsyncSession, job: Due, at: datetime) -> datetime:
        dropped = await drop_anchor(session, file, at, unless=last[-1] if last else "")
        last[:] = [dropped]
        return at + EVERY

    return write


async def drop_anchor(session: AsyncSession, file: Path, at: datetime, unless: str = "") -> str:
    """Append the chain's length and last hash, and put them on the log, which operators ship elsewhere.

    Gives the hash, "" of an empty log; nothing is appended when it is still `unless`.
    """
    head = await session.scalar(select(AuditHead).execution_options(populate_existing=True))
    if head is None or head.hash == unless:
        return unless
    told = {"at": at.isoformat(), "entries": head.entries, "hash": head.hash}
    log.warning("audit_anchor", **told)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as anchors:  # one short line an hour: no need to leave the loop
        anchors.write(json.dumps(told) + "\n")
        anchors.flush()
        os.fsync(anchors.fileno())
    return head.hash


def read_anchors(file: Path) -> dict[int, str]:
    """Count of entries -> hash; of two lines for one count the first holds. A line that cannot be read is left out."""
    if not file.is_file():
        return {}
    found: dict[int, str] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(line)
            found.setdefault(int(told["entries"]), str(told["hash"]))
        except (ValueError, TypeError, KeyError):
            log.error("audit_anchor_unreadable", line=line[:100])
    return found
