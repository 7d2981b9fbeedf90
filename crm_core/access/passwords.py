"""Argon2 hashes, computed off the event loop: one takes about 20 ms of one core and 19 MB."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's parameters for one lane: RFC 9106's four lanes would take both cores from the calls at each sign-in.
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_LONGEST = 256


async def hashed(password: str) -> str:
    return await asyncio.to_thread(hashed_now, password)


def hashed_now(password: str) -> str:
    """For set-up, where no loop runs."""
    return _HASHER.hash(password)


async def check(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash to store when the old one is outdated.

    For an unknown user (`stored` None) the same work is done and the answer is no, so that
    the time of an answer does not tell which numbers exist.
    """
    return await asyncio.to_thread(_check, password, stored)


def _check(password: str, stored: str | None) -> tuple[bool, str | None]:
    right, outdated = _HASHER.verify_and_update(password[:_LONGEST], stored or _nobodys_hash())
    if stored is None:
        return False, None
    return right and len(password) <= _LONGEST, outdated


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
