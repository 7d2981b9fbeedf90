"""An Asterisk or Kamailio that is away, and back: the audit log, and a notice for supervisors and administrators."""

from __future__ import annotations

import asyncio
import time

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from asterisk_conf.proxy_control import ProxyControl
from crm_core import clock
from crm_core.access.audit import audit
from crm_core.db import Database
from crm_core.lines.notices import ABOUT
from crm_core.notices.actions import notify
from crm_core.notices.model import WorkNotice
from crm_core.notices.people import administrators, supervisors
from cti.desk import Desk

log = structlog.get_logger(__name__)

SYSTEM = "system"
PROXY = "Kamailio"
LOOK_SECONDS = 1.0
START_SECONDS = 10.0  # in which a part of the telephone that was never there may still be starting
SILENT_LOOKS = 3  # of Kamailio's, which is started again within a second when it has ended


class AsteriskAlarms:
    """Looks once a second; what could not be written is written when the database is back.

    `proxy` is asked where there are several Asterisks; `desk.proxy_away` is what the pages show.
    """

    def __init__(self, database: Database, desk: Desk, proxy: ProxyControl | None) -> None:
        self._database, self._desk, self._proxy = database, desk, proxy
        self._seen_up: set[str] = set()
        self._told: set[str] = set()  # parts of which people know that they are away
        self._silent_looks = 0

    async def run(self) -> None:
        """Until cancelled."""
        began, knows = time.monotonic(), False
        while True:
            try:
                if not knows:
                    async with self._database.begin() as session:
                        self._told, knows = await _told_before(session), True
                away = await self._look(time.monotonic() - began > START_SECONDS)
                for part in sorted(away ^ self._told):
                    await self._tell(part, is_away=part in away)
            except (SQLAlchemyError, OSError) as lost:
                log.error("asterisk_alarm_not_written", error=str(lost))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, started: bool) -> set[str]:
        """The parts that are away. What was told and cannot be seen yet stays as it is."""
        floor = self._desk.floor()
        up = {_name(one): one not in floor.asterisks_away for one in range(1, floor.asterisks + 1)}
        if floor.asterisks == 1:
            up = {"Asterisk": floor.connected}
        if self._proxy is not None:
            up[PROXY] = await self._proxy_answers(self._proxy)
            self._desk.proxy_away = not up[PROXY]
        self._seen_up |= {part for part, is_up in up.items() if is_up}
        return {
            part for part, is_up in up.items() if not is_up and (started or part in self._seen_up or part in self._told)
        }

    async def _proxy_answers(self, proxy: ProxyControl) -> bool:
        try:
            await asyncio.to_thread(proxy.nodes_up)
        except (OSError, ValueError, KeyError):
            self._silent_looks += 1
        else:
            self._silent_looks = 0
        return self._silent_looks < SILENT_LOOKS

    async def _tell(self, part: str, *, is_away: bool) -> None:
        thing, at = "proxy" if part == PROXY else "node", clock.now()
        async with self._database.begin() as session:
            people = [*await supervisors(session), *await administrators(session)]
            notify(session, people, ABOUT, part, f"{thing}_{'away' if is_away else 'back'}", at=at)
            await session.flush()
            await audit(session, at=at, actor=SYSTEM, action=f"{thing}_{'lost' if is_away else 'back'}", subject=part)
        (self._told.add if is_away else self._told.discard)(part)


def _name(place: int) -> str:
    return f"Asterisk {place}"


async def _told_before(session: AsyncSession) -> set[str]:
    """What people were last told to be away, before this process began."""
    kinds = ("node_away", "node_back", "proxy_away", "proxy_back")
    mine = select(WorkNotice.subject, WorkNotice.kind).where(WorkNotice.about == ABOUT, WorkNotice.kind.in_(kinds))
    last: dict[str, str] = dict(iter(await session.execute(mine.order_by(WorkNotice.id))))
    return {subject for subject, kind in last.items() if kind.endswith("_away")}
