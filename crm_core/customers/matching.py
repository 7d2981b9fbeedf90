"""Are these two customers one? A score of 0 to 100 whose reasons add up to it. Without I/O.

The points follow Fellegi and Sunter (1969), "A Theory for Record Linkage": agreement on what few people share weighs
much, and disagreement on what seldom changes takes away. So a family that shares a telephone, a father and a son with
one plate, and the people behind a company's switchboard stay apart: their names and birth years speak against them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

SUGGESTED = 60
"""From here on a person is asked. Two clues that agree and nothing against: same name and same own number is 80, same
name, year and city is 60 with a name of three characters, a number that a family shares with another name is 0."""
SURE = 85
"""From here on an import takes the row for the known customer: a name and a number, and one clue more."""
SHARED_LABELS = frozenset({"family", "company", "office"})
_COMPANY_FORM = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团公司|集团|公司|co\.?,? ?ltd\.?|limited|gmbh|inc\.?|corp\.?)"
)
_GENDER_OF = {"先生": "male", "女士": "female"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells a customer apart. `shared` are numbers that several people answer; `vehicles` are (VIN, role)."""

    customer_id: int
    kind: str = "person"
    name: str = ""
    pinyin: str = ""
    gender: str = ""
    salutation: str = ""
    birth_year: int | None = None
    city: str = ""
    numbers: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    vehicles: frozenset[tuple[str, str]] = frozenset()
    plates: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One clue: `kind` is a word of `REASONS`, `value` what agrees or differs, `points` what it counts."""

    kind: str
    value: str
    points: int


REASONS = (
    *("number", "shared_number", "handle", "vin", "vin_other_role", "plate", "name", "sound", "similar_name"),
    *("company", "similar_company", "other_name", "other_kind", "birth_year", "other_birth_year", "other_gender"),
    *("street", "city"),
)


@dataclass(frozen=True, slots=True)
class Match:
    score: int
    reasons: tuple[Reason, ...]


def compare(one: Identity, other: Identity) -> Match:
    """The score is the sum of the points, not under 0 and not over 100; the same both ways round."""
    reasons = (*_reach(one, other), *_vehicles(one, other), *_names(one, other), *_person(one, other))
    ordered = tuple(sorted(reasons, key=lambda reason: (-reason.points, reason.kind)))
    return Match(min(100, max(0, sum(reason.points for reason in ordered))), ordered)


def core_name(name: str) -> str:
    """A company's name without its legal form, spaces and brackets: 长春远辰汽车 of 长春远辰汽车有限公司."""
    return _COMPANY_FORM.sub("", re.sub(r"[\s()（）·.]", "", name.casefold())) or name.casefold()


def _reach(one: Identity, other: Identity) -> Iterator[Reason]:
    same = (one.numbers | one.shared) & (other.numbers | other.shared)
    own = same & one.numbers & other.numbers
    if own:
        yield Reason("number", min(own), 45)
    elif same:
        yield Reason("shared_number", min(same), 15)
    handles = one.handles & other.handles
    if handles:
        yield Reason("handle", min(handles), 40)


def _vehicles(one: Identity, other: Identity) -> Iterator[Reason]:
    same_role = one.vehicles & other.vehicles
    same_car = {vin for vin, _ in one.vehicles} & {vin for vin, _ in other.vehicles}
    plates = {plate for plate in one.plates & other.plates if plate}
    if same_role:
        yield Reason("vin", min(same_role)[0], 35)
    elif same_car:
        yield Reason("vin_other_role", min(same_car), 10)
    elif plates:
        yield Reason("plate", min(plates), 25)


def _names(one: Identity, other: Identity) -> Iterator[Reason]:
    if one.kind != other.kind:
        yield Reason("other_kind", "", -50)
    elif one.kind == "company":
        yield _company_names(one.name, other.name)
    else:
        yield _person_names(one, other)


def _company_names(one: str, other: str) -> Reason:
    first, second = sorted((core_name(one), core_name(other)))
    if first == second:
        return Reason("company", first, 60)
    # Eight in ten signs: 长春远辰物流 and 长春远辰物流园 are asked about, two firms of one town are not.
    if len(min(first, second, key=len)) >= 4 and fuzz.ratio(first, second) >= 80:
        return Reason("similar_company", f"{first} / {second}", 35)
    return Reason("other_name", f"{first} / {second}", -40)


def _person_names(one: Identity, other: Identity) -> Reason:
    first, second = sorted((_plain(one.name), _plain(other.name)))
    both = f"{first} / {second}"
    if first == second:
        # In a large town many people are called 王伟, few 欧阳建国: a third character makes a name ten times rarer.
        return Reason("name", first, 40 if len(first) >= 3 else 35)
    sounds = {_spelling(one), _spelling(other)}
    if len(sounds) == 1 and "" not in sounds:
        return Reason("sound", both, 25)
    if len(first) >= 2 and len(second) >= 2 and _alike(first, second, *sorted(sounds)):
        return Reason("similar_name", both, 15)
    return Reason("other_name", both, -40)


def _alike(first: str, second: str, *sounds: str) -> bool:
    """One slip of the pen or the ear: 陈建国 and 陈建园, Meyer and Meier. Two brothers differ by more."""
    if first.isascii() and second.isascii():
        return fuzz.token_sort_ratio(first, second) >= 85
    same_length = len(first) == len(second) >= 3
    one_sign = same_length and sum(a != b for a, b in zip(first, second, strict=True)) == 1
    return one_sign and first[0] == second[0] and all(sounds) and fuzz.ratio(*sounds) >= 85


def _plain(name: str) -> str:
    return re.sub(r"[\s·.]+", " " if name.isascii() else "", name.casefold()).strip()


def _spelling(one: Identity) -> str:
    return one.pinyin.split(" ")[0]


def _person(one: Identity, other: Identity) -> Iterator[Reason]:
    if one.kind == other.kind == "person":
        if one.birth_year and other.birth_year:
            apart = abs(one.birth_year - other.birth_year)
            if apart == 0:
                yield Reason("birth_year", str(one.birth_year), 15)
            elif apart > 1:  # a year apart is a lunar age or a typing error, and says nothing
                years = sorted((one.birth_year, other.birth_year))
                yield Reason("other_birth_year", f"{years[0]} / {years[1]}", -30)
        genders = {_gender(one), _gender(other)}
        if genders == {"male", "female"}:
            yield Reason("other_gender", "", -30)
    streets = one.streets & other.streets
    if streets:
        yield Reason("street", min(streets), 10)
    elif one.city and one.city == other.city:
        yield Reason("city", one.city, 5)


def _gender(one: Identity) -> str:
    return one.gender or _GENDER_OF.get(one.salutation, "")
