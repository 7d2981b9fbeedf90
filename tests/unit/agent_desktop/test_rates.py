"""A rate is the same figure on a page, on a board and on paper, also where it lies half way between two tenths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent_desktop.formats import rate, rate_figure

FRONT_END = Path(__file__).resolve().parents[3] / "agent_desktop" / "frontend"
ASKED = """
process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).map(
  ([part, whole]) => rateFigure(Number((part / whole).toFixed(9))))));
"""


def by_hand(part: int, whole: int) -> str:
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


@pytest.mark.parametrize(("part", "whole", "figure"), [(1, 16, "6.3"), (17, 80, "21.3"), (1, 3, "33.3"), (0, 5, "0.0")])
def test_a_half_goes_up(part: int, whole: int, figure: str):
    assert rate_figure(part / whole) == by_hand(part, whole) == figure
    assert rate(part / whole) == f"{figure}%"


def test_every_rate_of_up_to_400_calls_is_as_by_hand():
    assert all(rate_figure(p / q) == by_hand(p, q) for q in range(1, 401) for p in range(q + 1))


def test_the_browser_writes_the_same_figures():
    """The board's own code, translated and run by Node, for every share that a half can be."""
    shares = [(p, q) for q in (16, 80, 400, 2000, 7, 960) for p in range(q + 1)]
    path = os.pathsep.join((os.environ["PATH"], str(Path(sys.prefix) / "node-bin")))
    esbuild = [str(FRONT_END / "node_modules" / ".bin" / "esbuild"), "rates.ts", "--format=iife", "--global-name=it"]
    environment = os.environ | {"PATH": path}
    built = subprocess.run(esbuild, cwd=FRONT_END, env=environment, capture_output=True, text=True, check=True).stdout
    node = [shutil.which("node", path=path) or "node", "-e"]
    script = f"{built};const rateFigure = it.rateFigure;{ASKED}"
    told = subprocess.run([*node, script, json.dumps(shares)], capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == [by_hand(p, q) for p, q in shares]
