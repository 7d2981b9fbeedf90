"""Keeps Python's search for reference cycles from standing in the way of calls."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 20_000  # Python's own 700 is for short programs: here it cost a search several times a second
OLD_SEARCHES = 50


def quiet_memory() -> None:
    """Call once, when everything is loaded: what is there now stays for ever and is never searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, OLD_SEARCHES)
