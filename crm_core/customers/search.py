"""One search field for everything: number, plate, last 8 of the VIN, name, pinyin initials, case number.

Each question is answered by one index and its first rows, so that a million rows cost what a thousand cost; the order
within a kind of match is the index's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.cases.model import Case
from crm_core.customers.choices import CHOICES, choices
from crm_core.customers.facts import CustomerChoice
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.phone import to_e164
from crm_core.prefixes import begins
from crm_core.vehicles.model import Vehicle, VehicleRole

_CASE = re.compile(r"(?:(GD|TS)-)?(\d{4}-\d{4,6})")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{0,6}")
_VIN_END = re.compile(r"(?=.*\d)[A-HJ-NPR-Z0-9]{4,17}")
_DIGITS = re.compile(r"\+?\d{4,15}")

Question = tuple[str, Select[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """`found_by`: number, plate, vin, name or case; `matched` is the text that fitted."""

    customer: CustomerChoice
    found_by: str
    matched: str


async def search(session: AsyncSession, text: str, limit: int = 8) -> list[SearchHit]:
    """Customers that fit what was typed, the surest kind of match first; under two characters nobody."""
    typed = unicodedata.normalize("NFKC", storable(text, 60)).strip()
    if len(typed) < 2:
        return []
    found: dict[int, tuple[str, str]] = {}
    for found_by, statement in questions(session, typed):
        for customer_id, matched in await session.execute(statement.limit(limit)):
            found.setdefault(customer_id, (found_by, matched))
        if len(found) >= limit:
            break
    hits: list[SearchHit] = []
    ids = list(found)[:limit]
    for start in range(0, len(ids), CHOICES):
        hits += [_hit(choice, found) for choice in await choices(session, ids[start : start + CHOICES])]
    return hits


def _hit(choice: CustomerChoice, found: dict[int, tuple[str, str]]) -> SearchHit:
    found_by, matched = found[choice.customer_id]
    return SearchHit(customer=choice, found_by=found_by, matched=matched)


def questions(session: AsyncSession, typed: str) -> Iterator[Question]:
    """What the text may be, the most telling first; the next is asked only when there is room left."""
    compact = re.sub(r"[\s·.\-()]", "", typed).upper()
    case = _CASE.fullmatch(typed.upper())
    if case:
        numbers = [f"{kind}-{case[2]}" for kind in ([case[1]] if case[1] else ["GD", "TS"])]
        named = select(Case.customer_id, Case.number).where(Case.number.in_(numbers))
        yield "case", named.order_by(Case.opened_at.desc())
    if _PLATE.fullmatch(compact):
        yield "plate", _by_vehicle(begins(session, Vehicle.plate, compact), Vehicle.plate)
    if _DIGITS.fullmatch(compact):
        yield from (("number", _by_number(fits)) for fits in _numbers(session, compact))
    if _VIN_END.fullmatch(compact):
        yield from (("vin", _by_vehicle(fits, Vehicle.vin)) for fits in _vins(session, compact))
    if re.search(r"[^\W\d_]", typed):
        yield from (("name", statement) for statement in _names(session, typed))


def _by_number(fits: ColumnElement[bool]) -> Select[int, str]:
    return select(CustomerPhone.customer_id, CustomerPhone.e164).where(fits)


def _numbers(session: AsyncSession, compact: str) -> Iterator[ColumnElement[bool]]:
    """The whole number; its beginning, as it is typed; its end, as it is said."""
    e164 = to_e164(compact)
    if e164:
        yield CustomerPhone.e164 == e164
        return
    digits = compact.lstrip("+")
    if compact.startswith("+") or (len(digits) >= 5 and digits[0] in "01"):
        beginning = compact if compact.startswith("+") else f"+86{digits.removeprefix('0')}"
        yield begins(session, CustomerPhone.e164, beginning)
    yield (CustomerPhone.last_four == digits[-4:]) & CustomerPhone.e164.endswith(digits, autoescape=True)


def _vins(session: AsyncSession, compact: str) -> Iterator[ColumnElement[bool]]:
    """The whole VIN; its last 8 as they are typed; its last 6 or more; its beginning."""
    if len(compact) == 17:
        yield Vehicle.vin == compact
        return
    if len(compact) <= 8:
        yield begins(session, Vehicle.vin_end, compact)
    if len(compact) >= 6:
        yield (Vehicle.vin_tail == compact[-6:]) & Vehicle.vin.endswith(compact, autoescape=True)


def _by_vehicle(fits: ColumnElement[bool], shown: InstrumentedAttribute[str]) -> Select[int, str]:
    return select(VehicleRole.customer_id, shown).join(Vehicle, Vehicle.id == VehicleRole.vehicle_id).where(fits)


def _names(session: AsyncSession, typed: str) -> Iterator[Select[int, str]]:
    """By the name; on a Latin keyboard by the initials, then by the whole spelling."""
    letters = re.sub(r"[^a-z]", "", typed.lower())
    yield _named(begins(session, Customer.name, typed))
    if letters and typed.isascii():
        yield _named(Customer.initials == letters)
        yield _named(begins(session, Customer.name_pinyin, letters))
        yield _named(begins(session, Customer.initials, letters))


def _named(fits: ColumnElement[bool]) -> Select[int, str]:
    return select(Customer.id, Customer.name).where(fits, Customer.merged_into_id.is_(None))
