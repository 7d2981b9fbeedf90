"""What would become of a call: a number as a carrier writes it, and a caller. Nothing rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.customers.model import Customer
from crm_core.customers.queries import blocked, matches
from crm_core.flows.queries import published_texts
from crm_core.lines import queries
from crm_core.lines.model import PublishedNumber
from crm_core.lines.written import published
from crm_core.phone import to_e164
from crm_core.workforce.hours_queries import calendar_of, calendars, closure_of, closures_now, hours_of
from ivr.flow_file import read_flow, shipped_flow
from ivr.hours import shipped_hours

FIRST_MENU = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """`number` is the published one, "" = none of ours. `queue` "" = the flow `menu` answers; `version` 0 = shipped.

    `trunk_fits` False = it is published, but not for calls by this trunk. `closure` is the announcement in force.
    """

    number: str
    trunk_fits: bool = True
    blocked: bool = False
    menu: str = ""
    version: int = 0
    queue: str = ""
    open: bool = True
    closure: str = ""
    customers: tuple[str, ...] = ()


async def reached(
    session: AsyncSession,
    *,
    asked: str,
    caller: str,
    trunk: str,
    of_settings: tuple[str, ...],
    zone: ZoneInfo,
    at: datetime,
) -> Reached:
    rows = {row.number: row for row in await queries.numbers(session) if row.in_use}
    ours = await queries.served_numbers(session, of_settings)
    number = published(asked, ours)
    if not number:
        return Reached(number="")
    row, e164 = rows.get(number), to_e164(caller) or ""
    menu, version = await _menu(session, number, row)
    calendar = calendar_of(await calendars(session), number)
    hours = hours_of(calendar, zone) if calendar is not None else shipped_hours()
    closure = closure_of(await closures_now(session, at), number)
    is_open = hours.is_open(at) and closure is None
    people = [await session.get(Customer, one) for one in await matches(session, e164)] if e164 else []
    return Reached(
        number=number,
        trunk_fits=row is None or not row.trunks or trunk in row.trunks,
        blocked=bool(e164) and await blocked(session, e164),
        menu=menu,
        version=version,
        queue=row.queue if row is not None and is_open else "",
        open=is_open,
        closure=closure.prompt if closure is not None else "",
        customers=tuple(one.name for one in people if one is not None),
    )


async def _menu(session: AsyncSession, number: str, row: PublishedNumber | None) -> tuple[str, int]:
    """The flow of the number's row, else the one that names the number, else the first."""
    flows = {FIRST_MENU: shipped_flow()}
    for text in await published_texts(session):
        flows[text.flow] = read_flow(text.text, version=text.version)
    named = sorted(flows.values(), key=lambda flow: (flow.name != FIRST_MENU, flow.name))
    by_entry = next((flow.name for flow in named if number in flow.entries), FIRST_MENU)
    menu = row.menu if row is not None and row.menu in flows else by_entry
    return menu, flows[menu].version
