"""Keeps memory from standing in the way of calls, and of a start: Python's search for cycles, the C library's heap."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 20_000  # Python's own 700 is for short programs: here it cost a search several times a second
OLD_SEARCHES = 50
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the names M_… of glibc's malloc.h
LARGE_BYTES, FREE_BYTES = 64 * 1024, 128 * 1024


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
    give_back_large_blocks()


def give_back_large_blocks() -> bool:
    """Sound, reports and pages are large blocks for a moment; each goes back to the machine. False = another C library.

    Left alone, glibc raises its limit for that to the largest block ever freed (mallopt(3), "dynamic mmap threshold"):
    later ones come from the heap, tear holes in it, and a process grows for hours.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    return bool(library.mallopt(MMAP_THRESHOLD, LARGE_BYTES) and library.mallopt(TRIM_THRESHOLD, FREE_BYTES))
