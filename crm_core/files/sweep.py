"""Removing content that nothing is attached to any more: what a broken-off upload or a removed file leaves behind."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.files.model import StoredFile
from crm_core.files.store import COMING
from crm_core.jobs.runner import Due, Handler

SWEEP = "files.sweep"
EVERY = timedelta(days=1)
REST = timedelta(days=1)  # content whose row is not committed yet must be safe
_SHA256 = re.compile(r"[0-9a-f]{64}")


def file_sweeper(folder: Path) -> Handler:
    """The job's handler for this folder; daily."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await sweep(session, folder, at)
        return at + EVERY

    return handle


async def sweep(session: AsyncSession, folder: Path, at: datetime) -> int:
    """Remove content that no row names and nobody touched for a day; gives how many files went."""
    gone = 0
    for path in await asyncio.to_thread(_older, folder, (at - REST).timestamp()):
        held = select(StoredFile.id).where(StoredFile.sha256 == path.name).limit(1)
        if _SHA256.fullmatch(path.name) and await session.scalar(held) is not None:
            continue
        await asyncio.to_thread(path.unlink, missing_ok=True)
        gone += 1
    return gone


def _older(folder: Path, than: float) -> list[Path]:
    if not folder.is_dir():
        return []
    found = [*folder.glob(f"{COMING}*"), *folder.glob("??/*")]
    return [path for path in found if path.is_file() and path.stat().st_mtime < than]
