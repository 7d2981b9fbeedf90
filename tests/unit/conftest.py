"""For all unit tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from tests.cheap_hashes import cheap_hashes

__all__ = ["cheap_hashes", "log_as_before"]


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command that chooses where its log goes does so for its own process, not for the tests after it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
