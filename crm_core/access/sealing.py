"""Seals what the database keeps but a thief of the database must not read; the key lies in a file beside it."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from crm_core.errors import PlatformError


class SealBroken(PlatformError):
    """The key was exchanged or lost: what it sealed cannot be read any more."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The key of the second step is missing on this machine. An administrator can reset the step.")


class Sealer:
    """`file` is made at the first use, for our own user only."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def seal(self, secret: bytes) -> str:
        return self._fernet().encrypt(secret).decode()

    def open(self, sealed: str) -> bytes:
        """Raises SealBroken."""
        try:
            return self._fernet().decrypt(sealed.encode())
        except InvalidToken:
            raise SealBroken from None

    def _fernet(self) -> Fernet:
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                made = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:  # another process was faster
                return Fernet(self._file.read_bytes())
            with os.fdopen(made, "wb") as key:
                key.write(Fernet.generate_key())
        return Fernet(self._file.read_bytes())
