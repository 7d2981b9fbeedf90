"""Checking an evidence package on any machine: without a database, without the site, each fault by name."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from recording.evidence.form import (
    FORMAT,
    MANIFEST,
    PUBLIC_KEY,
    REQUIRED,
    SEALS,
    SIGNATURE,
    SUMS,
    UNSUMMED,
    plain_fingerprint,
    read_sums,
)
from recording.evidence.seal_part import faults_of_seals
from recording.evidence.site_key import is_signed, public_fingerprint

BLOCK = 1 << 20
MOST_FILES, MOST_TEXT = 2_000, 64 << 20
"""A package has tens of files, and texts of some megabytes: what has more was not made by us."""


class FaultKind(StrEnum):
    """`changed` of a listed file; `sums_changed`: the list of checksums is not what was signed."""

    NO_PACKAGE = "no package"
    MISSING = "missing file"
    CHANGED = "changed"
    CHANGED_AUDIO = "changed audio"
    CHANGED_MANIFEST = "changed manifest"
    SUMS_CHANGED = "changed list of checksums, or another key"
    WRONG_KEY = "wrong key"
    ADDED = "file that was not in it"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    name: str
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`fingerprint` of the public key inside, "" = there is none; `manifest` as far as it can be read."""

    faults: tuple[Fault, ...]
    fingerprint: str = ""
    files: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)


def check(path: Path, *, known: str = "") -> Checked:
    """`known` is the fingerprint that the site gives out: another key in the package is a fault. Raises OSError."""
    try:
        with ZipFile(path) as archive:
            return _checked(archive, known)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as broken:
        return Checked(faults=(Fault(FaultKind.NO_PACKAGE, path.name, str(broken)),))


def _checked(archive: ZipFile, known: str) -> Checked:
    names = [entry.filename for entry in archive.infolist()]
    if len(names) > MOST_FILES:
        return Checked(faults=(Fault(FaultKind.NO_PACKAGE, "", "too many files"),))
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [Fault(FaultKind.ADDED, name, "this name is in it twice") for name in twice]
    faults += [Fault(FaultKind.MISSING, name) for name in sorted(UNSUMMED - set(names))]
    text = {name: _text(archive, name) for name in (*UNSUMMED, MANIFEST, SEALS) if name in names}
    faults += _of_signature(text, known)
    sums = read_sums(text.get(SUMS, b""))
    if sums is None:
        faults.append(Fault(FaultKind.NO_PACKAGE, SUMS, "this is no list of checksums"))
        sums = {}
    found, digests = _of_files(archive, names, sums)
    manifest = _read(text.get(MANIFEST, b""))
    faults += [*found, *_of_manifest(manifest, sums, digests), *faults_of(text.get(SEALS, b""), manifest)]
    return Checked(
        faults=tuple(dict.fromkeys(faults)),
        fingerprint=public_fingerprint(text.get(PUBLIC_KEY, b"")),
        files=len(names),
        manifest=manifest,
    )


def _of_signature(text: dict[str, bytes], known: str) -> list[Fault]:
    if not set(text) >= UNSUMMED:
        return []  # what is missing is told already
    pem, faults = text[PUBLIC_KEY], []
    mine, wanted = plain_fingerprint(public_fingerprint(pem)), plain_fingerprint(known)
    if not mine:
        faults.append(Fault(FaultKind.WRONG_KEY, PUBLIC_KEY, "this is no Ed25519 key"))
    elif known and mine != wanted:
        faults.append(Fault(FaultKind.WRONG_KEY, PUBLIC_KEY, "its fingerprint is not the one you gave"))
    if mine and not is_signed(pem, text[SUMS], text[SIGNATURE]):
        faults.append(Fault(FaultKind.SUMS_CHANGED, SUMS, "the signature does not fit"))
    return faults


def _of_files(archive: ZipFile, names: list[str], sums: dict[str, str]) -> tuple[list[Fault], dict[str, str]]:
    """Faults of the files, and the checksum that each has now."""
    faults, digests = [], {}
    for name in sorted({*sums, *REQUIRED} - set(names)):
        faults.append(Fault(FaultKind.MISSING, name))
    for name in sorted(set(names) - UNSUMMED):
        if name not in sums:
            faults.append(Fault(FaultKind.ADDED, name))
            continue
        digests[name] = _digest(archive, name)
        if digests[name] != sums[name]:
            faults.append(Fault(_kind_of(name), name))
    return faults, digests


def _kind_of(name: str) -> FaultKind:
    if name == MANIFEST:
        return FaultKind.CHANGED_MANIFEST
    return FaultKind.CHANGED_AUDIO if name.startswith("audio/") else FaultKind.CHANGED


def _of_manifest(manifest: dict[str, Any], sums: dict[str, str], digests: dict[str, str]) -> list[Fault]:
    """Whether it tells of just the files that are there, with their checksums."""
    if manifest.get("format") != FORMAT:
        return [Fault(FaultKind.NO_PACKAGE, MANIFEST, f"this is not {FORMAT}")]
    faults = []
    for one in manifest.get("recordings", []):
        name, wanted = one.get("file", ""), one.get("sha256", "")
        if name and name not in sums:
            faults.append(Fault(FaultKind.CONTRADICTION, name, "the manifest names it, the list does not"))
        elif name and digests.get(name, wanted) != wanted:
            faults.append(Fault(FaultKind.CHANGED_AUDIO, name))
    return faults


def faults_of(seals: bytes, manifest: dict[str, Any]) -> list[Fault]:
    """What of the seals does not hold together, or does not fit the sounds."""
    return [Fault(FaultKind.CONTRADICTION, SEALS, told) for told in faults_of_seals(_read(seals), manifest)]


def _read(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        text = file.read(MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        raise ValueError(f"{name} is too long")
    return text


def _digest(archive: ZipFile, name: str) -> str:
    """A file whose own ZIP checksum does not fit is a changed one: then "" is given."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except (BadZipFile, EOFError, OSError):
        return ""
    return digest.hexdigest()
