"""The forms in which carriers write a number of ours. Pure, and exact: no pattern with an open end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crm_core.errors import Invalid

CHINA = "86"
TWO_DIGIT_AREAS = ("10", "20", "21", "22", "23", "24", "25", "27", "28", "29")
"""Area codes without the 0; all others have three digits."""
SHORTEST = 3


def forms_of(number: str) -> tuple[str, ...]:
    """What may stand in an INVITE for this published number, the number itself first.

    4001718888 also comes as +86…, 86…, 0086…, 0… and without its 400; 043188883318 without the 0 and without the
    area code. A short code (95588) comes as it is, or after an area code's 0 never.
    """
    national = number.removeprefix("0")
    found = [number]
    if len(national) >= 7:
        found += [national, f"0{national}", f"{CHINA}{national}", f"+{CHINA}{national}", f"00{CHINA}{national}"]
        found.append(f"{CHINA}0{national}")
        found.append(f"+{CHINA}0{national}")
    if len(number) == 10 and number.startswith(("400", "800")):
        found.append(number[3:])
    elif number.startswith("0"):
        found.append(national[2 if national.startswith(TWO_DIGIT_AREAS) else 3 :])
    return tuple(dict.fromkeys(form for form in found if len(form) >= SHORTEST))


def forms_by_number(numbers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """A form that two numbers share belongs to neither, unless it is one of them."""
    forms = {number: forms_of(number) for number in numbers}
    often = Counter(form for each in forms.values() for form in each)
    return {
        number: tuple(form for form in each if form == number or (often[form] == 1 and form not in forms))
        for number, each in forms.items()
    }


def published(asked: str, numbers: Iterable[str]) -> str:
    """The published number that a carrier means, "" = none of ours."""
    return next((number for number, forms in forms_by_number(numbers).items() if asked in forms), "")


def number_problems(number: str) -> list[Invalid]:
    if number.isascii() and number.isdigit() and SHORTEST <= len(number) <= 15:
        return []
    return [Invalid("Enter the number as customers dial it, digits only: 4001718888 or 043188883318.", field="number")]
