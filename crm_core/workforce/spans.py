"""Spans of a day's opening hours: [begin, end] in minutes, read from and written as "08:30-12:00, 13:00-17:30"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from crm_core.errors import Invalid

DAY = 24 * 60
MOST = 6  # spans a day
CLOSED = "closed"
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
_SEPARATOR = re.compile(r"[,，;；、\s]+(?=\d)")

Spans = list[list[int]]


class SpansWrong(Invalid):
    """The hours of a day that cannot be meant; the message says what is wrong with them."""


def read_spans(text: str) -> Spans:
    """ "08:30-12:00, 13:00-17:30" as [[510, 720], [780, 1050]]; "" and "closed" as []. Raises SpansWrong."""
    text = text.strip().replace("：", ":")
    if not text or text.lower() in (CLOSED, "休", "休息"):
        return []
    found = []
    for part in _SEPARATOR.split(text):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise SpansWrong("{text} is not a span of time: write 08:30-12:00, 13:00-17:30.", text=part.strip()[:30])
        begins, ends = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if int(match[2]) > 59 or int(match[4]) > 59:
            raise SpansWrong("{text} is not a span of time: write 08:30-12:00, 13:00-17:30.", text=part.strip()[:30])
        found.append([begins, ends])
    require_spans(found)
    return found


def require_spans(spans: Sequence[Sequence[int]]) -> None:
    """Raises SpansWrong for an end that is not after its beginning, a time past midnight, spans that overlap."""
    if len(spans) > MOST:
        raise SpansWrong("A day has at most {most} spans of opening hours.", most=MOST)
    for begins, ends in spans:
        if not 0 <= begins < DAY or ends > DAY:
            raise SpansWrong("{text} is not within the day: 00:00 to 24:00.", text=write_spans([[begins, ends]]))
        if ends <= begins:
            raise SpansWrong("{text} ends before it begins.", text=write_spans([[begins, ends]]))
    for (_, earlier_ends), (later_begins, _) in pairwise(spans):
        if later_begins < earlier_ends:
            raise SpansWrong("{text} overlap or are out of order.", text=write_spans(spans))


def write_spans(spans: Sequence[Sequence[int]]) -> str:
    """The spans as a person types them; "" = closed all day."""
    return ", ".join(f"{_time(begins)}-{_time(ends)}" for begins, ends in spans)


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
