"""Argon2 with the least work, for tests in this process: the product's 20 ms are against thieves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from crm_core.access import passwords


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Imported by the conftest of a folder, it counts for the whole folder."""
    with pytest.MonkeyPatch.context() as patch:
        cheapest = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_HASHER", PasswordHash((cheapest,)))
        yield
