"""Finds every row that is about one customer by the keys of the tables, so that a new table is in it by itself.

A table that names a customer is asked by that; others by the rows they belong to. What is left out is named here with
its reason, and a test asks for one of the two for every table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer, CustomerPhone
from crm_core.tables import METADATA

Rows = dict[str, list[dict[str, Any]]]
AT_ONCE = 500
SUBJECT = "customer_id"
LEFT_OUT: Mapping[str, str] = {
    "customer_duplicate": "names another customer",
    "customer_merge": "how two records became one; the rows of both are in",
    "recording_share": "which colleague may hear a talk",
    "quality_draw": "judges the agent",
    "quality_excerpt": "judges the agent",
    "quality_review": "judges the agent",
    "transcript_text": "the lines of the transcript once more, for the search",
    "customer_worth": "worth_reason and the customer tell the same in words",
    "segment_member": "follows from what the customer is, see segments",
    "care_outlook": "a forecast that is made anew each night",
    "lead_turn": "which dealer was next",
    "case_notice": "who of ours was reminded",
    "questionnaire_link": "opens the questions in the customer's name",
}
HIDDEN: Mapping[str, Collection[str]] = {"caller_pin": ("hash",), "position_link": ("code",)}
BY_NUMBER = ("do_not_contact", "blocked_number", "nuisance_mark")
"""Tables of telephone numbers, with the number as `e164`."""


async def everything_about(session: AsyncSession, customer: int) -> Rows:
    """Table -> its rows, the customer first. Records that were merged into this one are in it; {} = nobody."""
    people = await _records_of(session, customer)
    if not people:
        return {}
    found: Rows = {"customer": await _rows(session, METADATA.tables["customer"], "id", people)}
    for table in METADATA.sorted_tables:  # what others belong to comes before what belongs to it
        if table.name == "customer" or table.name in LEFT_OUT:
            continue
        if rows := await _rows_of(session, table, people, found):
            found[table.name] = rows
    await _vehicles(session, found)
    phones = await session.scalars(select(CustomerPhone.e164).where(CustomerPhone.customer_id.in_(people)))
    numbers = sorted(set(phones))
    for name in BY_NUMBER:
        if rows := await _rows(session, METADATA.tables[name], "e164", numbers):
            found[name] = rows
    if files := await _files(session, found):
        found["stored_file"] = files
    return found


def reached(table: Table, known: Collection[str]) -> Iterator[Column[Any]]:
    """The columns by which rows of a table belong to rows of the known ones."""
    if SUBJECT in table.columns and table.columns[SUBJECT].foreign_keys:
        yield table.columns[SUBJECT]
        return
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table.name in known and key.column.table.name not in ("customer", "vehicle"):
                yield column


async def _records_of(session: AsyncSession, customer: int) -> list[int]:
    mine = select(Customer.id).where(or_(Customer.id == customer, Customer.merged_into_id == customer))
    return list(await session.scalars(mine.order_by(Customer.id)))


async def _rows_of(session: AsyncSession, table: Table, people: list[int], found: Rows) -> list[dict[str, Any]]:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    keys = [column.name for column in table.primary_key]
    for column in reached(table, found):
        parent = next(iter(column.foreign_keys)).column
        wanted = people if column.name == SUBJECT else [row[parent.name] for row in found[parent.table.name]]
        for row in await _rows(session, table, column.name, wanted):
            rows[tuple(row.get(key) for key in keys)] = row
    return list(rows.values())


async def _vehicles(session: AsyncSession, found: Rows) -> None:
    """A vehicle belongs to nobody's row: roles name both. What was done to it for another owner is not in it."""
    numbers = sorted({row["vehicle_id"] for row in found.get("vehicle_role", [])})
    for name, column in (("vehicle", "id"), ("vehicle_recall", "vehicle_id")):
        if rows := await _rows(session, METADATA.tables[name], column, numbers):
            found[name] = rows


async def _files(session: AsyncSession, found: Rows) -> list[dict[str, Any]]:
    subjects = [f"case/{row['id']}" for row in found.get("case_file", [])]
    subjects += [f"customer/{row['id']}" for row in found["customer"]]
    return await _rows(session, METADATA.tables["stored_file"], "subject", subjects)


async def _rows(session: AsyncSession, table: Table, column: str, wanted: list[Any]) -> list[dict[str, Any]]:
    hidden = HIDDEN.get(table.name, ())
    columns = [one for one in table.columns if one.name not in hidden]
    rows: list[dict[str, Any]] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = table.columns[column].in_(wanted[start : start + AT_ONCE])
        asked = select(*columns).where(some).order_by(*table.primary_key)
        rows += [
            {name: _plain(value) for name, value in row.items()} for row in (await session.execute(asked)).mappings()
        ]
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
