"""What a customer may ask for by law (PIPL articles 45 and 47): everything we know about them, and its deletion."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.cases.actions import open_case
from crm_core.cases.model import Case
from crm_core.customers.model import Customer
from crm_core.db import Base, storable
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import ContactKind

MOST_ROWS = 20_000
ANSWER_WITHIN = timedelta(days=15)
"""PIPL names no number; the national standard GB/T 35273-2020 (8.7) asks for an answer within thirty days."""
SUB_KIND = "privacy"
_SECRET = ("password_hash", "hash")


async def everything(session: AsyncSession, customer_id: int, *, actor: str, at: datetime) -> bytes:
    """A ZIP with one JSON file for each table that has rows of this customer, and a list of what is in it.

    Rows are found by every foreign key that leads to the customer, and one step further: the legs of a contact, the
    events of a case. At most 20,000 rows of a table; the list says where that was not all. Raises NotFound.
    """
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    found: dict[str, list[dict[str, Any]]] = {}
    root = Base.metadata.tables["customer"]
    found["customer"] = await _rows(session, root, [root.c.id], [customer_id])
    for table in _children(root):
        found[table.name] = await _rows(session, table, _keys_to(table, root), [customer_id])
    for parent in [table for name, table in Base.metadata.tables.items() if name in found and name != "customer"]:
        await _add_children(session, parent, found)
    await audit(session, at=at, actor=actor, action="privacy_exported", subject=f"customer/{customer_id}")
    return _zipped({name: rows for name, rows in found.items() if rows}, at)


async def ask_deletion(
    session: AsyncSession, customer_id: int, *, words: str, contact_id: str = "", actor: str, at: datetime, zone: tzinfo
) -> Case:
    """The wish to be forgotten, as a case that a person decides: open orders or the law may stand against it."""
    text = storable(words.strip(), 2000)
    if not text:
        raise Invalid("Write down the customer's words: a deletion needs its proof.", field="deletion_words")
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise NotFound("There is no such customer.")
    case = await open_case(
        session,
        customer_id=customer_id,
        kind=ContactKind.ENQUIRY,
        title="要求删除个人信息",
        detail=text,
        due_at=at + ANSWER_WITHIN,
        steps=("核实身份", "检查未结订单和投诉", "删除或说明理由", "答复客户"),
        actor=actor,
        at=at,
        zone=zone,
    )
    case.sub_kind, case.contact_id = SUB_KIND, storable(contact_id, 64)
    return case


async def _add_children(session: AsyncSession, parent: Table, found: dict[str, list[dict[str, Any]]]) -> None:
    """Rows that hang on rows we have, where the customer is named by their parent only."""
    keys = [column.name for column in parent.primary_key]
    ids = [row[keys[0]] for row in found[parent.name]] if len(keys) == 1 else []
    for table in _children(parent):
        if table.name not in found and ids and table.name not in _PEOPLE_OF_OURS:
            found[table.name] = await _rows(session, table, _keys_to(table, parent), ids)


_PEOPLE_OF_OURS = ("user_account", "dealer", "dealer_staff", "customer", "vehicle_role")


def _children(parent: Table) -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table is not parent and _keys_to(table, parent)]


def _keys_to(table: Table, parent: Table) -> list[Column[Any]]:
    return [column for column in table.columns if any(key.column.table is parent for key in column.foreign_keys)]


async def _rows(
    session: AsyncSession, table: Table, keys: Iterable[Column[Any]], ids: list[Any]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        asked = select(table).where(or_(*(key.in_(some) for key in keys))).limit(MOST_ROWS - len(rows))
        rows += [
            {name: value for name, value in row.items() if name not in _SECRET}
            for row in (await session.execute(asked)).mappings()
        ]
        if len(rows) >= MOST_ROWS:
            break
    return rows


def _zipped(found: dict[str, list[dict[str, Any]]], at: datetime) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = {name: len(rows) for name, rows in found.items()}
        cut = sorted(name for name, count in counts.items() if count >= MOST_ROWS)
        listed = {"made_at": at.isoformat(), "rows": counts, "cut": cut}
        for name, value in {"contents": listed, **found}.items():
            archive.writestr(f"{name}.json", json.dumps(value, ensure_ascii=False, indent=1, default=_plain))
    return into.getvalue()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
