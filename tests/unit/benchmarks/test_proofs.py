"""What a proof at its stated size has shown stays told, with the commit on which it was shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import proofs

SAYS = "import json; print(json.dumps({'figures': {'p95_ms': 41.0}, 'ratios': {'growth': 1.04}}))"

KILLS = """import sys
open(sys.argv[2], "w").write("<testsuite><property name='away' value='{&apos;worst&apos;: 1.5}'/></testsuite>")
raise SystemExit(1)"""


@pytest.fixture(autouse=True)
def two_proofs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parts = [
        ("bench reports", [sys.executable, "-c", SAYS]),
        ("kills[200]", [sys.executable, "-c", KILLS]),
    ]
    monkeypatch.setattr(proofs, "NOTES", tmp_path / "proofs.json")
    monkeypatch.setattr(proofs, "REPORT", tmp_path / "proofs.md")
    monkeypatch.setattr(proofs, "_parts", lambda: parts)
    return tmp_path


def test_the_page_tells_figures_and_what_failed(two_proofs: Path) -> None:
    assert proofs.main([]) == 1
    page = (two_proofs / "proofs.md").read_text()
    assert "| bench reports | passed |" in page
    assert "p95_ms 41, growth (ratio) 1.04" in page
    assert "| kills[200] | **failed** |" in page
    assert "| away worst: 1.5 |" in page


def test_what_passed_is_not_run_again_until_the_sources_change(
    two_proofs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proofs.main(["reports"]) == 0
    capsys.readouterr()
    assert proofs.main(["reports"]) == 0
    assert "bench reports ..." not in capsys.readouterr().out
    monkeypatch.setattr(proofs, "_fingerprint", lambda: "others")
    proofs.main(["reports"])
    assert "bench reports ..." in capsys.readouterr().out


def test_what_was_shown_on_earlier_sources_stays_with_its_commit(two_proofs: Path) -> None:
    proofs.main(["reports"])
    [first] = json.loads((two_proofs / "proofs.json").read_text())
    (two_proofs / "proofs.json").write_text(json.dumps([{**first, "commit": "1234567890", "sources": "earlier"}]))
    proofs.main(["kills"])
    page = (two_proofs / "proofs.md").read_text()
    assert "| bench reports | passed |" in page
    assert "| 1234567890 |" in page
