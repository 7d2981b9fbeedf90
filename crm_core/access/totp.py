"""Codes that change every 30 seconds, as every authenticator makes them (RFC 6238 with SHA-1 and six digits). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # RFC 4226, section 4: as long as the hash
DRIFT_STEPS = 1  # a telephone's clock may be half a minute off


def code_of(secret: bytes, step: int) -> str:
    """The code of one step of 30 s since 1970."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, code: str, at: float, *, after: int) -> int | None:
    """The step whose code this is, now or one step around; None when it is wrong or not later than step `after`."""
    now = int(at // STEP_SECONDS)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode(errors="replace")) and step > after:
            return step
    return None


def written(secret: bytes) -> str:
    """As a person types it who cannot photograph the picture."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, *, number: str, site: str) -> str:
    """What the QR code holds."""
    label, issuer = quote(f"{site}:{number}", safe=""), quote(site, safe="")
    return f"otpauth://totp/{label}?secret={written(secret)}&issuer={issuer}&digits={DIGITS}&period={STEP_SECONDS}"
