"""A process that works with much memory for a moment does not keep it."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import os, sys, time
from threading import Thread
from benchmarks.process_samples import own_memory
from hotline import quiet_memory

quiet_memory.TRIM_SECONDS = 0.2
if sys.argv[1] == "quiet" and not quiet_memory.give_memory_back():
    sys.exit("no such C library")
report = bytes(24_000_000)
del report  # from now on glibc takes blocks of up to this size from the heap
before = own_memory(os.getpid())
"""
END = """
time.sleep(1.0)
print(own_memory(os.getpid()) - before)
"""
LARGE = """
kept = [(bytearray(1_000_000), bytearray(2_000)) for _ in range(100)]
kept = [small for _, small in kept]  # what is small and stays lies between what was large
"""
SMALL = """
kept = []
def work():
    made = [bytearray(3_000) for _ in range(20_000)]
    kept.extend(made[::200])
thread = Thread(target=work)
thread.start()
thread.join()
"""


def grown(how: str, work: str) -> float:
    """MB that stay with the process when it has freed what it worked with."""
    program = BEGIN + work + END
    said = subprocess.run([sys.executable, "-c", program, how], capture_output=True, text=True, check=False)
    if "no such C library" in said.stderr:
        pytest.skip("this C library cares for it by itself, or not at all")
    assert said.returncode == 0, said.stderr
    return float(said.stdout)


@pytest.mark.parametrize("work", [LARGE, SMALL], ids=["large blocks", "a thread's small ones"])
def test_what_was_freed_goes_back_to_the_machine_although_something_between_it_stays(work: str) -> None:
    assert grown("quiet", work) < 10
    assert grown("as it was", work) > 40, "else this test shows nothing"
