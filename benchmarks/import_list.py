"""A list of customers as another system gives it, of any size, with a seeded share of rows that are broken.

The same size, encoding and seed give the same file. What becomes of each row is told with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import xlsxwriter

from crm_core.demo import names
from crm_core.demo.places import PLACES

HEADER = (
    *("客户编号", "客户姓名", "手机号码", "性别", "出生日期", "邮箱", "省份", "城市", "地址", "邮编", "经销商"),
    *("销售顾问", "服务顾问", "品牌", "备注", "最近进厂", "积分"),
)
FIELDS = (
    *("customer_key", "name", "number", "gender", "birth_year", "email", "province", "city", "street", "postcode"),
    *("dealer", "sales_consultant", "service_adviser", "brand", "", "", ""),
)
REMARK = HEADER.index("备注")
BROKEN = 0.01  # of the rows
LONG_ROW = 1_500  # its address is 5 MB long
_LONG_CELL = 5 * 1024 * 1024
_SYLLABLES = names.words(
    "建 国 志 强 海 燕 晓 梅 文 博 雨 晨 思 远 佳 琪 俊 杰 丽 华 春 红 永 刚 玉 兰 子 轩 欣 怡 浩 然"
)
_REMARKS = (
    "客户反映空调异响，已约周六上午到店检查",
    "首保已完成，下次保养里程 10000 公里，请提前一周电话预约",
    "公司用车，联系人为行政部，发票抬头与登记名称一致；上门取送车需提前两天确认司机",
    "",
)


@dataclass
class Told:
    """`kept` are the rows that are customers, each of them once; `refused` are counted by what is wrong with them."""

    rows: int = 0
    kept: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def write_csv(
    path: Path, size: int, *, encoding: str = "utf-8", dealers: tuple[str, ...] = (), seed: int = 1, remark: int = 0
) -> Told:
    """At least `size` bytes, and not a row more. `dealers` are codes that the site knows.

    `remark` characters are added to each row's remark: with 250 a row has a kilobyte, as lists with a history have.
    """
    told = Told()
    with path.open("wb") as out:
        out.write((",".join(HEADER) + "\r\n").encode(encoding))
        for line in _lines(Random(f"list {seed}"), dealers, encoding, told, "记" * remark):
            out.write(line)
            if out.tell() >= size:
                return told
    return told


def write_sheet(path: Path, rows: int, *, dealers: tuple[str, ...] = (), seed: int = 1) -> Told:
    """As a spreadsheet, with shared strings as Excel writes them; its broken rows are those that a sheet can have."""
    random, told = Random(f"list {seed}"), Told()
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for line in range(1, rows + 1):
            cells = _row(random, line, dealers)
            if random.random() < BROKEN:
                cells[4] = "1980-02-30"
                told.refused["date_impossible"] += 1
            else:
                told.kept += 1
            sheet.write_row(line, 0, cells)
    told.rows = rows
    return told


def _lines(random: Random, dealers: tuple[str, ...], encoding: str, told: Told, remark: str) -> Iterator[bytes]:
    breakers = tuple(_BREAKERS)
    number = 0
    while True:
        number += 1
        told.rows += 1
        cells = _row(random, number, dealers)
        cells[REMARK] += remark
        if number == LONG_ROW:
            told.refused["too_long"] += 1
            yield _plain([*cells[:8], "长" * (_LONG_CELL // 3), *cells[9:]], encoding)
        elif number > 1 and random.random() < BROKEN:
            kind = breakers[told.refused.total() % len(breakers)]
            told.refused[kind] += 1
            yield _BREAKERS[kind](cells, encoding)
        else:
            told.kept += 1
            yield _plain(cells, encoding)


def _row(random: Random, number: int, dealers: tuple[str, ...]) -> list[str]:
    surname, salutation = names.person(random)
    name = surname[0] + "".join(random.sample(_SYLLABLES, random.choice((1, 2, 2, 2))))
    if number % 1000 == 7:
        name = "Robert'); DROP TABLE customer;--"  # a name, and kept as one
    place = random.choice(PLACES)
    return [
        f"C{number:07d}",
        name,
        # Nobody twice: the last eight digits are the row's number.
        f"138{number:08d}",
        "男" if salutation == "先生" else "女",
        f"{random.randint(1955, 2004)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
        f"c{number}@example.cn" if random.random() < 0.4 else "",
        place.city,
        place.city,
        f"人民大街 {random.randint(1, 9999)} 号 {random.randint(1, 30)} 栋 {random.randint(101, 2804)} 室",
        f"{random.randint(100000, 899999)}",
        random.choice(dealers) if dealers and random.random() < 0.8 else "",
        random.choice(("李娜", "张伟", "王磊", "")),
        random.choice(("刘洋", "陈静", "")),
        "远辰",
        random.choice(_REMARKS),
        f"2026-0{random.randint(1, 7)}-{random.randint(10, 28)}",
        f"{random.randint(0, 90000)}",
    ]


def _plain(cells: list[str], encoding: str) -> bytes:
    return (",".join(cells) + "\r\n").encode(encoding)


def _changed(place: int, cell: str) -> Callable[[list[str], str], bytes]:
    return lambda cells, encoding: _plain([*cells[:place], cell, *cells[place + 1 :]], encoding)


def _wrong_bytes(cells: list[str], encoding: str) -> bytes:
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    parts = _plain(cells, encoding).split(b",")
    parts[1] = "陈建国".encode(other) if encoding == "utf-8" else b"\xff\xff\xff"
    return b",".join(parts)


def _more_cells(cells: list[str], encoding: str) -> bytes:
    return _plain([*cells, "一列", "太多"], encoding)


def _never_closed(cells: list[str], encoding: str) -> bytes:
    return _plain([*cells[:8], f'"{cells[8]}', *cells[9:]], encoding)


_BREAKERS: dict[str, Callable[[list[str], str], bytes]] = {
    "double": _changed(0, "C0000001"),
    "date_impossible": _changed(4, "1980-02-30"),
    "formula": _changed(1, "<script>alert(1)</script>"),
    "signs": _wrong_bytes,
    "columns": _more_cells,
    "nul": _changed(1, "陈\0建国"),
    "quote": _never_closed,
    "number": _changed(2, "12345"),
    "too_long": _changed(8, "长" * 201),
    "unknown_dealer": _changed(10, "XX99"),
}
