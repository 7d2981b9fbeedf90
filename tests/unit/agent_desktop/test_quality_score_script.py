"""The score that a reviewer sees while marking is the one that the server keeps: both are asked the same 400 cases."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent_desktop.quality.panel import for_script
from crm_core.quality.form_queries import Given
from crm_core.quality.forms import Criterion, Form, Knockout, Section
from crm_core.quality.scoring import SKIPPED, Marks, score
from crm_core.questionnaires.questions import Words

FRONTEND = Path(__file__).parents[3] / "agent_desktop/frontend"
ASKS = """import { score } from "SCRIPT";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(cases.map(([scale, points, knocked]) => {
  const found = score(scale, points, knocked);
  return [found.tenths, found.missing, found.capped];
})));
"""


def cases() -> list[tuple[Form, Marks]]:
    rng, found = random.Random(7), []
    for _ in range(400):
        criteria = tuple(
            Criterion(
                id=f"c{n}",
                words=Words("x"),
                steps=(0, *sorted(rng.sample(range(1, 101), rng.randint(1, 5)))),
                skippable=n > 0,
            )
            for n in range(rng.randint(1, 8))
        )
        knockouts = tuple(Knockout(id=f"k{n}", words=Words("x"), cap=rng.randint(0, 99)) for n in range(2))
        form = Form(title=Words("x"), sections=(Section(words=Words("x"), criteria=criteria),), knockouts=knockouts)
        points = {one.id: rng.choice([*one.steps, SKIPPED, 101]) for one in criteria if rng.random() < 0.9}
        knocked = frozenset(one.id for one in knockouts if rng.random() < 0.2)
        found.append((form, Marks(points=points, knocked=knocked)))
    return found


def told_by_server(form: Form, marks: Marks) -> list[Any]:
    found = score(form, marks)
    return [found.tenths, list(found.missing), found.capped]


def test_the_browser_and_the_server_add_up_alike(tmp_path: Path):
    node = shutil.which("node") or str(Path(sys.prefix) / "node-bin/node")
    bundle = FRONTEND / "node_modules/.bin/esbuild"
    if not (Path(node).exists() and bundle.exists()):
        pytest.skip("the front end's packages are not here: hotline setup --tests")
    asks, whole, asked = tmp_path / "asks.mjs", tmp_path / "whole.mjs", tmp_path / "cases.json"
    asks.write_text(ASKS.replace("SCRIPT", str(FRONTEND / "quality_score.ts")))
    sent = [
        [dict(for_script(Given(form=1, version=1, content=form))), dict(marks.points), sorted(marks.knocked)]
        for form, marks in cases()
    ]
    asked.write_text(json.dumps(sent))
    subprocess.run(
        [str(bundle), str(asks), "--bundle", "--platform=node", "--format=esm", f"--outfile={whole}"],
        check=True, capture_output=True, env=os.environ | {"PATH": f"{Path(node).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    answer = subprocess.run([node, str(whole), str(asked)], check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout) == [told_by_server(form, marks) for form, marks in cases()]
