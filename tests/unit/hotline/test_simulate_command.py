"""`hotline simulate`: any file of rows is either played or refused with a sentence that names line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.erlang_rows import read
from crm_core.errors import Invalid
from tests.command import app

HEAD = "model,calls_per_hour,aht_s,patience_s,agents,target_s,erlangs,p_wait_or_block,asa_s\n"


def file_of(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "rows.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Erlang-D,10,180,,5,20,,,", "Line 2: the model 'Erlang-D' is none of Erlang-B, Erlang-C, Erlang-A."),
        ("Erlang-C,10,180,,0,20,,,", "agents must be a number from 1 to"),
        ("Erlang-C,10,180,,2.5,20,,,", "agents must be a whole number, not 2.5"),
        ("Erlang-C,10,180,,many,20,,,", "agents must be a number from 1 to 20000; it is 'many'"),
        ("Erlang-C,,180,,5,20,,,", "erlangs must be a number from 1e-06 to 200000; it is empty"),
        ("Erlang-C,-3,180,,5,20,,,", "calls_per_hour must be"),
        ("Erlang-C,10,inf,,5,20,,,", "aht_s must be"),
        ("Erlang-C,10,,,5,20,,,", "aht_s must be"),
        ("Erlang-A,10,180,,5,20,,,", "patience_s must be"),
        ("Erlang-A,10,180,0,5,20,,,", "patience_s must be"),
        ("Erlang-A,10000,180,1e9,5,20,,,", "callers wait at a time"),
        ("Erlang-C,10,180,,5,-1,,,", "target_s must be"),
        ("Erlang-C,10,180,,5,20,,1.5,", "p_wait_or_block must be a number from 0 to 1; it is '1.5'"),
        ("Erlang-C,10,180,,5,20,,,x", "asa_s must be"),
        ("Erlang-C,10,180,,5,20,,,,9,9", "Line 2 has more cells than the heading."),
    ],
)
def test_a_field_that_cannot_be_used_is_named(tmp_path, line, sentence):
    with pytest.raises(Invalid) as refused:
        read(file_of(tmp_path, line))
    assert sentence in str(refused.value)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    for text in (b"", b"\xff\xfe\x00", b"agents,erlangs\n1,1\n", HEAD.encode()):
        path = tmp_path / "rows.csv"
        path.write_bytes(text)
        with pytest.raises(Invalid):
            read(path)
    with pytest.raises(Invalid, match="cannot be read"):
        read(tmp_path / "missing.csv")


def test_rows_at_the_edge_are_played(tmp_path):
    """One agent, nearly no patience, nearly full, a large site, no target, hardly any call that waits."""
    path = file_of(
        tmp_path,
        "Erlang-C,10,180,,1,20,,,",
        "Erlang-A,200,180,0.01,10,20,,,",
        "Erlang-C,199,180,,10,20,,,",
        "Erlang-A,12000,300,60,1000,20,,,",
        "Erlang-C,60,300,,8,,,,",
        "Erlang-C,20,180,,12,20,,,",
        "erlang_b,,,,5,,2,nan,",
    )
    done = CliRunner().invoke(app, ["simulate", "--rows", str(path), "--calls", "6000", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["name"] == "simulate"
    assert (result["figures"]["rows"], result["figures"]["rows_outside"]) == (7, 0)
    assert "sl_answered_in_T_of_offered" not in result["rows_detail"][4]["figures"]
    assert "seed" in result["conditions"]


def test_a_row_without_a_steady_state_is_said_to_have_none_and_a_false_figure_is_outside(tmp_path):
    rows = file_of(
        tmp_path, "Erlang-C,200,180,,10,20,,,", "Erlang-C,200,180,,10,20,,0.9,100", "Erlang-B,,,,10,,4.461,0.02,"
    )
    done = CliRunner().invoke(app, ["simulate", "--rows", str(rows), "--calls", "20000", "--json"])
    told = json.loads(done.stdout)["rows_detail"]
    assert [row["within"] for row in told] == [True, False, False]
    assert "no steady state" in told[0]["note"]
    assert "by the formula" in told[2]["note"]


def test_too_few_calls_are_refused(tmp_path):
    rows = file_of(tmp_path, "Erlang-C,10,180,,1,20,,,")
    done = CliRunner().invoke(app, ["simulate", "--rows", str(rows), "--calls", "5"])
    assert done.exit_code == 2
    assert "too few" in done.output
