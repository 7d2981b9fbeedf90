"""Answers the telephone's question "who calls, and are we open?" from the records."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.clock import from_instant, now
from crm_core.customers import actions, queries
from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.dealers.model import Dealer
from crm_core.history.queries import last_agent
from crm_core.nuisance.queries import nuisance_score
from crm_core.nuisance.scoring import LOW_PRIORITY
from crm_core.phone import to_e164
from crm_core.workforce.hours_queries import calendar_of, calendars, calendars_stamp, closure_of, closures_now, hours_of
from crm_core.workforce.opening_hours import OpeningHours
from cti.directory import CallerCard
from ivr.hours import WEEKDAYS

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 600.0
REMEMBERED = timedelta(hours=72)  # a caller who is back sooner gets the same agent if free
LAST_OF_ALL = -10  # the priority of a caller whom people have marked as a nuisance
CLASS_PRIORITY = {"vip": 10, "key_account": 10}
ANSWER_LIMIT = 0.25  # seconds; less than cti.directory.ANSWER_LIMIT, so that what was known last still counts


@dataclass(frozen=True, slots=True)
class _Calendar:
    entries: tuple[str, ...]
    hours: OpeningHours


@dataclass(frozen=True, slots=True)
class _Closure:
    entries: tuple[str, ...]
    prompt: str
    ends_at: datetime | None


class SiteHours:
    """The calendars and closures in force, as they were when last asked: read again only after a save."""

    def __init__(self, zone: ZoneInfo, first: OpeningHours) -> None:
        """`first` holds for every number until somebody has saved a calendar."""
        self._zone, self._first = zone, first
        self._stamp = -1
        self._calendars: list[_Calendar] = []
        self._closures: list[_Closure] = []

    async def refresh(self, session: AsyncSession, at: datetime) -> None:
        """Two small look-ups; the calendars themselves only when one was saved since."""
        stamp = await calendars_stamp(session)
        if stamp != self._stamp:
            rows = await calendars(session)
            # Plain copies: a rolled-back session forgets what its rows held.
            self._calendars = [_Calendar(tuple(row.entries), hours_of(row, self._zone)) for row in rows]
            self._stamp = stamp
        rows_now = await closures_now(session, at)
        self._closures = [_Closure(tuple(row.entries), row.prompt, row.ends_at) for row in rows_now]

    def is_open(self, entry: str, at: datetime) -> bool:
        calendar = calendar_of(self._calendars, entry)
        return (calendar.hours if calendar else self._first).is_open(at)

    def opens(self, entry: str, at: float) -> float:
        """The first time at or after `at`, in seconds since 1970, at which customers of this number may be called.

        While a person has closed the hotline it is asked again after ten minutes.
        """
        moment = from_instant(at)
        if self.closure(entry, moment):
            return at + LOOK_AGAIN_SECONDS
        if self.is_open(entry, moment):
            return at
        calendar = calendar_of(self._calendars, entry)
        begins = (calendar.hours if calendar else self._first).opens_next(moment)
        return begins.timestamp() if begins else at + LOOK_AGAIN_SECONDS

    def moment(self, at: datetime) -> dict[str, str]:
        """The time of day, "17:30", and the weekday, "mon", at the site."""
        local = at.astimezone(self._zone)
        return {"time": f"{local:%H:%M}", "weekday": WEEKDAYS[local.weekday()]}

    def closure(self, entry: str, at: datetime) -> str:
        """The announcement of the closure in force for this number, "" = none."""
        found = closure_of((one for one in self._closures if one.ends_at is None or one.ends_at > at), entry)
        return found.prompt if found else ""


async def _affinity(session: AsyncSession, customer: Customer) -> frozenset[str]:
    """The tags of agents who know this customer's dealer or region, e.g. "dealer:17", "region:吉林"."""
    dealer = await session.get(Dealer, customer.dealer_id) if customer.dealer_id else None
    return frozenset({f"dealer:{dealer.id}", f"region:{dealer.province}"}) if dealer else frozenset()


class DealerNumbers:
    """A cti.directory.DealerDirectory on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def number(self, dealer: str) -> str:
        if not (dealer.isascii() and dealer.isdecimal() and len(dealer) <= 9):
            return ""
        async with self._database.begin() as session:
            found = await session.get(Dealer, int(dealer))
            return found.phone if found is not None else ""


class Refreshed(Protocol):
    """What is asked in the same transaction, before each call, whether somebody has saved it: the menus."""

    async def refresh(self, session: AsyncSession) -> None: ...


class CustomerDirectory:
    """A cti.directory.CallerDirectory on the database and the site's opening hours."""

    def __init__(self, database: Database, hours: SiteHours, menus: Refreshed | None = None) -> None:
        self._database, self._hours, self._menus = database, hours, menus

    async def caller(self, number: str, entry: str) -> CallerCard:
        """With the database away the caller is a stranger, and the hours are those known last."""
        card = CallerCard()
        try:
            async with asyncio.timeout(ANSWER_LIMIT), self._database.begin() as session:
                e164 = to_e164(number) or ""
                # First of all: it holds even if the records become too slow for the rest.
                card = CallerCard(blocked=bool(e164) and await queries.blocked(session, e164))
                await self._hours.refresh(session, now())
                if self._menus is not None:
                    await self._menus.refresh(session)
                if e164 and not card.blocked:
                    card = await self._known(session, e164)
        except Exception:
            log.exception("caller_directory_failed")
        at = now()
        return replace(
            card,
            open=self._hours.is_open(entry, at),
            closure=self._hours.closure(entry, at),
            facts=self._hours.moment(at),
        )

    async def _known(self, session: AsyncSession, e164: str) -> CallerCard:
        card = await self._card(session, tuple(await queries.matches(session, e164)))
        nuisance = await nuisance_score(session, e164, now())
        return replace(card, nuisance=nuisance, priority=LAST_OF_ALL if nuisance >= LOW_PRIORITY else card.priority)

    async def _card(self, session: AsyncSession, matches: tuple[int, ...]) -> CallerCard:
        """Language and class are taken from the best match; the previous agent only from a certain one."""
        customer = await session.get(Customer, matches[0]) if matches else None
        if customer is None:
            return CallerCard()
        return CallerCard(
            matches=matches,
            language=customer.language,
            last_agent=await last_agent(session, customer.id, now() - REMEMBERED) if len(matches) == 1 else "",
            priority=CLASS_PRIORITY.get(customer.customer_class, 0),
            affinity=await _affinity(session, customer),
            customer_class=customer.customer_class,
        )

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        async with self._database.begin() as session:
            for customer in customers:
                await actions.remember_language(session, customer, language)
