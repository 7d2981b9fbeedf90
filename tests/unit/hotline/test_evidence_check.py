"""`hotline recordings check` needs a file and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from hotline.recordings_command import recordings
from tests.unit.recording.test_evidence import AUDIO, SOUND, packed, rewritten


def test_a_whole_package_is_told_with_its_recordings_and_the_keys_fingerprint(tmp_path: Path):
    told = CliRunner().invoke(recordings, ["check", str(packed(tmp_path))])
    assert told.exit_code == 0
    assert "is whole" in told.output
    assert "Fingerprint of the key inside" in told.output


def test_each_fault_is_named_and_the_exit_status_says_it(tmp_path: Path):
    package = rewritten(packed(tmp_path), {AUDIO: SOUND[::-1]})
    told = CliRunner().invoke(recordings, ["check", str(package)])
    assert told.exit_code == 1
    assert f"CHANGED AUDIO  {AUDIO}" in told.output
    told = CliRunner().invoke(recordings, ["check", "--json", str(package)])
    assert json.loads(told.output)["faults"] == [{"kind": "changed audio", "name": AUDIO, "told": ""}]


def test_another_key_is_refused_when_the_sites_fingerprint_is_given(tmp_path: Path):
    package = packed(tmp_path)
    words = ["check", str(package), "--fingerprint"]
    assert CliRunner().invoke(recordings, [*words, "AB" * 32]).exit_code == 1
    assert CliRunner().invoke(recordings, [*words, "rubbish"]).exit_code == 2
