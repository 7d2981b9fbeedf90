"""The customers of a batch: found by another system's key or by number and name, else made; never asked for twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from crm_core.customers.identity_model import CustomerKey
from crm_core.customers.matching import SUGGESTED, Identity, compare
from crm_core.customers.model import Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.customers.spelling import spelled
from crm_core.db import Base
from crm_core.imports.batch import Batch
from crm_core.imports.reading import ReadRow

_OWN = ("kind", "gender", "birth_year", "city", "sales_consultant", "service_adviser", "brand")
_USUAL = {name: getattr(Customer.__table__.c[name].default, "arg", None) for name in (*_OWN, "dealer_id", "salutation")}
_SALUTATIONS = {"male": "先生", "female": "女士"}
_NEW = 10**12  # who is made by this batch has no id yet, and comes behind everybody we know
_COMPANY_WORDS = ("公司", "集团", "工厂", "学校", "医院", "银行", "中心", "Ltd", "GmbH", "Inc")


class People:
    """`of` gives the customer of a row. `main` = the file is about customers: all it says is put to them."""

    def __init__(self, batch: Batch, *, main: bool = False) -> None:
        self._batch, self._main = batch, main
        self._by_key: dict[str, Customer] = {}
        self._by_number: dict[str, list[Customer]] = defaultdict(list)
        self._of_line: dict[int, Customer] = {}

    async def settle(self) -> None:
        """Find or make everybody the batch names; afterwards they have ids."""
        await self._look_up()
        fresh: set[int] = set()
        for row in self._batch.usable:
            if not {"customer_key", "number"} & set(row.facts):
                continue
            customer = self._find(row)
            if customer is None:
                customer = self._make(row)
                if customer is None:
                    continue
                fresh.add(row.line)
            self._remember(row, customer)
        await self._batch.flush()
        await self._details(fresh)
        await self._batch.flush()

    def of(self, row: ReadRow) -> Customer | None:
        return self._of_line.get(row.line)

    async def _look_up(self) -> None:
        session, rows = self._batch.session, self._batch.usable
        keys = {row.facts["customer_key"] for row in rows if "customer_key" in row.facts}
        numbers = {row.facts["number"] for row in rows if "number" in row.facts}
        by_key = (
            select(CustomerKey.key, Customer)
            .join(Customer, Customer.id == CustomerKey.customer_id)
            .where(CustomerKey.system == self._batch.system, CustomerKey.key.in_(keys))
        )
        for key, customer in await session.execute(by_key):
            self._by_key[key] = customer
        # In two steps: asked at once, SQLite begins with everybody who was not merged and looks up the numbers of each.
        phones = await session.execute(
            select(CustomerPhone.customer_id, CustomerPhone.e164).where(CustomerPhone.e164.in_(numbers))
        )
        known = [(one, number) for one, number in phones]
        living = select(Customer).where(Customer.id.in_({one for one, _ in known}), Customer.merged_into_id.is_(None))
        customers = {customer.id: customer for customer in await session.scalars(living)}
        for one, number in sorted(known):
            if one in customers:
                self._by_number[number].append(customers[one])

    def _find(self, row: ReadRow) -> Customer | None:
        facts = row.facts
        if facts.get("customer_key") in self._by_key:
            return self._by_key[facts["customer_key"]]
        candidates = self._by_number.get(facts.get("number", ""), [])
        if "name" not in facts:  # a number alone names somebody only when nobody shares it
            return candidates[0] if len(candidates) == 1 else None
        asked = _identity(facts, facts["number"]) if candidates else None
        scored = [
            (compare(asked, _known(one, facts["number"])).score, -(one.id or _NEW), one) for one in candidates if asked
        ]
        best = max(scored, key=lambda found: found[:2], default=None)
        return best[2] if best and best[0] >= SUGGESTED else None

    def _make(self, row: ReadRow) -> Customer | None:
        facts = row.facts
        if "name" not in facts:
            row.refuse("unknown_customer", "name", facts.get("number", facts.get("customer_key", "")))
            return None
        customer = Customer(name=facts["name"], name_pinyin=spelled(facts["name"]), source="import")
        customer.created_at = self._batch.at
        if self._main:
            for field, value in self._facts(row).items():
                # Set in any case: rows with the same columns go to the database together.
                setattr(customer, field, _USUAL[field] if value is None else value)
        customer.kind = _kind(facts)
        self._batch.make(row, customer, main=self._main)
        return customer

    def _remember(self, row: ReadRow, customer: Customer) -> None:
        self._of_line[row.line] = customer
        if "customer_key" in row.facts:
            self._by_key.setdefault(row.facts["customer_key"], customer)
        if "number" in row.facts and customer not in self._by_number[row.facts["number"]]:
            self._by_number[row.facts["number"]].append(customer)

    async def _details(self, fresh: set[int]) -> None:
        """Numbers, key, address, e-mail; and, of a file about customers, their own facts."""
        have = await self._what_they_have()
        for row in self._batch.usable:
            customer = self._of_line.get(row.line)
            if customer is None:
                continue
            for name, of, values in _things(row.facts, customer, self._batch.system):
                if (customer.id, name) not in have:
                    have.add((customer.id, name))
                    self._batch.hang(row, of, {**values, "customer_id": customer.id})
            if self._main and row.line not in fresh:
                self._put_facts(row, customer)

    def _put_facts(self, row: ReadRow, customer: Customer) -> None:
        values, name = self._facts(row), row.facts["name"]
        if self._batch.overwrite and customer.name != name:
            values |= {"name": name, "name_pinyin": spelled(name)}
        self._batch.put(row, customer, values)

    def _facts(self, row: ReadRow) -> dict[str, Any]:
        """What a row of a file about customers says of the customer's own; None = nothing."""
        values: dict[str, Any] = {name: row.facts.get(name) for name in _OWN}
        values["dealer_id"] = self._batch.dealer_of(row)
        values["salutation"] = _SALUTATIONS.get(row.facts.get("gender", ""))
        return values

    async def _what_they_have(self) -> set[tuple[int, str]]:
        ids = {customer.id for customer in self._of_line.values()}
        have: set[tuple[int, str]] = set()
        session = self._batch.session
        for table, column, word in (
            (CustomerPhone, CustomerPhone.e164, "tel"),
            (CustomerHandle, CustomerHandle.value, "mail"),
            (CustomerAddress, CustomerAddress.street, "street"),
            (CustomerKey, CustomerKey.key, "key"),
        ):
            rows = await session.execute(select(table.customer_id, column).where(table.customer_id.in_(ids)))
            have.update((customer_id, f"{word}:{value}") for customer_id, value in rows)
        return have


def _things(facts: dict[str, Any], customer: Customer, system: str) -> Iterator[tuple[str, type[Base], dict[str, Any]]]:
    """What hangs on a customer, each with the word by which it is known."""
    for place, name in enumerate(("number", "second_number")):
        if name in facts:
            values = {"e164": facts[name], "label": _label(facts[name], customer.kind), "position": place}
            yield f"tel:{facts[name]}", CustomerPhone, values
    if "customer_key" in facts:
        yield f"key:{facts['customer_key']}", CustomerKey, {"system": system, "key": facts["customer_key"]}
    if "email" in facts:
        yield f"mail:{facts['email']}", CustomerHandle, {"kind": "email", "value": facts["email"]}
    if "street" in facts:
        where = {name: facts.get(name, "") for name in ("street", "province", "city", "postcode")}
        label = "work" if customer.kind == "company" else "home"
        yield f"street:{facts['street']}", CustomerAddress, {"label": label, **where}


def _label(e164: str, kind: str) -> str:
    if kind == "company":
        return "company"
    return "mobile" if e164.startswith("+861") and len(e164) == 14 else "home"


def _kind(facts: dict[str, Any]) -> str:
    said = facts.get("kind")
    return said or ("company" if any(word in facts["name"] for word in _COMPANY_WORDS) else "person")


def _identity(facts: dict[str, Any], number: str) -> Identity:
    name = facts["name"]
    return Identity(
        customer_id=0,
        kind=_kind(facts),
        name=name,
        pinyin=spelled(name),
        gender=facts.get("gender", ""),
        birth_year=facts.get("birth_year"),
        numbers=frozenset({number}),
    )


def _known(customer: Customer, number: str) -> Identity:
    return Identity(
        customer_id=customer.id or 0,
        kind=customer.kind,
        name=customer.name,
        pinyin=customer.name_pinyin,
        gender=customer.gender or "",
        birth_year=customer.birth_year,
        numbers=frozenset({number}),
    )
