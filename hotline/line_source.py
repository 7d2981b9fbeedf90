"""The lines of the records, for dialling and for Asterisk's files: `cti.line_plan.LineSource` on the database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import distinct, select
from sqlalchemy.ext.asyncio import AsyncSession

from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.lines import SETTINGS_ENDPOINT
from crm_core.db import Database
from crm_core.lines import queries
from crm_core.lines.settings import dial_limits, outgoing_rules
from crm_core.lines.written import forms_by_number
from crm_core.phone import location
from crm_core.vehicles.model import Vehicle, VehicleRole
from cti.line_plan import SETTINGS_WAY, LinePlan, TrunkWay
from hotline.asterisks import Asterisks
from hotline.lines import SiteLines, endpoint_of, site_lines
from hotline.settings import Settings
from hotline.telephone_site import telephone_sites

log = structlog.get_logger(__name__)


class DatabaseLines:
    def __init__(self, settings: Settings, database: Database, asterisks: Asterisks) -> None:
        self._settings, self._database, self._asterisks = settings, database, asterisks

    async def current(self) -> LinePlan:
        async with self._database.begin() as session:
            lines = await site_lines(self._settings, session)
            plan = await self._plan(session, lines)
        if plan.rules.mobile_zero:  # 0.6 s the first time, and calls go out in the loop
            await asyncio.to_thread(location, "+8643188888888", "zh")
        return plan

    async def changed(self) -> LinePlan:
        """An Asterisk that does not answer reads the files, which are written all the same, when it starts again."""
        async with self._database.begin() as session:
            sites = await telephone_sites(self._settings, session)
        try:
            await asyncio.to_thread(self._asterisks.reload_lines, sites)
        except AsteriskUnavailable as away:
            log.error("asterisk_not_reloaded", reason=str(away))
        return await self.current()

    async def brand_of(self, customer_id: int) -> str:
        owned = (
            select(distinct(Vehicle.brand))
            .join(VehicleRole, VehicleRole.vehicle_id == Vehicle.id)
            .where(VehicleRole.customer_id == customer_id, Vehicle.brand != "")
            .limit(2)
        )
        async with self._database.begin() as session:
            brands = list(await session.scalars(owned))
        return brands[0] if len(brands) == 1 else ""

    async def _plan(self, session: AsyncSession, lines: SiteLines) -> LinePlan:
        rows = {endpoint_of(row.id): row for row in await queries.trunks(session)}
        there = {line.endpoint: line for line in lines.trunks}
        ways = {SETTINGS_ENDPOINT: SETTINGS_WAY}
        for endpoint, line in there.items():
            row = rows[endpoint]
            ways[endpoint] = TrunkWay(
                id=row.id,
                endpoint=endpoint,
                name=row.name,
                server=line.server,
                number_form=row.number_form,
                capacity=row.capacity,
                registers=line.registers,
            )
        of_settings = self._settings.hotline_numbers
        forms = {one.number: one.forms for one in lines.numbers} or forms_by_number(of_settings)
        return LinePlan(
            trunks=_in_order(ways, lines.order),
            rules=await outgoing_rules(session),
            limits=await dial_limits(session),
            numbers={form: number for number, each in forms.items() for form in each},
            brands={row.number: row.brand for row in await queries.numbers(session) if row.brand},
            first_number=next(iter(forms)),
            zone=ZoneInfo(self._settings.site_zone),
        )


def _in_order(ways: dict[str, TrunkWay], order: tuple[str, ...]) -> tuple[TrunkWay, ...]:
    """Calls out take what is in the order; the others are watched all the same."""
    rest = [endpoint for endpoint in ways if endpoint not in order]
    return (*(ways[one] for one in order), *(replace(ways[one], outgoing=False) for one in rest))
