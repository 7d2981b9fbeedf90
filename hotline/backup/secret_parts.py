"""The part of a backup that opens the rest: secrets, keys and settings; with a passphrase nobody reads it without."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hotline.backup.manifest import BackupRefused

SALT, NONCE, COST = 16, 12, 2**15  # scrypt: 32 MB and some tenths of a second for each guess
HEAD = b"hotline-secrets-1\n"


def gathered(files: Mapping[str, Path], settings: Mapping[str, str]) -> bytes:
    """One JSON object: file name -> base64, and the settings as HOTLINE_* variables."""
    found = {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items() if path.is_file()}
    return json.dumps({"files": found, "settings": dict(settings)}, indent=1, sort_keys=True).encode()


def spread(content: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """Files and settings again."""
    try:
        told = json.loads(content)
        files = {str(name): base64.b64decode(text, validate=True) for name, text in told["files"].items()}
        return files, {str(name): str(value) for name, value in told["settings"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as damage:
        raise BackupRefused("The backup's secrets cannot be read. Take another backup.") from damage


def seal(content: bytes, passphrase: str) -> bytes:
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return HEAD + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, content, HEAD)


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """BackupRefused for another passphrase, and for what was changed."""
    body = sealed.removeprefix(HEAD)
    salt, nonce, rest = body[:SALT], body[SALT : SALT + NONCE], body[SALT + NONCE :]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, rest, HEAD)
    except (InvalidTag, ValueError) as wrong:
        raise BackupRefused(
            "The passphrase does not open this backup's secrets. Set HOTLINE_BACKUP_PASSPHRASE to the one "
            "with which it was taken."
        ) from wrong


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase.encode())
