"""Keeps memory from standing in the way of calls, and of a start: Python's search for cycles, the C library's heap."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread

YOUNG_OBJECTS = 20_000  # Python's own 700 is for short programs: here it cost a search several times a second
OLD_SEARCHES = 50
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the names M_… of glibc's malloc.h
LARGE_BYTES, FREE_BYTES = 64 * 1024, 128 * 1024
TRIM_SECONDS = 30.0


@contextmanager
def unsearched() -> Iterator[None]:
    """While modules are loaded: what they make stays, and to search it again and again takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def quiet_memory() -> None:
    """Call when everything is loaded: what is there now stays for ever and is never searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, OLD_SEARCHES)
    give_memory_back()


@cache
def give_memory_back() -> bool:
    """What is free goes back to the machine, at once or within TRIM_SECONDS. False = another C library; once at most.

    Sound, reports and pages are large blocks for a moment. Left alone, glibc raises its limit for giving such back to
    the largest one ever freed (mallopt(3), "dynamic mmap threshold"); later ones come from the heaps of the threads,
    tear holes in them, and a process keeps what it needed for a moment.
    """
    library = ctypes.CDLL(None)
    if not (hasattr(library, "mallopt") and hasattr(library, "malloc_trim")):
        return False
    library.mallopt(MMAP_THRESHOLD, LARGE_BYTES)
    library.mallopt(TRIM_THRESHOLD, FREE_BYTES)
    Thread(target=_trim, args=(library,), name="memory", daemon=True).start()
    return True


def _trim(library: ctypes.CDLL) -> None:
    """The holes: malloc_trim(3) looks through the heaps of all threads, in less than a millisecond."""
    while True:
        time.sleep(TRIM_SECONDS)
        library.malloc_trim(0)
