"""What would become of a call: a number as a carrier writes it, and a caller. Nothing rings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
from crm_core.workforce.queries import queues
from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_flow
from ivr.hours import shipped_hours
from ivr.node_checks import queues_named

FIRST_MENU = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """`number` is the published one, "" = none of ours. `queue` "" = the flow `menu` answers; `version` 0 = shipped.

    `missing` are queues that the flow names and that the site has not made: its callers wait in the first one.
    `trunk_fits` False = it is published, but not for calls by this trunk. `closure` is the announcement in force.
    `known`: the caller is in the records, as these `customers`.
    """

    number: str
    trunk_fits: bool = True
    blocked: bool = False
    menu: str = ""
    version: int = 0
    missing: tuple[str, ...] = ()
    queue: str = ""
    open: bool = True
    closure: str = ""
    known: bool = False
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
    flow = _flow(await _flows(session), number, row)
    calendar = calendar_of(await calendars(session), number)
    hours = hours_of(calendar, zone) if calendar is not None else shipped_hours()
    closure = closure_of(await closures_now(session, at), number)
    is_open = hours.is_open(at) and closure is None
    people = [await session.get(Customer, one) for one in await matches(session, e164)] if e164 else []
    return Reached(
        number=number,
        trunk_fits=row is None or not row.trunks or trunk in row.trunks,
        blocked=bool(e164) and await blocked(session, e164),
        menu=flow.name,
        version=flow.version,
        missing=_missing(flow, {queue.id for queue in await queues(session)}),
        queue=row.queue if row is not None and is_open else "",
        open=is_open,
        closure=closure.prompt if closure is not None else "",
        known=bool(people),
        customers=tuple(one.name for one in people if one is not None),
    )


async def missing_behind(session: AsyncSession, rows: Iterable[PublishedNumber]) -> dict[str, tuple[str, ...]]:
    """For each number that a flow answers: the queues that the flow names and that the site has not made."""
    flows, known = await _flows(session), {queue.id for queue in await queues(session)}
    asked = [row for row in rows if row.in_use and not row.queue]
    return {row.number: _missing(_flow(flows, row.number, row), known) for row in asked}


def _missing(flow: Flow, known: Collection[str]) -> tuple[str, ...]:
    named = dict.fromkeys(queue for node in flow.nodes.values() for queue in queues_named(node))
    return tuple(queue for queue in named if queue not in known)


async def _flows(session: AsyncSession) -> dict[str, Flow]:
    flows = {FIRST_MENU: shipped_flow()}
    for text in await published_texts(session):
        flows[text.flow] = read_flow(text.text, version=text.version)
    return flows


def _flow(flows: Mapping[str, Flow], number: str, row: PublishedNumber | None) -> Flow:
    """The flow of the number's row, else the one that names the number, else the first."""
    if row is not None and row.menu in flows:
        return flows[row.menu]
    named = sorted(flows.values(), key=lambda flow: (flow.name != FIRST_MENU, flow.name))
    return next((flow for flow in named if number in flow.entries), flows[FIRST_MENU])
