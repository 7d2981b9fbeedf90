"""The version before this one, as its commit has it: code, tests and tables of then, in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.platform.site import ROOT, CallCentre

FORMER = "0fc3321d7d9f57d7254412ef003e338b495bbd5b"  # v0.1.0, the first one that a next version can replace
BUILT = ("agent_desktop/static/dist",)  # not in the repository; pages of then find the names of now
_SETTLE = (
    "import json, sys; from tests.platform.people import settle;"
    "settle(sys.argv[1], {agent: int(port) for agent, port in json.loads(sys.argv[2]).items()})"
)


def former_version(folder: Path) -> Path:
    """Skips the test where the repository's history is not at hand."""
    archive = subprocess.run(["git", "archive", FORMER], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip(f"the former version is not in this clone's history: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    for path in BUILT:
        (folder / path).symlink_to(ROOT / path)
    return folder


class FormerCentre(CallCentre):
    """Its database is made by the former version's own code."""

    def settle(self, database: str, phones: dict[str, int]) -> None:
        words = [sys.executable, "-c", _SETTLE, database, json.dumps(phones)]
        done = subprocess.run(
            words, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
