"""The stated sizes of every proof, one after the other: `python -m benchmarks.proofs` for `make test-full`.

What has passed on the same sources is not run again, so an interrupted run goes on. Writes docs/proofs.md.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hotline.bench import BENCHES

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / ".make" / "proofs.json"
REPORT = ROOT / "docs" / "proofs.md"
PYTHON = sys.executable
PROPERTIES = ("tests/unit/acd", "tests/unit/cti", "tests/unit/ivr", "tests/unit/crm_core")


@dataclass(frozen=True, slots=True)
class Proof:
    """What was run and how it went; `figures` is what a measurement said."""

    name: str
    passed: bool
    seconds: float
    at: str
    figures: str = ""


def main() -> int:
    sources = _fingerprint()
    done = {proof.name: proof for proof in _noted(sources) if proof.passed}
    for name, command in _parts():
        if name not in done:
            print(f"{name} ...", flush=True)
            done[name] = _run(name, command)
            print(f"{name}: {'passed' if done[name].passed else 'FAILED'} in {done[name].seconds:.0f} s", flush=True)
            _note(sources, list(done.values()))
    REPORT.write_text(_report(list(done.values())))
    return 0 if all(proof.passed for proof in done.values()) else 1


def _parts() -> list[tuple[str, list[str]]]:
    """Each test that is marked `full`, the property tests at their full number of examples, each measurement."""
    pytest = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "7200"]
    listed = subprocess.run(
        [*pytest, "--collect-only", "-m", "full", "tests"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    tests = [line for line in listed.splitlines() if "::" in line and not line.startswith(("<", "="))]
    properties = [path for path in PROPERTIES if (ROOT / path).is_dir()]
    return [
        *((test.removeprefix("tests/"), [*pytest, "-m", "full", test]) for test in tests),
        ("properties", [*pytest, "--hypothesis-profile", "full", "-m", "not full", *properties]),
        *((f"bench {name}", [PYTHON, "-m", "hotline", "bench", name, "--json", "--full"]) for name in BENCHES),
    ]


def _run(name: str, command: list[str]) -> Proof:
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    passed = done.returncode == 0
    if not passed:
        print((done.stdout + done.stderr)[-4000:], flush=True)
    figures = _figures(done.stdout) if passed and name.startswith("bench ") else ""
    return Proof(name, passed, time.monotonic() - began, datetime.now(UTC).isoformat(timespec="minutes"), figures)


def _figures(output: str) -> str:
    result = json.loads(output.strip().splitlines()[-1])
    told = {**result["figures"], **{f"{key} (ratio)": value for key, value in result["ratios"].items()}}
    return ", ".join(f"{key} {value:,.3g}" for key, value in told.items())


def _fingerprint() -> str:
    """Of everything but the documents: another wording proves nothing anew."""
    listed = subprocess.run(
        ["git", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    digest = hashlib.sha256()
    for name in listed.splitlines():
        if not name.endswith(".md") and (ROOT / name).is_file():
            digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()


def _noted(sources: str) -> list[Proof]:
    if not NOTES.exists():
        return []
    notes = json.loads(NOTES.read_text())
    return [Proof(**row) for row in notes["proofs"]] if notes["sources"] == sources else []


def _note(sources: str, proofs: list[Proof]) -> None:
    NOTES.parent.mkdir(exist_ok=True)
    NOTES.write_text(json.dumps({"sources": sources, "proofs": [asdict(proof) for proof in proofs]}))


def _report(proofs: list[Proof]) -> str:
    head = (
        "# Proofs at their stated sizes\n\nWritten by `make test-full`; `make test` runs each at a reduced size.\n"
        f"Machine: {platform.machine()}, Python {platform.python_version()}, {platform.system()}.\n\n"
        "| proof | result | time | when (UTC) | figures |\n|---|---|---|---|---|\n"
    )
    rows = (
        f"| {proof.name} | {'passed' if proof.passed else '**failed**'} | {proof.seconds:.0f} s | {proof.at[:16]} "
        f"| {proof.figures} |\n"
        for proof in sorted(proofs, key=lambda proof: proof.name)
    )
    return head + "".join(rows)


if __name__ == "__main__":
    sys.exit(main())
