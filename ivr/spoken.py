"""A fact as prompts: `say` puts it together of the pieces of `ivr.pieces`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from crm_core.phone import shown
from ivr.operations import Spoken
from ivr.pieces import LETTERS, PROVINCES

LARGEST = 99_999_999
UNKNOWN = ("fact-unknown",)
_MOST_SIGNS = 40  # of a value that is read sign by sign

Prompts = tuple[str, ...]


class _Unsayable(ValueError):
    pass


def say(value: str, spoken: Spoken, language: str) -> Prompts:
    """The prompts for a fact, () for a silent one. A value that is no such fact gives `UNKNOWN`, never an error."""
    match spoken:
        case Spoken.SILENT:
            return ()
        case Spoken.PROMPT:
            return (value,) if re.fullmatch(r"[a-z0-9-]{1,80}", value) else UNKNOWN
        case _:
            try:
                return _SAYERS[spoken](value.strip(), language != "en")
            except _Unsayable:
                return UNKNOWN


def number(value: int, *, chinese: bool) -> Prompts:
    """0 to `LARGEST` as it is counted. Raises ValueError beyond it."""
    if not 0 <= value <= LARGEST:
        raise _Unsayable(value)
    if value == 0:
        return ("n-0",)
    return _chinese(value) if chinese else _english(value)


def _chinese(value: int) -> Prompts:
    """By ten thousands; an empty place between two that are not is said once as 零."""
    upper, lower = divmod(value, 10_000)
    if not upper:
        return _section(lower, leading=True)
    head = ("liang",) if upper == 2 else _section(upper, leading=True)
    gap = ("n-0",) if 0 < lower < 1_000 else ()
    return (*head, "wan", *gap, *(_section(lower, leading=False) if lower else ()))


def _section(value: int, *, leading: bool) -> Prompts:
    """1 to 9,999. `leading`: nothing is said before it, so 12 is 十二 and not 一十二."""
    said: list[str] = []
    thousands, rest = divmod(value, 1_000)
    hundreds, rest = divmod(rest, 100)
    if thousands:
        said.append(f"thousand-{thousands}")
    if hundreds:
        said.append(f"hundred-{hundreds}")
    elif thousands and rest:
        said.append("n-0")
    if rest < 10 and hundreds and rest:
        said.append("n-0")
    if rest:
        said.append(f"teen-{rest}" if 10 <= rest < 20 and (said or not leading) else f"n-{rest}")
    return tuple(said)


def _english(value: int) -> Prompts:
    millions, rest = divmod(value, 1_000_000)
    thousands, rest = divmod(rest, 1_000)
    return (
        *((*_below_thousand(millions), "million") if millions else ()),
        *((*_below_thousand(thousands), "thousand") if thousands else ()),
        *_below_thousand(rest),
    )


def _below_thousand(value: int) -> Prompts:
    hundreds, rest = divmod(value, 100)
    return (*((f"hundred-{hundreds}",) if hundreds else ()), *((f"n-{rest}",) if rest else ()))


def _digits(value: str, chinese: bool) -> Prompts:
    """Case numbers and the like, sign by sign; what separates is left out."""
    signs = re.sub(r"[\s\-./·]", "", value.upper())
    if not 0 < len(signs) <= _MOST_SIGNS:
        raise _Unsayable(value)
    return tuple(_sign(sign) for sign in signs)


def _sign(sign: str) -> str:
    if sign.isascii() and sign.isdecimal():
        return f"digit-{sign}"
    if sign in LETTERS:
        return f"letter-{sign.lower()}"
    if sign in PROVINCES:
        return f"plate-{PROVINCES[sign][0]}"
    raise _Unsayable(sign)


def _number(value: str, chinese: bool) -> Prompts:
    return number(_whole(value), chinese=chinese)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise _Unsayable(text)
    return int(text)


def _decimal(value: str, places: int) -> tuple[int, str]:
    """The whole part and the decimals, without zeros at their end."""
    found = re.fullmatch(rf"([0-9]{{1,12}})(?:\.([0-9]{{1,{places}}}))?", value)
    if not found:
        raise _Unsayable(value)
    return int(found[1]), (found[2] or "").rstrip("0")


def _date(value: str, chinese: bool) -> Prompts:
    found = re.fullmatch(r"(19[5-9][0-9]|20[0-9]{2})-([0-9]{2})-([0-9]{2})", value)
    if not found:
        raise _Unsayable(value)
    year, month, day = found[1], int(found[2]), int(found[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise _Unsayable(value)
    if chinese:
        return (*(f"n-{digit}" for digit in year), "year", f"month-{month}", f"day-{day}")
    return (f"month-{month}", f"day-{day}", *_english_year(int(year)))


def _english_year(year: int) -> Prompts:
    """Two thousand and after it as a number until 2009, all others by two: nineteen oh five, twenty twenty-six."""
    century, rest = divmod(year, 100)
    if 2000 <= year <= 2009:
        return _english(year)
    return (f"n-{century}", *(("oh",) if rest < 10 else ()), f"n-{rest}")


def _time(value: str, chinese: bool) -> Prompts:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value)
    if not found:
        raise _Unsayable(value)
    hour, minute = int(found[1]), int(found[2])
    minutes = (f"minute-{minute}",) if minute else ()
    if chinese:
        return (f"hour-{hour}", *(minutes or ("oclock",)))
    return (f"hour-{hour}", *minutes, "pm" if hour >= 12 else "am")


def _money(value: str, chinese: bool) -> Prompts:
    yuan, parts = _decimal(value, 2)
    if not chinese:
        return (*number(yuan, chinese=False), *_point(parts), "yuan")
    jiao, fen = (int(digit) for digit in parts.ljust(2, "0"))
    whole = () if yuan == 0 and parts else (*_counted(yuan), "yuan")
    gap = ("n-0",) if whole and fen and not jiao else ()
    return (*whole, *gap, *((f"jiao-{jiao}",) if jiao else ()), *((f"fen-{fen}",) if fen else ()))


def _counted(value: int) -> Prompts:
    """Before a measure word two is 两."""
    return ("liang",) if value == 2 else number(value, chinese=True)


def _point(decimals: str) -> Prompts:
    return ("point", *(f"n-{digit}" for digit in decimals)) if decimals else ()


def _kilometres(value: str, chinese: bool) -> Prompts:
    whole, tenth = _decimal(value, 1)
    if chinese:
        return (*(number(whole, chinese=True) if tenth else _counted(whole)), *_point(tenth), "kilometres")
    unit = "kilometre" if (whole, tenth) == (1, "") else "kilometres"
    return (*number(whole, chinese=False), *_point(tenth), unit)


def _phone(value: str, chinese: bool) -> Prompts:
    """As it is dialled inside the country; a foreign number with its plus."""
    cleaned = re.sub(r"[\s\-()./]", "", value)
    dialled = re.sub(r"[^0-9+]", "", shown(cleaned))
    if not re.fullmatch(r"\+?[0-9]{3,20}", cleaned) or not dialled:
        raise _Unsayable(value)
    return tuple("plus" if sign == "+" else f"digit-{sign}" for sign in dialled)


_SAYERS: dict[Spoken, Callable[[str, bool], Prompts]] = {
    Spoken.DIGITS: _digits,
    Spoken.NUMBER: _number,
    Spoken.DATE: _date,
    Spoken.TIME: _time,
    Spoken.MONEY: _money,
    Spoken.PLATE: _digits,
    Spoken.PHONE: _phone,
    Spoken.KILOMETRES: _kilometres,
}
