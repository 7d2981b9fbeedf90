"""Carries out what a menu asks: in time, once per call and node, and never with an error for the caller."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from crm_core import clock
from crm_core.db import Database, storable
from crm_core.phone import to_e164
from crm_core.self_service.acts import claim, proven
from ivr.operations import OPERATIONS, UNAVAILABLE, Answer, Asker
from ivr.self_service import identification, information, requests, roadside, stations
from ivr.self_service.asking import Ask, CallbackBook, Done, MenuSite, NoCallbacks

log = structlog.get_logger(__name__)

ANSWER_LIMIT = 1.8  # seconds; the menu is promised two
WORK_LIMIT = 10.0  # of work that nobody waits for any more: it ends by itself, and is then there for the next question
MOST_AT_ONCE = 8  # operations in the database at a time, so that agents find a connection, too
MOST_WAITING = 200  # a caller beyond them hears at once that the records are away

Operator = Callable[[Ask], Awaitable[Done]]

_OPERATORS: Mapping[str, Operator] = {
    "identify": identification.identify,
    "case_state": information.case_state,
    "next_service": information.next_service,
    "nearest_station": stations.nearest_station,
    "position_link": roadside.position_link,
    "open_rescue": roadside.open_rescue,
    "book_callback": requests.book_callback,
    "request_material": requests.request_material,
    "stop_calls": requests.stop_calls,
    "record_consent": requests.record_consent,
    "survey_answer": requests.survey_answer,
}
_ASKED_ANEW = ("identify", "case_state", "next_service", "nearest_station")
"""Nothing is changed by them, or, for `identify`, each time counts."""


class SelfService:
    """`ivr.operations.Operations` on the database."""

    def __init__(
        self,
        database: Database,
        site: MenuSite,
        *,
        callbacks: CallbackBook | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._database, self.site, self._now = database, site, now
        self.callbacks: CallbackBook = callbacks or NoCallbacks()
        self.running: set[asyncio.Task[Answer]] = set()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def do(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        """A word of the operation's results, or UNAVAILABLE after less than two seconds."""
        if name not in OPERATIONS or len(self.running) >= MOST_WAITING:
            log.error("self_service_refused", operation=name, running=len(self.running))
            return Answer(result=UNAVAILABLE)
        work = asyncio.create_task(self._work(name, asker, facts), name=f"self_service_{name}")
        self.running.add(work)
        work.add_done_callback(self.running.discard)
        # Not cancelled: a database that answers late has done the work, and a rescue is opened even for who hung up.
        done, _ = await asyncio.wait({work}, timeout=ANSWER_LIMIT)
        if not done:
            log.error("self_service_slow", operation=name, call=asker.call)
            return Answer(result=UNAVAILABLE)
        return work.result()

    async def _work(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(WORK_LIMIT), self._places:
                return await self._once(name, asker, facts)
        except Exception:
            log.exception("self_service_failed", operation=name, call=asker.call)
            return Answer(result=UNAVAILABLE)

    async def _once(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        at, e164 = self._now(), to_e164(asker.number) or ""
        key = secrets.token_hex(12) if name in _ASKED_ANEW else _key(name, facts)
        async with self._database.begin() as session:
            known = await proven(session, asker.call)
            if OPERATIONS[name].identified and known is None:
                log.error("self_service_not_identified", operation=name, call=asker.call)
                return Answer(result=UNAVAILABLE)
            act, is_new = await claim(session, storable(asker.call, 64), name, key, e164=e164, at=at)
            if not is_new:
                return Answer(result=act.result, facts=act.facts)
            ask = Ask(
                session=session,
                site=self.site,
                asker=asker,
                e164=e164,
                facts=facts,
                at=at,
                proven=known,
                callbacks=self.callbacks,
            )
            done = await _OPERATORS[name](ask)
            act.result, act.facts = done.result, dict(done.facts)
            act.customer_id, act.vehicle_id, act.case_id = done.customer_id, done.vehicle_id, done.case_id
            return done.answer


def _key(name: str, facts: Mapping[str, str]) -> str:
    """The same wish at the same node of a call has the same key; the menu tells the node among the facts."""
    taken = [facts.get(fact, "") for fact in ("node", *OPERATIONS[name].takes)]
    return hashlib.sha256(json.dumps(taken).encode()).hexdigest()[:24]
