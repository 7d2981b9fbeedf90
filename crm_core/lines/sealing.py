"""Trunks' secrets as the database keeps them: encrypted with a key that lies in a file of its own.

Who has only the database, or only a copy of it, has no secret. AES-256-GCM, bound to the trunk's id: a sealed secret
that is copied to another row does not open.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_core.errors import PlatformError, Refused

_NONCE = 12  # bytes


class SecretLost(PlatformError):
    """The key is not the one with which it was sealed, or the row was tampered with."""

    def __init__(self, trunk: str) -> None:
        super().__init__("The secret of trunk {trunk} cannot be read. Enter it again.", trunk=trunk)


class NoKeyFile(Refused):
    def __init__(self) -> None:
        super().__init__("The key file for secrets cannot be written. Make its folder writable (HOTLINE_LINE_KEY).")


class Safe:
    """`key_file` is made at the first sealing, readable for our own user only."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def seal(self, trunk: str, secret: str) -> str:
        """NoKeyFile when there is no key and none can be written."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self._key()).encrypt(nonce, secret.encode(), trunk.encode())
        return b64encode(nonce + sealed).decode()

    def open(self, trunk: str, sealed: str) -> str:
        """SecretLost when it does not open; "" for ""."""
        if not sealed:
            return ""
        try:
            whole, key = b64decode(sealed, validate=True), self._read()
            return AESGCM(key).decrypt(whole[:_NONCE], whole[_NONCE:], trunk.encode()).decode()
        except (InvalidTag, OSError, ValueError) as wrong:
            raise SecretLost(trunk) from wrong

    def _read(self) -> bytes:
        return bytes.fromhex(self._key_file.read_text().strip())

    def _key(self) -> bytes:
        try:
            self._key_file.parent.mkdir(parents=True, exist_ok=True)
            fresh = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._read()
        except OSError as refused:
            raise NoKeyFile from refused
        with os.fdopen(fresh, "w") as file:
            file.write(AESGCM.generate_key(256).hex())
        return self._read()
