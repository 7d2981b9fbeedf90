"""What a cell means: dates, numbers, VINs, plates and words as people and other systems write them. Without I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from crm_core.phone import to_e164

LONGEST = 2_000
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})?)?[秒分]?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  with Excel's leap day of 1900, which never was
_OLDEST = 1900
_NUMBER = re.compile(r"-?\d{1,12}(\.\d+)?")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,5}[A-Z0-9\u4e00-\u9fff]")
_MAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_NO_SIGN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")
_FORMULA = re.compile(r"[=@]|[+\-](?!\d)")
_SCRIPT = re.compile(r"<\s*/?\s*(script|iframe|svg|img)\b", re.IGNORECASE)
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
# ISO 3779 and GB 16735: the value of each sign, the weight of each place, the ninth is the check digit.
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


class Unreadable(Exception):
    """`kind` says what is wrong, a word of imports.problems."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def clean(cell: str) -> str:
    """The cell without what programs put around it: full-width forms, odd spaces, Excel's ="00123"."""
    text = (cell if cell.isascii() else unicodedata.normalize("NFKC", cell)).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    if _NO_SIGN.search(text):
        raise Unreadable("signs")
    if len(text) > LONGEST:
        raise Unreadable("too_long")
    return text


def word(text: str, longest: int) -> str:
    """One line of text. What begins like a formula is none of ours: it would run when somebody exports it."""
    line = " ".join(text.split())
    if _FORMULA.match(line) or ("<" in line and _SCRIPT.search(line)):
        raise Unreadable("formula")
    if len(line) > longest:
        raise Unreadable("too_long")
    return line


def day(text: str) -> date:
    """2026-07-16, 2026/7/16, 2026年7月16日, 20260716, or Excel's serial number."""
    return moment(text, UTC).astimezone(UTC).date()


def moment(text: str, zone: tzinfo) -> datetime:
    """As `day`, with an optional time of the site's clock; aware UTC."""
    if _SERIAL.fullmatch(text):
        return _in_range((_EXCEL_DAY_ZERO + timedelta(days=float(text))).replace(tzinfo=zone))
    parts = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if parts is None:
        raise Unreadable("date_form")
    year, month, on, *clock = (int(part or 0) for part in parts.groups())
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    try:
        return _in_range(datetime.combine(date(year, month, on), time(hour, minute, second), zone))
    except ValueError:
        raise Unreadable("date_impossible") from None


def _in_range(at: datetime) -> datetime:
    if not _OLDEST <= at.year <= 2100:
        raise Unreadable("date_impossible")
    return at.astimezone(UTC)


def year(text: str) -> int:
    """A birth year, from a year or a birth date."""
    number = int(text) if re.fullmatch(r"\d{4}", text) else day(text).year
    if not _OLDEST <= number <= 2100:
        raise Unreadable("date_impossible")
    return number


def number(text: str) -> str:
    """A telephone number in E.164."""
    e164 = to_e164(text)
    if e164 is None:
        raise Unreadable("number")
    return e164


def vin(text: str) -> str:
    found = re.sub(r"[\s\-]", "", text).upper()
    if len(found) != 17:
        raise Unreadable("vin_length")
    if not _VIN.fullmatch(found):
        raise Unreadable("vin_signs")
    return found


def vin_checks(found: str) -> bool:
    """Whether the check digit is right; some plants outside China and North America do not use it."""
    total = sum(
        (_VALUES[sign] if sign in _VALUES else int(sign)) * weight
        for sign, weight in zip(found, _WEIGHTS, strict=True)
        if weight
    )
    return found[8] == ("X" if total % 11 == 10 else str(total % 11))


def plate(text: str) -> str:
    """吉A·D30618 as 吉AD30618."""
    found = re.sub(r"[\s·.•\-]", "", text).upper()
    if not _PLATE.fullmatch(found):
        raise Unreadable("plate")
    return found


def mail(text: str) -> str:
    found = text.lower()
    if len(found) > 120 or not _MAIL.fullmatch(found):
        raise Unreadable("mail")
    return found


def whole(text: str) -> int:
    """A whole number of kilometres or yuan; 41,260.00 and ¥41260 are read, too."""
    bare = re.sub(r"[,¥￥\s]|km$|公里$|元$", "", text, flags=re.IGNORECASE)
    if not _NUMBER.fullmatch(bare):
        raise Unreadable("amount")
    amount = round(float(bare))
    if not 0 <= amount <= 2_000_000_000:
        raise Unreadable("amount")
    return amount


def choice(text: str, words: Mapping[str, str]) -> str:
    """One of the words, in Chinese or English."""
    found = words.get(text.casefold())
    if found is None:
        raise Unreadable("choice")
    return found


def plain(value: Any) -> str:
    """A cell of a spreadsheet as text: 13843107706.0 is a number that Excel thinks is one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
