"""One search field for everything: number, plate, last 8 of the VIN, name, pinyin initials, case number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.model import Case
from crm_core.customers.choices import CHOICES, choices
from crm_core.customers.facts import CustomerChoice
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.db import storable
from crm_core.phone import to_e164
from crm_core.vehicles.model import Vehicle, VehicleRole

_CASE = re.compile(r"(GD|TS)[-\d]+|\d{4}-\d{4}")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{0,6}")
_VIN_END = re.compile(r"(?=.*\d)[A-HJ-NPR-Z0-9]{6,17}")
_DIGITS = re.compile(r"\+?\d{4,15}")


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
    for found_by, statement in _questions(typed):
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


def _questions(typed: str) -> Sequence[tuple[str, Select[int, str]]]:
    """What the text may be, the most telling first."""
    compact = re.sub(r"[\s·.\-()]", "", typed).upper()
    asked: list[tuple[str, Select[int, str]]] = []
    if _CASE.fullmatch(typed.upper()):
        number = Case.number.contains(typed.upper(), autoescape=True)
        asked.append(("case", select(Case.customer_id, Case.number).where(number).order_by(Case.opened_at.desc())))
    if _PLATE.fullmatch(compact):
        asked.append(("plate", _by_vehicle(Vehicle.plate.startswith(compact, autoescape=True), "plate")))
    if _DIGITS.fullmatch(compact):
        asked.append(("number", select(CustomerPhone.customer_id, CustomerPhone.e164).where(_number(compact))))
    if _VIN_END.fullmatch(compact):
        asked.append(("vin", _by_vehicle(Vehicle.vin.endswith(compact, autoescape=True), "vin")))
    if re.search(r"[^\W\d_]", typed):
        asked.append(("name", _by_name(typed)))
    return asked


def _number(compact: str) -> ColumnElement[bool]:
    e164 = to_e164(compact)
    if e164:
        return CustomerPhone.e164 == e164
    return CustomerPhone.e164.endswith(compact.lstrip("+"), autoescape=True)


def _by_vehicle(fits: ColumnElement[bool], column: str) -> Select[int, str]:
    shown = Vehicle.plate if column == "plate" else Vehicle.vin
    return (
        select(VehicleRole.customer_id, shown).join(Vehicle, Vehicle.id == VehicleRole.vehicle_id).where(fits)
    ).order_by(Vehicle.plate, VehicleRole.role)


def _by_name(typed: str) -> Select[int, str]:
    letters = re.sub(r"[^a-z]", "", typed.lower())
    fits = [Customer.name.startswith(typed, autoescape=True)]
    if letters and typed.isascii():
        # name_pinyin holds "chenjianguo cjg": the whole spelling and the initials.
        fits.append(Customer.name_pinyin.startswith(letters, autoescape=True))
        fits.append(Customer.name_pinyin.endswith(" " + letters, autoescape=True))
<<<<<<< HEAD
    living = Customer.merged_into_id.is_(None)
    return select(Customer.id, Customer.name).where(or_(*fits), living).order_by(Customer.name)
=======
    return (
        select(Customer.id, Customer.name).where(or_(*fits), Customer.merged_into_id.is_(None)).order_by(Customer.name)
    )
>>>>>>> 8988dc1 (crm_core: One customer only: matching with reasons, suggestions, merging and its undoing.)
