"""The key with which this site signs evidence: made at the first use, kept by the site alone, its public half in each
package."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crm_core.errors import PlatformError
from recording.evidence.form import fingerprint


class KeyUnusable(PlatformError):
    """The site's key is there but is none. Nothing is signed with another: who checks would not know it."""

    def __init__(self, path: Path) -> None:
        super().__init__("The site's key for evidence cannot be read: {path}.", path=str(path))


@dataclass(frozen=True, slots=True)
class SiteKey:
    _private: Ed25519PrivateKey

    @property
    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._private.public_key().public_bytes(serialization.Encoding.PEM, form)

    @property
    def fingerprint(self) -> str:
        return fingerprint(_der(self._private.public_key()))

    def sign(self, text: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(text)


def site_key(path: Path) -> SiteKey:
    """Reads it, or makes it; of two that make it at once one wins and both have that one. KeyUnusable, OSError."""
    if not path.exists():
        _make(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as broken:
        raise KeyUnusable(path) from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(path)
    return SiteKey(key)


def _make(path: Path) -> None:
    """Whole or not at all, readable by the site's user alone."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    text = Ed25519PrivateKey.generate().private_bytes(*form)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # for its owner alone
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        part.unlink()


def public_fingerprint(pem: bytes) -> str:
    """The fingerprint of a public key in a package; "" when it is no Ed25519 key."""
    key = _public(pem)
    return fingerprint(_der(key)) if key else ""


def is_signed(pem: bytes, text: bytes, signature: bytes) -> bool:
    """Whether this key's owner signed just these bytes."""
    key = _public(pem)
    if key is None:
        return False
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _public(pem: bytes) -> Ed25519PublicKey | None:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _der(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
