"""Who takes calls, from the records: for the routing engine, and for Asterisk's files when it was edited."""

from __future__ import annotations

import asyncio

import structlog

from acd.model import AgentId, Medium, Skill
from asterisk_conf.install import AsteriskUnavailable
from crm_core.capture.settings import capture_rules
from crm_core.db import Database
from crm_core.workforce import queries
from crm_core.workforce.model import QueueRow
from cti.workforce import AgentProfile, Workforce
from hotline.asterisks import Asterisks
from hotline.settings import Settings
from hotline.telephone_site import telephone_sites
from reports.engine_queues import routed

log = structlog.get_logger(__name__)


class DatabaseWorkforce:
    """A cti.desk.WorkforceSource."""

    def __init__(self, settings: Settings, database: Database, asterisks: Asterisks) -> None:
        self._settings, self._database, self._asterisks = settings, database, asterisks

    async def current(self) -> Workforce:
        async with self._database.begin() as session:
            queues = await queries.queues(session)
            agents = await queries.agents(session)
            capture = await capture_rules(session)
        return Workforce(
            queues=tuple(routed(row) for row in queues),
            capture=capture,
            not_offered={row.id: not_offered(row) for row in queues},
            agents={
                AgentId(agent.number): AgentProfile(
                    skills={Skill(skill): level for skill, level in agent.skills.items()},
                    tags=agent.tags,
                    capacity={Medium(medium): number for medium, number in agent.capacity.items()},
                    missed_limit=agent.missed_limit,
                )
                for agent in agents
            },
        )

    async def changed(self) -> Workforce:
        """Asterisk reads its files again first: an agent without an endpoint must be offered nothing.

        An Asterisk that does not answer reads the files, which are written all the same, when it starts again.
        """
        async with self._database.begin() as session:
            sites = await telephone_sites(self._settings, session)
        try:
            await asyncio.to_thread(self._asterisks.reload_workforce, sites)
        except AsteriskUnavailable as away:
            log.error("asterisk_not_reloaded", reason=str(away))
        return await self.current()


def not_offered(row: QueueRow) -> frozenset[str]:
    """What a caller who waits there may not choose."""
    offers = {"callback": row.callback_offered, "message": row.message_offered}
    return frozenset(word for word, offered in offers.items() if not offered)
