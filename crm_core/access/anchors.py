"""The audit log's anchor: once a day its length and last hash, in a file outside the database.

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
EVERY = timedelta(days=1)
KIND = "audit_anchor"


def handler(file: Path) -> Handler:
    """The daily job."""

    async def write(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await drop_anchor(session, file, at)
        return at + EVERY

    return write


async def drop_anchor(session: AsyncSession, file: Path, at: datetime) -> None:
    """Append the chain's length and last hash, and put them on the log, which operators ship elsewhere."""
    head = await session.scalar(select(AuditHead).execution_options(populate_existing=True))
    if head is None:
        return
    told = {"at": at.isoformat(), "entries": head.entries, "hash": head.hash}
    log.warning("audit_anchor", **told)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as anchors:  # one short line a day: no need to leave the loop
        anchors.write(json.dumps(told) + "\n")
        anchors.flush()
        os.fsync(anchors.fileno())


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
