"""Keeps Python's search for reference cycles from standing in the way of calls, and of a start."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 20_000  # Python's own 700 is for short programs: here it cost a search several times a second
OLD_SEARCHES = 50


@contextmanager
def unsearched() -> Iterator[None]:
    """While modules are loaded: what they make stays, and to search it again and again takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def quiet_memory() -> None:
    """Call once, when everything is loaded: what is there now stays for ever and is never searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, OLD_SEARCHES)
