"""The calls of a day as lines."""

from __future__ import annotations

import re
from itertools import pairwise

from agent_desktop.desk.call_lines import draw_lines


def spans(path: str) -> dict[int, list[tuple[int, int]]]:
    rows: dict[int, list[tuple[int, int]]] = {}
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        rows.setdefault(int(y), []).append((int(x), int(x) + int(length)))
    return rows


def test_lines_of_one_row_never_touch():
    lines = draw_lines([(8 * 3600 + 40 * k, 30 + k % 400) for k in range(900)])
    assert lines.calls > 500
    for row in spans(lines.path + lines.last).values():
        row.sort()
        assert all(end < begin for (_, end), (begin, _) in pairwise(row))


def test_the_last_call_is_drawn_apart():
    lines = draw_lines([(36000, 120), (72000, 60)])
    assert (lines.path.count("M"), lines.last.count("M"), lines.calls) == (1, 1, 2)


def test_a_day_without_calls_is_an_empty_field():
    assert draw_lines([]).path == ""
