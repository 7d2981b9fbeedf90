"""Writing an evidence package: sounds and facts go in, one signed ZIP comes out, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from recording.evidence.form import PUBLIC_KEY, SIGNATURE, SUMS, sums_text
from recording.evidence.site_key import SiteKey

BLOCK = 1 << 20
Told = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Packed:
    sha256: str
    bytes: int


def sha256_of(path: Path) -> str:
    """Of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def pack(
    target: Path, key: SiteKey, *, sounds: Mapping[str, Path], texts: Mapping[str, bytes], told: Told = lambda _: None
) -> Packed:
    """`sounds` and `texts` are by their names in the package. OSError when the disk is full; then nothing is left."""
    part = target.with_name(f".{target.name}.part")
    whole = sum(path.stat().st_size for path in sounds.values()) or 1
    sums = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    done = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with ZipFile(part, "w") as archive:
            for name, path in sounds.items():
                digest = hashlib.sha256()
                with archive.open(_entry(name, ZIP_STORED), "w", force_zip64=True) as file:
                    for block in _blocks(path):
                        digest.update(block)
                        file.write(block)
                        done += len(block)
                        told(done / whole)
                sums[name] = digest.hexdigest()
            for name, text in texts.items():
                archive.writestr(_entry(name, ZIP_DEFLATED), text)
            listed = sums_text(sums)
            for name, text in ((SUMS, listed), (SIGNATURE, key.sign(listed)), (PUBLIC_KEY, key.public_pem)):
                archive.writestr(_entry(name, ZIP_DEFLATED), text)
        _settle(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Packed(sha256_of(target), target.stat().st_size)


def _entry(name: str, how: int) -> ZipInfo:
    """Without the machine's clock and rights: the facts are in the manifest."""
    entry = ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = how, 0o644 << 16
    return entry


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _settle(part: Path, target: Path) -> None:
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(target)
