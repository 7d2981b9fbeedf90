"""Test cases as they are kept: read with a sentence for each fault, the shipped ones from flows/main.tests.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crm_core.errors import Invalid
from ivr.flow_text import read_text
from ivr.trial import Trial

MOST_ANSWERS, MOST_NODES = 60, 200
_TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)


class TrialUnreadable(Invalid):
    """This is no test case; the message names the place."""


def read_trial(case: Mapping[str, Any]) -> Trial:
    """A trial from plain values, as a form or a table has them. Raises TrialUnreadable."""
    try:
        trial = _TRIAL.validate_python(dict(case))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"])[:120]
        reason = str(first["msg"])[:200]
        raise TrialUnreadable("The test case is wrong at {place}: {reason}", place=place, reason=reason) from wrong
    if len(trial.answers) > MOST_ANSWERS or len(trial.path) > MOST_NODES:
        raise TrialUnreadable("A test case has at most {answers} answers.", answers=MOST_ANSWERS)
    return trial


def read_trials(text: str) -> dict[str, Trial]:
    """Name -> test case, from YAML. Raises FlowUnreadable or TrialUnreadable."""
    return {name: read_trial(case if isinstance(case, dict) else {"": case}) for name, case in read_text(text).items()}


def shipped_trials() -> dict[str, Trial]:
    """The test cases of the menu that comes with the product."""
    return read_trials(files("ivr").joinpath("flows", "main.tests.yaml").read_text(encoding="utf-8"))
