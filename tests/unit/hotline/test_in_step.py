"""A platform that routed calls did not die of its start."""

import os
from pathlib import Path

from hotline.in_step import note_in_step, was_in_step


def test_only_the_process_that_routed_calls_is_remembered_as_in_step(tmp_path: Path):
    assert not was_in_step(tmp_path, os.getpid())
    note_in_step(tmp_path)
    assert was_in_step(tmp_path, os.getpid())
    assert not was_in_step(tmp_path, os.getpid() + 1)


def test_a_torn_note_is_no_note(tmp_path: Path):
    (tmp_path / "in-step").write_text("12x")
    assert not was_in_step(tmp_path, 12)
