"""The stated sizes of every proof, one after the other: `python -m benchmarks.proofs [WORD ...]` for `make test-full`.

With words only proofs whose names hold one of them. What has passed on the same sources is not run again, so an
interrupted run goes on. After each, docs/proofs.md is written: what was shown on earlier sources stays in it, with its
commit, until it is shown anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from hotline.bench import BENCHES

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / "docs" / "proofs.json"
REPORT = ROOT / "docs" / "proofs.md"
PYTHON = sys.executable
NO_MARKS = str.maketrans("", "", "{}'")
PROPERTIES = ("tests/unit/acd", "tests/unit/cti", "tests/unit/ivr", "tests/unit/crm_core")


@dataclass(frozen=True, slots=True)
class Proof:
    """What was run and how it went; `figures` is what a measurement said, `load` the machine's before it began."""

    name: str
    passed: bool
    seconds: float
    at: str
    commit: str
    sources: str
    load: float
    figures: str = ""


def main(words: list[str]) -> int:
    sources, known = _fingerprint(), {proof.name: proof for proof in _noted()}
    parts = [(name, command) for name, command in _parts() if not words or any(word in name for word in words)]
    for name, command in parts:
        before = known.get(name)
        if before is None or not before.passed or before.sources != sources:
            print(f"{name} ...", flush=True)
            known[name] = _run(name, command, sources)
            print(f"{name}: {'passed' if known[name].passed else 'FAILED'} in {known[name].seconds:.0f} s", flush=True)
            _note(list(known.values()))
    return 0 if all(known[name].passed for name, _ in parts) else 1


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


def _run(name: str, command: list[str], sources: str) -> Proof:
    began, load = time.monotonic(), os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        more = () if name.startswith("bench ") else ("--junitxml", str(told))
        done = subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=False)
        passed = done.returncode == 0
        figures = _figures(done.stdout) if passed and not more else _recorded(told)
    if not passed:
        print((done.stdout + done.stderr)[-4000:], flush=True)
    return Proof(
        name=name,
        passed=passed,
        seconds=round(time.monotonic() - began),
        at=datetime.now(UTC).isoformat(timespec="minutes"),
        commit=_git("rev-parse", "--short=10", "HEAD").strip(),
        sources=sources,
        load=round(load, 1),
        figures=figures,
    )


def _figures(output: str) -> str:
    result = json.loads(output.strip().splitlines()[-1])
    told = {**result["figures"], **{f"{key} (ratio)": value for key, value in result["ratios"].items()}}
    return ", ".join(f"{key} {value:,.3g}" for key, value in told.items())


def _recorded(told: Path) -> str:
    """What the tests kept by `record_property`, also those that failed then."""
    if not told.exists():
        return ""
    found = ((one.get("name"), one.get("value", "")) for one in ElementTree.parse(told).iter("property"))  # noqa: S314
    return ", ".join(f"{name} {value.translate(NO_MARKS)}" for name, value in found)


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _fingerprint() -> str:
    """Of everything but the documents: another wording proves nothing anew."""
    digest = hashlib.sha256()
    for name in _git("ls-files").splitlines():
        if not name.endswith(".md") and not name.startswith("docs/") and (ROOT / name).is_file():
            digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()[:16]


def _noted() -> list[Proof]:
    return [Proof(**row) for row in json.loads(NOTES.read_text())] if NOTES.exists() else []


def _note(proofs: list[Proof]) -> None:
    proofs = sorted(proofs, key=lambda proof: proof.name)
    NOTES.write_text(json.dumps([asdict(proof) for proof in proofs], indent=1, ensure_ascii=False) + "\n")
    REPORT.write_text(_report(proofs))


def _report(proofs: list[Proof]) -> str:
    head = (
        "# Proofs at their stated sizes\n\nWritten by `make test-full`; `make test` runs each at a reduced size.\n"
        f"Machine: {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"{platform.system()}. Load is what the machine had to do before the proof began.\n\n"
        "| proof | result | time | when (UTC) | commit | load | figures |\n|---|---|---|---|---|---|---|\n"
    )
    rows = (
        f"| {proof.name} | {'passed' if proof.passed else '**failed**'} | {proof.seconds:.0f} s | {proof.at[:16]} "
        f"| {proof.commit} | {proof.load} | {proof.figures} |\n"
        for proof in proofs
    )
    return head + "".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
