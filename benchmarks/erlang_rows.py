"""Reads a file of Erlang rows: traffic and agents, and the exact figures that the engine shall reproduce.

Columns as in erlang-rows.csv. A figure that is left empty ("", "-", "n/a", "nan", "inf") comes from the formulas.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path

from benchmarks.control_variates import exact_figures
from crm_core.errors import Invalid
from reports.staffing import Load

MODELS = ("Erlang-B", "Erlang-C", "Erlang-A")
COLUMN_OF = {
    "occupancy": "occupancy",
    "waits": "p_wait_or_block",
    "mean_wait": "asa_s",
    "in_time": "sl_answered_in_T_of_offered",
    "gives_up": "p_abandon",
}
NOT_DEFINED = ("", "-", "n/a", "nan", "inf")
USUAL_TALK = 180.0  # of rows that give the load only: blocking does not depend on it
MOST_AGENTS, MOST_CALLS_PER_HOUR, MOST_SECONDS, MOST_IN_LINE = 20_000, 1e7, 1e7, 1e5
SAME = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`exact` has the figures to compare with; without a steady state there are none. `note` says what is odd."""

    line: int
    model: str
    load: Load
    exact: Mapping[str, float]
    note: str = ""
    impossible: bool = False

    @property
    def blocking(self) -> bool:
        return self.model == "Erlang-B"


def read(path: Path) -> list[Row]:
    """Invalid, with the line and the column, when something cannot be used."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            cells = [(table.line_num, row) for row in table]
            columns = table.fieldnames or []
    except OSError as wrong:
        raise Invalid("{path} cannot be read: {why}.", path=path, why=wrong.strerror) from wrong
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Invalid("{path} is not a CSV file in UTF-8: {why}.", path=path, why=wrong) from wrong
    missing = [name for name in ("model", "agents") if name not in columns]
    if missing:
        raise Invalid("{path} has no column {names}.", path=path, names=" and no column ".join(missing))
    if not cells:
        raise Invalid("{path} has no row below its heading.", path=path)
    return [_row(line, cell) for line, cell in cells]


def _row(line: int, cells: Mapping[str | None, str | Sequence[str] | None]) -> Row:
    if None in cells:
        raise Invalid("Line {line} has more cells than the heading.", line=line)
    texts = {name: text.strip() if isinstance(text, str) else "" for name, text in cells.items() if name is not None}
    model = next((model for model in MODELS if model.lower() == texts["model"].lower().replace("_", "-")), None)
    if model is None:
        raise Invalid(
            "Line {line}: the model {model!r} is none of {models}.",
            line=line,
            model=texts["model"],
            models=", ".join(MODELS),
        )
    load = _load(line, model, texts)
    if model == "Erlang-C" and load.erlangs >= load.agents:
        given = [name for name, column in COLUMN_OF.items() if texts.get(column, "").lower() not in NOT_DEFINED]
        return Row(
            line=line,
            model=model,
            load=load,
            exact={},
            note=f"{load.erlangs:g} erlangs on {load.agents} agents have no steady state: the queue grows for ever",
            impossible=bool(set(given) - {"occupancy"}),
        )
    return _with_figures(line, model, load, texts)


def _with_figures(line: int, model: str, load: Load, texts: Mapping[str, str]) -> Row:
    ours = exact_figures(load, blocking=model == "Erlang-B")
    compared = ["occupancy", "waits"] if model == "Erlang-B" else list(COLUMN_OF)
    if load.target == inf and model != "Erlang-B":
        compared.remove("in_time")
    exact, doubts = {}, []
    for name in compared:
        text = texts.get(COLUMN_OF[name], "")
        exact[name] = ours[name]
        if text.lower() in NOT_DEFINED:
            continue
        exact[name] = _number(line, COLUMN_OF[name], text, least=0.0, most=inf if name == "mean_wait" else 1.0)
        if abs(exact[name] - ours[name]) > SAME * max(abs(ours[name]), SAME):
            doubts.append(f"{COLUMN_OF[name]} is {text} here and {ours[name]:.10g} by the formula")
    return Row(line=line, model=model, load=load, exact=exact, note="; ".join(doubts))


def _load(line: int, model: str, texts: Mapping[str, str]) -> Load:
    agents = _number(line, "agents", texts["agents"], least=1, most=MOST_AGENTS)
    if agents != int(agents):
        raise Invalid("Line {line}: agents must be a whole number, not {text}.", line=line, text=texts["agents"])
    talk, calls = _talk_and_calls(line, model, texts)
    target = inf
    if texts.get("target_s", ""):
        target = _number(line, "target_s", texts["target_s"], least=0.0, most=MOST_SECONDS)
    patience = inf
    if model == "Erlang-A":
        patience = _number(line, "patience_s", texts.get("patience_s", ""), least=1e-6, most=1e9)
        _check_line(line, calls / 3600, int(agents) / talk, patience)
    return Load(calls_per_hour=calls, talk=talk, agents=int(agents), patience=patience, target=target)


def _talk_and_calls(line: int, model: str, texts: Mapping[str, str]) -> tuple[float, float]:
    """Mean talk and calls per hour; the one that is missing comes from the erlangs."""
    talk_text, calls_text, erlangs_text = (texts.get(name, "") for name in ("aht_s", "calls_per_hour", "erlangs"))
    if not talk_text and model == "Erlang-B" and not calls_text:
        talk = USUAL_TALK
    else:
        talk = _number(line, "aht_s", talk_text, least=1e-3, most=MOST_SECONDS)
    if calls_text:
        return talk, _number(line, "calls_per_hour", calls_text, least=1e-6, most=MOST_CALLS_PER_HOUR)
    erlangs = _number(line, "erlangs", erlangs_text, least=1e-6, most=float(MOST_AGENTS) * 10)
    return talk, erlangs * 3600 / talk


def _check_line(line: int, coming: float, talks: float, patience: float) -> None:
    in_line = max((coming - talks) * patience, 0.0)
    if in_line > MOST_IN_LINE or (coming * patience) ** 0.5 > MOST_IN_LINE:
        raise Invalid(
            "Line {line}: with this patience about {callers:.0f} callers wait at a time; {most:.0f} at most can be "
            "simulated.",
            line=line,
            callers=max(in_line, (coming * patience) ** 0.5),
            most=MOST_IN_LINE,
        )


def _number(line: int, column: str, text: str, *, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = inf if text else -inf
    if not isfinite(value) or not least <= value <= most:
        shown = repr(text) if text else "empty"
        raise Invalid(
            "Line {line}: {column} must be a number from {least:g} to {most:g}; it is {text}.",
            line=line,
            column=column,
            least=least,
            most=most,
            text=shown,
        )
    return value
