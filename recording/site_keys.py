"""The site's keys, in a file that only the platform's user may read; each wraps the keys of recordings.

One JSON object a line: {"id", "made_at", "key"}, the newest last; it is the one that wraps. A file is only ever
written whole. Whoever has the database and this file can hear the recordings; whoever has one of them cannot.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_core.errors import Refused, Unreachable

NONCE = 12


class NoSiteKey(Unreachable):
    """The site's key that wrapped this recording's key is not in the file, or the file is not there."""


class KeysRefused(Refused):
    """The file of keys cannot be used or changed in this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKey:
    """`made_at` is an ISO time."""

    id: str
    made_at: str
    key: bytes


class SiteKeys:
    """What is in the file at this moment; it is read again when it changed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._read_at: tuple[int, int] | None = None
        self._keys: tuple[SiteKey, ...] = ()

    def all(self) -> tuple[SiteKey, ...]:
        """The newest last; () = there is no file. KeysRefused when others may read it, or it cannot be understood."""
        try:
            facts = self.file.stat()
        except FileNotFoundError:
            return ()
        if facts.st_mode & 0o077:
            raise KeysRefused(f"{self.file} can be read by others: chmod 600 it.")
        stamp = facts.st_mtime_ns, facts.st_size
        if stamp != self._read_at:
            self._keys, self._read_at = _parsed(self.file), stamp
        return self._keys

    def current(self) -> SiteKey:
        """The one that wraps. NoSiteKey when there is none."""
        if keys := self.all():
            return keys[-1]
        raise NoSiteKey(f"There is no key for recordings in {self.file}.")

    def add(self, at: datetime) -> SiteKey:
        """A new key at the end of the file; from now on it wraps."""
        key = SiteKey(id=secrets.token_hex(4), made_at=at.isoformat(timespec="seconds"), key=secrets.token_bytes(32))
        self._write((*self.all(), key))
        return key

    def drop(self, key_id: str) -> None:
        """Takes a key out. KeysRefused for the current one or one that is not there."""
        keys = self.all()
        if key_id not in [one.id for one in keys[:-1]]:
            raise KeysRefused(f"{key_id} is not a former key.")
        self._write(tuple(one for one in keys if one.id != key_id))

    def wrap(self, data_key: bytes, name: str) -> tuple[str, str]:
        """The id of the current key, and the wrapped data key as text, bound to this name."""
        site = self.current()
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(site.key).encrypt(nonce, data_key, _bound(site.id, name))
        return site.id, base64.b64encode(nonce + sealed).decode()

    def unwrap(self, key_id: str, wrapped: str, name: str) -> bytes:
        """The data key. NoSiteKey when that site's key is not here or it was changed."""
        site = next((one for one in self.all() if one.id == key_id), None)
        if site is None:
            raise NoSiteKey(f"The key {key_id} of this recording is not in {self.file}.")
        try:
            packed = base64.b64decode(wrapped, validate=True)
            return AESGCM(site.key).decrypt(packed[:NONCE], packed[NONCE:], _bound(key_id, name))
        except (ValueError, InvalidTag) as changed:
            raise NoSiteKey("The wrapped key of this recording was changed.") from changed

    def _write(self, keys: tuple[SiteKey, ...]) -> None:
        part = self.file.with_name(f".{self.file.name}.part")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        lines = ({"id": one.id, "made_at": one.made_at, "key": base64.b64encode(one.key).decode()} for one in keys)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self.file)
        self._read_at = None


def _parsed(file: Path) -> tuple[SiteKey, ...]:
    found: list[SiteKey] = []
    try:
        for line in file.read_text(encoding="ascii").splitlines():
            told = json.loads(line)
            key = base64.b64decode(told["key"], validate=True)
            if len(key) != 32:
                raise ValueError("a key has 32 bytes")
            found.append(SiteKey(id=str(told["id"])[:16], made_at=str(told["made_at"]), key=key))
    except (ValueError, KeyError, TypeError) as unreadable:
        raise KeysRefused(f"{file} holds no keys of recordings.") from unreadable
    return tuple(found)


def _bound(key_id: str, name: str) -> bytes:
    return f"{key_id} {name}".encode()
