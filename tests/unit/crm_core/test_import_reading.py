"""What files look like when people send them: encodings, separators, dates, broken rows, and worse."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from crm_core.imports import cells
from crm_core.imports.fields import KINDS, guess, missing
from crm_core.imports.files import convert, rows_from
from crm_core.imports.reading import RawRow, read_row
from crm_core.imports.unusable import Unusable

SITE = ZoneInfo("Asia/Shanghai")
HEADER = "客户姓名,手机号码,城市"


def converted(folder: Path, content: bytes, kind: str = "customers") -> tuple[Any, list[RawRow]]:
    source, target = folder / "coming", folder / "rows"
    source.write_bytes(content)
    found = convert(source, target, kind)
    return found, rows_from(target, 0, 1000)[0]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_encoding_and_separator_is_read(tmp_path: Path, encoding: str, told: str, separator: str):
    text = f"{HEADER}\r\n陈建国,13843107706,长春\r\n王伟,13843107707,吉林\r\n".replace(",", separator)
    padding = "a" * 400 + "\r\n" if encoding == "utf-16-le" else ""
    found, rows = converted(tmp_path, (text + padding).encode(encoding))
    assert (found.header, found.encoding) == (HEADER.split(","), told)
    assert [list(row.cells) for row in rows[:2]] == [["陈建国", "13843107706", "长春"], ["王伟", "13843107707", "吉林"]]


def test_the_header_is_found_below_a_title_and_empty_rows_are_none(tmp_path: Path):
    text = f"远辰客户清单,,\n导出日期：2026年7月16日,,\n{HEADER}\n\n陈建国,13843107706,长春\n,,\n"
    found, rows = converted(tmp_path, text.encode())
    assert (found.header, found.rows) == (HEADER.split(","), 1)
    assert (rows[0].line, rows[0].cells[0]) == (5, "陈建国")


def test_a_quotation_mark_that_never_closes_costs_one_row_and_not_the_rest(tmp_path: Path):
    lines = [
        HEADER,
        '"陈建国,1384310770,"',
        '王"伟,13843107707,吉林',
        *(f"甲{n},1384310{n:04d},长春" for n in range(300)),
    ]
    found, rows = converted(tmp_path, "\n".join(lines).encode())
    broken = [row.line for row in rows if row.broken]
    assert broken == [3]
    assert found.rows == len(rows) == 302
    _, multi = converted(tmp_path, f'{HEADER}\n"陈\n建国",13843107706,长春\n'.encode())
    assert multi[0].cells[0] == "陈\n建国"


def test_a_byte_that_is_no_sign_costs_its_own_row(tmp_path: Path):
    content = HEADER.encode("gbk") + b"\n\xff\xff\xff,13843107706,a\n" + "王伟,13843107707,吉林\n".encode("gbk")
    _, rows = converted(tmp_path, content)
    read = [read_row("customers", ["name", "number", "city"], row, SITE) for row in rows]
    assert [row.usable for row in read] == [False, True]
    assert read[0].problems[0].kind == "signs"


def test_some_wrong_bytes_in_the_midst_of_utf8_cost_their_own_row_and_no_name(tmp_path: Path):
    before = "".join(f"陈建国,1384310{n:04d},长春\n" for n in range(200))
    content = f"{HEADER}\n{before}".encode() + b"\xb3\xc2,13843109999,\xff\n" + before.encode()
    found, rows = converted(tmp_path, content)
    assert found.encoding == "utf-8"
    assert {row.cells[0] for row in rows if row.line != 202} == {"陈建国"}
    assert "\ufffd" in rows[200].cells[0]


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x85", "\x1c"])
def test_a_sign_that_only_python_takes_for_a_line_end_cuts_no_row(tmp_path: Path, sign: str):
    _, rows = converted(tmp_path, f"{HEADER}\n陈{sign}建国,13843107706,长春\n".encode())
    assert list(rows[0].cells) == [f"陈{sign}建国", "13843107706", "长春"]


def test_a_spreadsheet_gives_dates_and_numbers_as_people_mean_them(tmp_path: Path):
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for column, heading in enumerate(("VIN码", "交车日期", "客户姓名", "手机", "成交价")):
            sheet.write(0, column, heading)
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(1, 0, ["LYHEA6B1XP0012847"])
        sheet.write_datetime(1, 1, datetime(2026, 7, 16), form)  # noqa: DTZ001  Excel knows no zones
        sheet.write_row(1, 2, ["陈建国", 13843107706, 184000.0])
    found, rows = converted(tmp_path, path.read_bytes(), "deliveries")
    assert list(rows[0].cells) == ["LYHEA6B1XP0012847", "2026-07-16", "陈建国", "13843107706", "184000"]
    assert guess("deliveries", found.header) == ["vin", "delivered_on", "name", "number", "price_yuan"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "neither"),
        (b"PK\x03\x04" + b"x" * 500, "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 500, "damaged"),
        (f"{HEADER}\n".encode(), "no rows"),
        (b"\n\n\n", "No header"),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(tmp_path: Path, content: bytes, sentence: str):
    with pytest.raises(Unusable, match=sentence):
        converted(tmp_path, content)


def test_a_spreadsheet_that_unfolds_to_far_more_than_its_size_is_refused(tmp_path: Path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60 * 2**20))
    with pytest.raises(Unusable, match="unfolds"):
        converted(tmp_path, path.read_bytes())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(Unusable, match="neither"):
        converted(tmp_path, path.read_bytes())


@pytest.mark.parametrize(
    "text", ["2026-07-16", "2026/7/16", "2026年7月16日", "2026.7.16", "20260716", "46219", "2026-07-16 09:30:00"]
)
def test_every_way_to_write_a_date_is_read(text: str):
    assert cells.day(text) == date(2026, 7, 16)


def test_a_time_is_the_sites(tmp_path: Path):
    assert cells.moment("2026年7月16日 9:30", SITE) == datetime(2026, 7, 16, 1, 30, tzinfo=UTC)
    assert cells.moment("2026-07-16", SITE) == datetime(2026, 7, 15, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-02-30", "date_impossible"),
        ("2026年13月1日", "date_impossible"),
        ("1026-07-16", "date_impossible"),
        ("16.7.2026", "date_form"),
        ("soon", "date_form"),
    ],
)
def test_an_impossible_date_says_so(text: str, kind: str):
    with pytest.raises(cells.Unreadable) as refused:
        cells.day(text)
    assert refused.value.kind == kind


def test_a_vin_is_checked_for_its_length_its_signs_and_with_a_warning_its_check_digit():
    row = read_row("vehicles", ["vin", "model"], RawRow(2, ["LYHEA6B18P0012847", "远辰 E6"]), SITE)
    assert row.usable
    assert [(one.kind, one.refused) for one in row.problems] == [("vin_check", False)]
    assert cells.vin_checks("1M8GDM9AXKP042788")  # the example of the US regulation 49 CFR 565
    for text, kind in (("LYHEA6B17P001284", "vin_length"), ("LYHEA6B17PO012847", "vin_signs")):
        with pytest.raises(cells.Unreadable) as refused:
            cells.vin(text)
        assert refused.value.kind == kind
    assert cells.vin(" lyhea6b17p0012847 ") == "LYHEA6B17P0012847"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("=cmd|' /C calc'!A0", "formula"),
        ("@SUM(1+1)", "formula"),
        ("<script>alert(1)</script>", "formula"),
        ("陈\0建国", "signs"),
        ("陈" * 81, "too_long"),
        ("陈" * 3000, "too_long"),
    ],
)
def test_a_hostile_cell_refuses_its_row(cell: str, kind: str):
    row = read_row("customers", ["name", "number"], RawRow(2, [cell, "13843107706"]), SITE)
    assert [(one.kind, one.field) for one in row.problems] == [(kind, "name")]


def test_sql_in_a_name_is_a_name_and_excels_text_marks_are_taken_off():
    row = read_row(
        "customers", ["name", "number"], RawRow(2, ["Robert'); DROP TABLE customer;--", '="13843107706"']), SITE
    )
    assert row.usable
    assert row.facts == {"name": "Robert'); DROP TABLE customer;--", "number": "+8613843107706"}


def test_each_wrong_cell_of_a_row_is_named():
    columns = ["vin", "came_at", "left_at", "mileage_km", "cost_yuan"]
    row = read_row("visits", columns, RawRow(7, ["X", "2026-07-16", "2026-07-15", "weit", ""]), SITE)
    assert [(one.field, one.kind) for one in row.problems] == [
        ("vin", "vin_length"),
        ("mileage_km", "amount"),
        ("left_at", "date_order"),
    ]


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_first_alias_of_every_field_is_guessed_and_nothing_needed_is_missing_then(kind: str):
    header = [field.aliases[0] for field in KINDS[kind]]
    columns = guess(kind, header)
    assert set(filter(None, columns)) >= {field.name for field in KINDS[kind] if field.required}
    assert missing(kind, columns) == []
    assert missing(kind, []) != []


def test_english_headings_are_guessed_too():
    assert guess("vehicles", ["VIN", "Model", "Licence plate", "Odometer", "?"]) == [
        *("vin", "model", "plate", "mileage_km", ""),
    ]


@given(cell=st.text(max_size=60))
def test_no_text_breaks_the_reading_of_any_field(cell: str):
    for kind, all_fields in KINDS.items():
        columns = [field.name for field in all_fields]
        read_row(kind, columns, RawRow(2, [cell] * len(columns)), SITE)
