"""The parts of a customer's data that are edited as a whole, and what may stand in each field. Without I/O.

A part's state is plain JSON: what a form shows, what a change keeps, what an undo puts back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from crm_core.db import storable
from crm_core.errors import Invalid
from crm_core.phone import to_e164
from crm_core.workforce.fields import Unusable

State = dict[str, Any]


class Part(StrEnum):
    PERSON = "person"  # name and form of address, wishes, who looks after the customer
    CONTACT = "contact"  # numbers, e-mail and WeChat, addresses
    RELATIONS = "relations"
    PROFILE = "profile"
    ROLES = "roles"  # of the customer to one vehicle


PHONE_LABELS = ("mobile", "home", "office", "family", "company")
ADDRESS_LABELS = ("home", "work", "post", "invoice")
HANDLE_KINDS = ("email", "wechat")
RELATION_WORDS = ("spouse", "parent", "child", "driver", "fleet_manager", "buyer", "secretary", "friend", "other")
VEHICLE_ROLES = ("buyer", "user", "driver")
INCOMES = ("under_100k", "100k_200k", "200k_500k", "500k_1m", "over_1m")  # yuan a year, of the household
EDUCATIONS = ("school", "vocational", "bachelor", "master", "doctor")
MARITAL = ("single", "married", "divorced", "widowed")
DWELLINGS = ("flat", "house", "rented", "company_flat")
CHOICES = {"income": INCOMES, "education": EDUCATIONS, "marital_status": MARITAL, "dwelling": DWELLINGS}
PERSON_FIELDS = ("income", "occupation", "education", "marital_status", "household_size", "dwelling")
COMPANY_FIELDS = ("employees", "annual_sales_wan", "average_order_wan", "annual_purchases_wan", "value_added_wan")
TEXTS = {"occupation": 40, "interests": 2000, "competitors": 2000}
MOST_ROWS = 30
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,80}\.[^@\s.]{2,24}")
_WECHAT = re.compile(r"[A-Za-z][-_A-Za-z0-9]{4,19}|1\d{10}")


def fingerprint(state: State) -> str:
    """What a form was made from: another one means that somebody saved meanwhile."""
    text = json.dumps(state, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def clean(part: Part, typed: Mapping[str, Any], *, this_year: int) -> State:
    """The state as it is kept. Raises Unusable with every wrong field; a row's field is e.g. "phones.1.value"."""
    problems: list[Invalid] = []
    state = _CLEANERS[part](typed, problems, this_year)
    if problems:
        raise Unusable(problems)
    return state


def _person(typed: Mapping[str, Any], problems: list[Invalid], this_year: int) -> State:
    name = " ".join(_text(typed, "name", 200).split())
    if not name or len(name) > 80:
        problems.append(Invalid("Write the customer's name.", field="name"))
    year = _whole(typed, "birth_year", this_year - 110, this_year, problems)
    limits = {"salutation": 10, "city": 40, "preference": 120, "brand": 20, "sales_consultant": 40}
    state: State = {field: _text(typed, field, length) for field, length in limits.items()}
    state |= {"name": name, "birth_year": year, "service_adviser": _text(typed, "service_adviser", 40)}
    state["gender"] = _one_of(typed, "gender", ("male", "female"), problems)
    state["language"] = _one_of(typed, "language", ("zh-CN", "en"), problems)
    state["kind"] = _one_of(typed, "kind", ("person", "company"), problems) or "person"
    state["dealer_id"] = _whole(typed, "dealer_id", 1, 2**31 - 1, problems)
    return state


def _contact(typed: Mapping[str, Any], problems: list[Invalid], _year: int) -> State:
    state = {
        "phones": _rows(typed, "phones", "value", _phone, problems),
        "handles": _rows(typed, "handles", "value", _handle, problems),
        "addresses": _rows(typed, "addresses", "street", _address, problems),
    }
    for group, key in (("phones", "value"), ("handles", "value")):
        _twice(state[group], group, key, problems)
    return state


def _phone(row: Mapping[str, Any], where: str, problems: list[Invalid]) -> State:
    number = _text(row, "value", 40)
    e164 = to_e164(number)
    if e164 is None:
        told = Invalid("{number} is not a complete telephone number.", number=number[:20], field=f"{where}.value")
        problems.append(told)
    label = _one_of(row, "label", PHONE_LABELS, problems, where) or "mobile"
    return {**_kept(row), "value": e164 or number, "label": label, "note": _text(row, "note", 80)}


def _handle(row: Mapping[str, Any], where: str, problems: list[Invalid]) -> State:
    kind = _one_of(row, "kind", HANDLE_KINDS, problems, where) or "email"
    value = _text(row, "value", 120)
    if kind == "email":
        value = value.lower()
        if not _EMAIL.fullmatch(value):
            problems.append(Invalid("Write an e-mail address like name@example.cn.", field=f"{where}.value"))
    elif not _WECHAT.fullmatch(value):
        problems.append(Invalid("A WeChat name has 5 to 20 letters and digits.", field=f"{where}.value"))
    return {**_kept(row), "kind": kind, "value": value}


def _address(row: Mapping[str, Any], where: str, problems: list[Invalid]) -> State:
    label = _one_of(row, "label", ADDRESS_LABELS, problems, where) or "home"
    limits = {"province": 40, "city": 40, "street": 200, "postcode": 12}
    return {**_kept(row), "label": label, **{field: _text(row, field, length) for field, length in limits.items()}}


def _relations(typed: Mapping[str, Any], problems: list[Invalid], _year: int) -> State:
    return {"relations": _rows(typed, "relations", "name", _relation, problems)}


def _relation(row: Mapping[str, Any], where: str, problems: list[Invalid]) -> State:
    number, name = _text(row, "number", 40), " ".join(_text(row, "name", 80).split())
    e164 = to_e164(number) if number else ""
    if e164 is None:
        told = Invalid("{number} is not a complete telephone number.", number=number[:20], field=f"{where}.number")
        problems.append(told)
    word = _one_of(row, "relation", RELATION_WORDS, problems, where) or "other"
    other = row.get("other_id")
    kept = {"id": row.get("id") or None, "other_id": other if isinstance(other, int) else None}
    return {**kept, "relation": word, "name": name, "number": e164 or number, "note": _text(row, "note", 120)}


def _profile(typed: Mapping[str, Any], problems: list[Invalid], _year: int) -> State:
    state: State = {field: _one_of(typed, field, words, problems) for field, words in CHOICES.items()}
    state |= {field: _text(typed, field, length) for field, length in TEXTS.items()}
    state["household_size"] = _whole(typed, "household_size", 1, 30, problems)
    for field in COMPANY_FIELDS:
        state[field] = _whole(typed, field, 0, 100_000_000, problems)
    return state


def _roles(typed: Mapping[str, Any], problems: list[Invalid], _year: int) -> State:
    asked = {str(role) for role in typed.get("roles", ())}
    if not asked <= set(VEHICLE_ROLES):
        problems.append(Invalid("Choose one of the given values.", field="roles"))
    return {"vehicle_id": typed["vehicle_id"], "roles": [role for role in VEHICLE_ROLES if role in asked]}


_CLEANERS: dict[Part, Callable[[Mapping[str, Any], list[Invalid], int], State]] = {
    Part.PERSON: _person,
    Part.CONTACT: _contact,
    Part.RELATIONS: _relations,
    Part.PROFILE: _profile,
    Part.ROLES: _roles,
}


def _rows(
    typed: Mapping[str, Any],
    group: str,
    key: str,
    cleaned: Callable[[Mapping[str, Any], str, list[Invalid]], State],
    problems: list[Invalid],
) -> list[State]:
    """The rows whose key field is not empty; problems name the row as it was typed."""
    rows = list(enumerate(typed.get(group, ())))
    if len(rows) > MOST_ROWS:
        problems.append(Invalid("At most {count} rows.", count=MOST_ROWS, field=group))
    return [cleaned(row, f"{group}.{place}", problems) for place, row in rows[:MOST_ROWS] if _text(row, key, 200)]


def _twice(rows: list[State], group: str, key: str, problems: list[Invalid]) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row[key] in seen:
            problems.append(Invalid("This stands here twice.", field=f"{group}.{place}.{key}"))
        seen.add(row[key])


def _kept(row: Mapping[str, Any]) -> State:
    """`verified_at` is an ISO time, "" = not checked, "now" = checked with this save."""
    return {"id": row.get("id") or None, "verified_at": _text(row, "verified_at", 40)}


def _text(row: Mapping[str, Any], field: str, length: int) -> str:
    return storable(str(row.get(field) or "").strip(), length)


def _one_of(
    row: Mapping[str, Any], field: str, words: tuple[str, ...], problems: list[Invalid], where: str = ""
) -> str:
    word = str(row.get(field) or "")
    if word and word not in words:
        problems.append(Invalid("Choose one of the given values.", field=f"{where}.{field}" if where else field))
        return ""
    return word


def _whole(row: Mapping[str, Any], field: str, low: int, high: int, problems: list[Invalid]) -> int | None:
    """Empty = not known."""
    typed = str("" if row.get(field) is None else row[field]).strip()
    if not typed:
        return None
    if typed.isascii() and typed.isdigit() and len(typed) <= 10 and low <= int(typed) <= high:
        return int(typed)
    problems.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=field))
    return None
