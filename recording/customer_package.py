"""One ZIP with everything that is held of a customer: rows as JSON, talks as sound, attached files."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.files.store import path_of
from crm_core.subject_access.gathering import LEFT_OUT, everything_about
from recording.library import PLAYABLE
from recording.vault import SoundMissing, Vault

ABOUT = """这里是我们保存的关于您的全部信息。
data.json 按数据表列出所有记录；recordings 是通话录音（左声道为客服，右声道为您）；files 是附件。
sha256.txt 是每个文件的校验值。data.json 的 left_out 说明了哪些内容不在其中及原因。

This is everything that we hold about you.
data.json has all records by table; recordings are the talks
(left channel our agent, right channel you); files are attachments.
sha256.txt has the checksum of each file. "left_out" in data.json says what is not in it, and why.
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """How much is in the package; `lost` = recordings whose sound is not there any more."""

    rows: int
    recordings: int
    files: int
    lost: int
    sha256: str


async def pack(
    session: AsyncSession,
    vault: Vault,
    files: Path,
    customer: int,
    target: Path,
    *,
    why: str,
    actor: str,
    at: datetime,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Packed:
    """Writes `target`; the audit log has who took it and why. NotFound, Invalid without a reason, SoundAway."""
    if not (reason := storable(why.strip(), 200)):
        raise Invalid("Say how the customer asked for it, e.g. the letter's date.", field="why")
    rows = await everything_about(session, customer)
    if not rows:
        raise NotFound("There is no such customer.")
    sums: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        told = {"made_at": at.isoformat(), "customer": customer, "tables": rows, "left_out": dict(LEFT_OUT)}
        _add(package, sums, "README.txt", ABOUT.encode())
        await asyncio.to_thread(_add_rows, package, sums, told)
        talks = [row for row in rows.get("recording", []) if row["status"] in PLAYABLE]
        heard = await _sounds(package, sums, vault, talks, tell)
        kept = await asyncio.to_thread(_files, package, sums, files, rows.get("stored_file", []))
        package.writestr("sha256.txt", "".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    digest = await asyncio.to_thread(_digest, target)
    packed = Packed(sum(map(len, rows.values())), heard, kept, len(talks) - heard, digest)
    detail = noting(why=reason, rows=packed.rows, recordings=heard, files=kept, sha256=digest)
    await audit(session, at=at, actor=actor, action="customer_exported", subject=f"customer/{customer}", detail=detail)
    return packed


async def _sounds(
    package: zipfile.ZipFile,
    sums: dict[str, str],
    vault: Vault,
    talks: list[dict[str, Any]],
    tell: Callable[[int, int], None],
) -> int:
    heard = 0
    for number, row in enumerate(talks, start=1):
        try:
            async with vault.sound(row["file"]) as path:
                name = f"recordings/{row['started_at'][:10]}-{row['id']}{path.suffix}"
                await asyncio.to_thread(_add_sound, package, sums, name, path)
                heard += 1
        except SoundMissing:
            pass  # its row says that there was one
        tell(number, len(talks))
    return heard


def _add_rows(package: zipfile.ZipFile, sums: dict[str, str], told: dict[str, Any]) -> None:
    _add(package, sums, "data.json", json.dumps(told, ensure_ascii=False, indent=1).encode())


def _add_sound(package: zipfile.ZipFile, sums: dict[str, str], name: str, path: Path) -> None:
    _add(package, sums, name, path.read_bytes(), zipfile.ZIP_STORED)  # sound does not get smaller


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _files(package: zipfile.ZipFile, sums: dict[str, str], folder: Path, rows: list[dict[str, Any]]) -> int:
    kept = 0
    for row in rows:
        path = path_of(folder, row["sha256"])
        if path.is_file():
            # The name is somebody's own: as part of a path it could lead out of the folder it is unpacked in.
            name = re.sub(r"[^\w.-]", "_", row["name"]).lstrip(".") or "file"
            _add(package, sums, f"files/{row['id']}-{name}", path.read_bytes())
            kept += 1
    return kept


def _add(
    package: zipfile.ZipFile, sums: dict[str, str], name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED
) -> None:
    package.writestr(name, content, compress_type=how)
    sums[name] = hashlib.sha256(content).hexdigest()
