"""A sound file sealed against readers: AES-256-GCM in chunks, each file with a key of its own.

After the head come chunks of 64 KiB, each with its own tag. A chunk's nonce is its number and whether it is the last,
so that none can be taken out, doubled, exchanged or cut off. The head and the file's name are authenticated with each.
A data key is used for one file only, so no nonce comes twice.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"HLSOUND1"
CHUNK = 1 << 16
TAG = 16
KEY_BYTES = 32


class NotReadable(Exception):
    """The file is not what was encrypted with this key under this name: changed, cut or exchanged."""


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def encrypt(plain: Path, target: Path, key: bytes, name: str) -> None:
    """Writes `target`, synced to disk. `name` binds it to its recording. OSError, e.g. when the disk is full."""
    cipher, head = AESGCM(key), MAGIC
    with plain.open("rb") as sound, target.open("wb") as out:
        out.write(head)
        for number, last, chunk in _numbered(sound, CHUNK):
            out.write(cipher.encrypt(_nonce(number, last=last), chunk, _bound(head, name)))
        out.flush()
        os.fsync(out.fileno())


def decrypt(stored: Path, target: Path, key: bytes, name: str) -> None:
    """Writes the sound file. NotReadable, and then nothing is left of it."""
    cipher = AESGCM(key)
    try:
        with stored.open("rb") as sound, target.open("wb") as out:
            head = sound.read(len(MAGIC))
            if head != MAGIC:
                raise NotReadable("no encrypted recording")
            for number, last, chunk in _numbered(sound, CHUNK + TAG):
                out.write(cipher.decrypt(_nonce(number, last=last), chunk, _bound(head, name)))
    except (InvalidTag, ValueError) as changed:
        target.unlink(missing_ok=True)
        raise NotReadable("the file was changed") from changed
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _numbered(sound: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """Each chunk with its number and whether it is the last; an empty file is one empty chunk."""
    number, chunk = 0, sound.read(size)
    while True:
        following = sound.read(size)
        yield number, not following, chunk
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">7xI?", number, last)


def _bound(head: bytes, name: str) -> bytes:
    return head + name.encode()
