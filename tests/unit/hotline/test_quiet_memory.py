"""A process that works with large blocks all day does not keep them."""

from __future__ import annotations

import subprocess
import sys

import pytest

WORKS = """
import sys
from benchmarks.process_samples import own_memory
from hotline.quiet_memory import give_back_large_blocks
import os

if sys.argv[1] == "quiet" and not give_back_large_blocks():
    sys.exit("no mallopt")
report = bytes(24_000_000)
del report  # from now on glibc takes blocks of up to this size from the heap
before, kept = own_memory(os.getpid()), []
for _ in range(100):
    block, small = bytearray(1_000_000), bytearray(2_000)
    kept.append((block, small))
kept = [small for _, small in kept]  # what is small and stays lies between what was large
print(own_memory(os.getpid()) - before)
"""


def grown(how: str) -> float:
    """MB that stay with the process when its large blocks are freed."""
    said = subprocess.run([sys.executable, "-c", WORKS, how], capture_output=True, text=True, check=False)
    if "no mallopt" in said.stderr:
        pytest.skip("this C library gives large blocks back by itself")
    assert said.returncode == 0, said.stderr
    return float(said.stdout)


def test_large_blocks_go_back_to_the_machine_although_small_ones_between_them_stay() -> None:
    assert grown("quiet") < 10
    assert grown("as it was") > 50, "else this test shows nothing"
