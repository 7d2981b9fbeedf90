"""What an evidence package is: the names in it, its list of checksums, how its parts are written. Pure.

A package is a ZIP. `SHA256SUMS` has a line for every other file but the signature and the public key, in the form of
`sha256sum`; `SHA256SUMS.sig` is the Ed25519 signature over its bytes. So `sha256sum -c` and `openssl` are enough to
check it, see docs/evidence.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

FORMAT = "hotline-evidence/1"
SUMS, SIGNATURE, PUBLIC_KEY = "SHA256SUMS", "SHA256SUMS.sig", "public-key.pem"
MANIFEST, COVER, README = "manifest.json", "cover.html", "README.txt"
SEALS, ACCESS, TIMELINE, TRANSCRIPT = "seals.json", "access-log.json", "timeline.json", "transcript.json"
UNSUMMED = frozenset({SUMS, SIGNATURE, PUBLIC_KEY})
REQUIRED = frozenset({MANIFEST, COVER, README, SEALS, ACCESS, TIMELINE, TRANSCRIPT})
"""Besides the sounds, which the manifest names."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def as_json(told: Mapping[str, Any] | list[Any]) -> bytes:
    """Written so that the same facts always give the same bytes."""
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1, default=str) + "\n").encode()


def sums_text(sums: Mapping[str, str]) -> bytes:
    """The list of checksums, name -> SHA-256 in hex. ValueError for a name that a package may not hold."""
    if strange := [name for name in sums if not NAME.fullmatch(name) or name in UNSUMMED]:
        raise ValueError(f"not a name for a package: {strange[0]!r}")
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def read_sums(text: bytes) -> dict[str, str] | None:
    """Name -> SHA-256; None when this is no such list, names one twice, or has a name that leads elsewhere."""
    found: dict[str, str] = {}
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    if lines[-1]:
        return None
    for line in lines[:-1]:
        fits = _LINE.fullmatch(line)
        if fits is None or not NAME.fullmatch(fits[2]) or fits[2] in found or fits[2] in UNSUMMED:
            return None
        found[fits[2]] = fits[1]
    return found


def fingerprint(der: bytes) -> str:
    """How people compare a public key: the SHA-256 of its DER form, in pairs as openssl writes it."""
    digest = hashlib.sha256(der).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, 64, 2))


def plain_fingerprint(text: str) -> str:
    """A fingerprint however somebody typed it; "" when it is none."""
    digits = re.sub(r"[\s:-]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{64}", digits) else ""
