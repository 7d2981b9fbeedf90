"""Which numbers this product may dial at all. Pure: agents, call backs and menus ask the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_core.errors import Invalid, NotAllowed, Refused

_SEPARATORS = re.compile(r"[\s\-()./·]+")
_E164 = re.compile(r"\+?[1-9]\d{6,14}")
# Within China: emergency and service numbers, which no agent of ours has to call from the hotline.
_SHORT = re.compile(r"1\d{2,4}|9\d{4,7}")
# 108 is the operator of another country; 10 and eight digits from 8 on is a telephone in Beijing.
_PREMIUM = re.compile(r"(?:86)?(?:0?168|0?160|0?600|108(?!\d{7}$)|9[56]\d{3,6}$)")
CHINA = "86"
_TRUNK_ZERO = re.compile(r"^860+")
"""+86 (0)431 is written so; left there, the 0 would hide a prefix that is denied."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where calls may go: E.164 prefixes without plus. What is denied stays so, whatever a shorter prefix allows."""

    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


class NumberNotDialable(Invalid):
    def __init__(self) -> None:
        super().__init__("This is not a telephone number that can be called.")


class NumberNotAllowed(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Calls to this kind of number are not allowed.")


class ColleaguesNumber(Refused):
    def __init__(self, number: str) -> None:
        super().__init__(
            "{number} is a colleague's number. In a call, ask or transfer to {number}; customers have longer ones.",
            number=number,
        )


def dialable(number: str, allowed: Destinations | tuple[str, ...]) -> str:
    """E.164 digits without plus. Denied unless a prefix allows it; emergency and premium numbers always are.

    Numbers without a country code are Chinese: 11 digits from 13 to 19 are mobiles, a leading 0 is an area code.
    """
    text = _SEPARATORS.sub("", number)
    if _SHORT.fullmatch(text):
        raise NumberNotAllowed
    digits = _TRUNK_ZERO.sub(CHINA, _international(text))
    if not _E164.fullmatch(digits):
        raise NumberNotDialable
    places = allowed if isinstance(allowed, Destinations) else Destinations(allowed)
    if _PREMIUM.match(digits) or not digits.startswith(places.allowed) or digits.startswith(places.denied):
        raise NumberNotAllowed
    return digits


def _international(text: str) -> str:
    if text.startswith("+"):
        return text[1:]
    if text.startswith("00"):
        return text[2:]
    if re.fullmatch(r"1[3-9]\d{9}", text):
        return CHINA + text
    if re.fullmatch(r"0[1-9]\d{8,10}", text):
        return CHINA + text[1:]
    return text if text.startswith(CHINA) else ""
