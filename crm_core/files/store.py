"""Keeping files: the content once under its SHA-256 in the files folder, one row for each thing it is attached to."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.files.kinds import ENDINGS, kind_of
from crm_core.files.model import StoredFile

MOST_BYTES = 100 * 1024 * 1024
COMING = "coming-"  # begins the name of a file that is just being stored


async def put(
    session: AsyncSession,
    folder: Path,
    subject: str,
    name: str,
    content: AsyncIterator[bytes],
    *,
    actor: str,
    at: datetime,
    most: int = MOST_BYTES,
) -> StoredFile:
    """Keep what `content` brings as a file of `subject` (e.g. "case/17").

    Raises Invalid for an empty file, one over `most` bytes, or one of a kind we do not keep. The row comes last: a
    transaction that fails leaves only content behind, which the sweep removes.
    """
    called = clean_name(name)
    coming, sha256, size = await _receive(folder, content, most)
    try:
        kind = await asyncio.to_thread(kind_of, coming, called)
        if kind is None:
            raise Invalid("Only pictures, PDF, Office documents, MP4, WAV, text and CSV can be kept.", field="file")
        await asyncio.to_thread(_settle, coming, path_of(folder, sha256))
    finally:
        await asyncio.to_thread(coming.unlink, missing_ok=True)
    stored = StoredFile(
        subject=storable(subject, 40),
        name=_with_ending(called, kind),
        media_type=kind,
        size=size,
        sha256=sha256,
        by=actor,
        at=at,
    )
    session.add(stored)
    await session.flush()
    await audit(session, at=at, actor=actor, action="file_added", subject=stored.subject, detail=stored.name)
    return stored


async def files_of(session: AsyncSession, subject: str) -> list[StoredFile]:
    """In the order in which they were added."""
    return list(await session.scalars(select(StoredFile).where(StoredFile.subject == subject).order_by(StoredFile.id)))


async def file(session: AsyncSession, file_id: int) -> StoredFile:
    """Raises NotFound."""
    found = await session.get(StoredFile, file_id)
    if found is None:
        raise NotFound("There is no such file.")
    return found


async def remove(session: AsyncSession, file_id: int, *, actor: str, at: datetime) -> None:
    """Take the file off its subject; the content goes with the next sweep unless another row has it, too."""
    found = await file(session, file_id)
    await session.delete(found)
    await session.flush()
    await audit(session, at=at, actor=actor, action="file_removed", subject=found.subject, detail=found.name)


def path_of(folder: Path, sha256: str) -> Path:
    """Where the content lies."""
    return folder / sha256[:2] / sha256


def clean_name(name: str) -> str:
    """A name without a path, control signs or what file systems refuse; at most 110 characters."""
    last = re.split(r"[/\\]", storable(name, 400))[-1]
    plain = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069<>:\"|?*]", "", last).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:100]}.{ending[:9]}" if dot and stem else plain[:110] or "file"


def _with_ending(name: str, kind: str) -> str:
    """The name ends as its content says, so that a program in disguise does not open as one."""
    ending = ENDINGS[kind]
    same = {".jpg": (".jpg", ".jpeg")}.get(ending, (ending,))
    return name if name.lower().endswith(same) else f"{name}{ending}"


async def _receive(folder: Path, content: AsyncIterator[bytes], most: int) -> tuple[Path, str, int]:
    """The file as it came, its SHA-256 and its size."""
    digest, size = hashlib.sha256(), 0
    target, path = await asyncio.to_thread(_open, folder)
    try:
        with target:
            async for chunk in content:
                size += len(chunk)
                if size > most:
                    raise Invalid("A file may have at most {most} MB.", most=most // (1024 * 1024), field="file")
                digest.update(chunk)
                await asyncio.to_thread(target.write, chunk)
        if not size:
            raise Invalid("The file is empty.", field="file")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size


def _open(folder: Path) -> tuple[BinaryIO, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(prefix=COMING, dir=folder)
    return os.fdopen(handle, "wb"), Path(path)


def _settle(coming: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        os.utime(target)  # young again: the sweep leaves it until our row is there
    else:
        coming.replace(target)
