"""What goes wrong with the lines reaches people: the audit log, and a notice for supervisors and administrators."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.clock import from_instant
from crm_core.db import Database
from crm_core.dialling import NumberNotAllowed
from crm_core.lines.notices import ABOUT
from crm_core.notices.actions import notify
from crm_core.notices.people import administrators, supervisors
from cti.dial_caps import CapHit
from cti.lines import LineAlarm, Lines
from cti.trunk_watch import BAD, TrunkChange, TrunkState

log = structlog.get_logger(__name__)

SYSTEM = "system"
STEADY_SECONDS = 5.0  # a trunk that is back sooner was only asked anew
_CAPS = {NumberNotAllowed.__name__: ("destination", "dial_destination_refused")}


class LineAlarms:
    """Takes what `Lines.alarms` holds, in turn. A database that is away loses one, and the page still shows it."""

    def __init__(self, database: Database, lines: Lines) -> None:
        self._database, self._lines = database, lines
        self._bad: dict[str, TrunkState] = {}  # trunks of which people were told

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            alarm = await self._lines.alarms.get()
            try:
                await self._tell(alarm)
            except (SQLAlchemyError, OSError) as away:
                log.error("line_alarm_not_written", alarm=repr(alarm), error=str(away))
            finally:
                self._lines.alarms.task_done()

    async def _tell(self, alarm: LineAlarm) -> None:
        if isinstance(alarm, CapHit):
            async with self._database.begin() as session:
                await _cap(session, alarm)
        elif alarm.after in BAD:
            await self._lost(alarm)
        elif alarm.trunk in self._bad and alarm.after in (TrunkState.REGISTERED, TrunkState.REACHABLE):
            self._bad.pop(alarm.trunk)
            async with self._database.begin() as session:
                await _trunk(session, alarm, "trunk_back", "back")

    async def _lost(self, alarm: TrunkChange) -> None:
        """Told when it lasts: a short gap is no reason to disturb anybody."""
        await asyncio.sleep(STEADY_SECONDS)
        now = next((view.state for view in self._lines.trunks() if view.way.id == alarm.trunk), None)
        if now not in BAD or self._bad.get(alarm.trunk) is now:
            return
        self._bad[alarm.trunk] = now
        async with self._database.begin() as session:
            await _trunk(session, alarm, "trunk_lost", str(now))


async def _trunk(session: AsyncSession, alarm: TrunkChange, action: str, kind: str) -> None:
    at, people = from_instant(alarm.at), [*await supervisors(session), *await administrators(session)]
    notify(session, people, ABOUT, alarm.trunk, kind, at=at)
    await session.flush()
    detail = noting(before=str(alarm.before), after=str(alarm.after))
    await audit(session, at=at, actor=SYSTEM, action=action, subject=f"trunk/{alarm.trunk}", detail=detail)


async def _cap(session: AsyncSession, hit: CapHit) -> None:
    at, people = from_instant(hit.at), [*await supervisors(session), *await administrators(session)]
    kind, action = _CAPS.get(hit.refusal, ("cap", "dial_cap_reached"))
    notify(session, people, ABOUT, f"cap/{hit.who}", kind, at=at)
    await session.flush()
    detail = noting(cap=hit.refusal, dialled=hit.number)
    await audit(session, at=at, actor=SYSTEM, action=action, subject=hit.who, detail=detail)
