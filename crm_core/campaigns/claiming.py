"""The next customers to call: each asked for at the gate, counted and written down in one transaction, before any call.

A claim of a campaign waits for the one before it, in whatever process: a customer is never in two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.busy import Busy, busy_customers
from crm_core.campaigns.checks import is_spoken
from crm_core.campaigns.evidence import proof_of
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.numbers import Numbers, numbers_of
from crm_core.campaigns.rules import DIALLING, Settings, next_open, settings_from
from crm_core.consent.decision import NO_ADDRESS
from crm_core.consent.facts import special_days
from crm_core.consent.gate import claim as ask_gate
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import is_quiet
from crm_core.consent.settings import contact_rules
from crm_core.consent.verdict import Answer, Verdict
from crm_core.customers.model import Customer
from crm_core.questionnaires.model import Questionnaire

LOOKED_AT = 40
"""Entries of one transaction: others who write wait for it."""
SOON, TOMORROW = timedelta(minutes=1), timedelta(days=1)
NOT_DIALABLE = "Calls to this kind of number are not allowed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An attempt that is written and must be dialled now. `e164` begins with a plus."""

    call: str
    campaign: Campaign
    settings: Settings
    entry_id: int
    customer_id: int
    e164: str
    language: str
    version: int
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`zone` is the site's; `dialable` says of an E.164 number whether this site calls such numbers at all."""

    zone: tzinfo
    dialable: Callable[[str], bool] = lambda _number: True


def call_of(campaign_id: int, entry_id: int, number: int) -> str:
    """The attempt's ChannelId and its contact's id."""
    return f"ob-{campaign_id}-{entry_id}-{number}"


async def claim(
    session: AsyncSession, campaign_id: int, most: int, *, at: datetime, site: Site, agent: str = ""
) -> tuple[list[Claimed], bool]:
    """At most `most` attempts, and whether there may be more who are due. Call it first in a transaction.

    Whoever may not be called now is given a later time or refused, with the reason. [] outside the hours, for a
    campaign that does not call, and for `most` below one.
    """
    row = await _locked(session, campaign_id)
    if row is None or most < 1 or not await may_dial(session, row, at, site.zone):
        return [], False
    due = list(await session.scalars(_due(row, at)))
    claimed = await _claim_of(session, row, due, most, at=at, site=site, agent=agent)
    return claimed, len(due) == LOOKED_AT


async def claim_entry(
    session: AsyncSession, campaign_id: int, entry_id: int, *, agent: str, at: datetime, site: Site
) -> Claimed | None:
    """This customer, for the agent who looked at the record first; None = not now, the entry tells the reason."""
    row = await _locked(session, campaign_id)
    if row is None or not await may_dial(session, row, at, site.zone):
        return None
    mine = select(CampaignEntry).where(CampaignEntry.id == entry_id, CampaignEntry.campaign_id == campaign_id)
    waiting = list(await session.scalars(mine.where(CampaignEntry.state == "waiting").with_for_update()))
    claimed = await _claim_of(session, row, waiting, 1, at=at, site=site, agent=agent)
    return claimed[0] if claimed else None


async def may_dial(session: AsyncSession, row: Campaign, at: datetime, zone: tzinfo) -> bool:
    """Whether the campaign may call anybody at this moment: status, windows, sounds, calendar, quiet hours."""
    if row.status not in DIALLING or next_open(settings_from(row.settings), at, zone) > at:
        return False
    if not await is_spoken(session, row):  # who would answer heard an apology and counted as dropped
        return False
    rules = await contact_rules(session)
    return not is_quiet(rules, await special_days(session, at.astimezone(zone).date()), at, zone)


async def _locked(session: AsyncSession, campaign_id: int) -> Campaign | None:
    # A write that changes nothing: PostgreSQL locks the campaign, SQLite the database.
    lock = update(Campaign).where(Campaign.id == campaign_id).values(revision=Campaign.revision)
    await session.execute(lock.execution_options(synchronize_session=False))
    return await session.get(Campaign, campaign_id, populate_existing=True)


def _due(row: Campaign, at: datetime):  # type: ignore[no-untyped-def]
    due = select(CampaignEntry).where(
        CampaignEntry.campaign_id == row.id, CampaignEntry.state == "waiting", CampaignEntry.due_at <= at
    )
    if row.status == "sample":
        due = due.where(CampaignEntry.sample.is_(True))
    return due.order_by(CampaignEntry.due_at, CampaignEntry.id).limit(LOOKED_AT).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """The entries of one transaction: their customers are locked, and known is who is on the line now."""

    session: AsyncSession
    row: Campaign
    at: datetime
    site: Site
    agent: str
    customers: Mapping[int, Customer]
    busy: Busy
    numbers: Numbers

    async def allowed_number(self, entry: CampaignEntry) -> str | None:
        """The number to dial, when the gate lets this customer be called; else the entry has its reason."""
        purpose = Purpose(self.row.purpose)
        number = entry.e164 or self.numbers.best(entry.customer_id, own_wish=purpose is Purpose.SERVICE)
        until = self.busy.until(entry.customer_id, number)
        if until is not None:
            entry.due_at, entry.reason, entry.reason_values = max(until, self.at + SOON), self.busy.reason, {}
            return None
        if number and not self.site.dialable(number):
            _refuse(entry, Verdict(answer=Answer.NO, reason=NOT_DIALABLE), self.at)
            return None
        verdict = await self._ask(entry, purpose, number)
        if verdict.yes and number:
            return number
        _refuse(entry, verdict if not verdict.yes else Verdict(answer=Answer.NO, reason=NO_ADDRESS), self.at)
        return None

    async def _ask(self, entry: CampaignEntry, purpose: Purpose, number: str) -> Verdict:
        return await ask_gate(
            self.session,
            entry.customer_id,
            purpose,
            Channel.PHONE,
            by=f"campaign/{self.row.id}",
            at=self.at,
            zone=self.site.zone,
            subject=call_of(self.row.id, entry.id, entry.attempts + 1),
            e164=number,
        )

    async def write(self, entry: CampaignEntry, e164: str) -> Claimed:
        """The attempt, so that no other process calls this customer; what follows is read off its row."""
        row, settings = self.row, settings_from(self.row.settings)
        entry.attempts += 1
        entry.state, entry.reason, entry.reason_values = "dialling", "", {}
        call = call_of(row.id, entry.id, entry.attempts)
        proof = await proof_of(self.session, row, entry.customer_id, e164, at=self.at, zone=self.site.zone)
        attempt = CampaignAttempt(call=call, campaign_id=row.id, entry_id=entry.id, customer_id=entry.customer_id)
        attempt.number, attempt.e164, attempt.agent = entry.attempts, e164, self.agent
        attempt.placed_at, attempt.evidence = self.at, proof
        self.session.add(attempt)
        await self.session.flush()
        self.busy.calls(entry.customer_id, e164)
        return Claimed(
            call=call,
            campaign=row,
            settings=settings,
            entry_id=entry.id,
            customer_id=entry.customer_id,
            e164=e164,
            language=settings.language or self.customers[entry.customer_id].language or "zh-CN",
            version=await _version(self.session, row),
            agent=self.agent,
        )


async def _claim_of(
    session: AsyncSession,
    row: Campaign,
    due: Sequence[CampaignEntry],
    most: int,
    *,
    at: datetime,
    site: Site,
    agent: str,
) -> list[Claimed]:
    wanted = sorted({entry.customer_id for entry in due})
    # In one order everywhere, so that two campaigns with the same customers do not wait for each other.
    locked = select(Customer).where(Customer.id.in_(wanted)).order_by(Customer.id).with_for_update()
    batch = _Batch(
        session=session,
        row=row,
        at=at,
        site=site,
        agent=agent,
        customers={one.id: one for one in await session.scalars(locked)},
        busy=await busy_customers(session, wanted, at),
        numbers=await numbers_of(session, wanted),
    )
    claimed: list[Claimed] = []
    for entry in due:
        if len(claimed) >= most:
            break
        number = await batch.allowed_number(entry)
        if number is not None:
            claimed.append(await batch.write(entry, number))
    return claimed


def _refuse(entry: CampaignEntry, verdict: Verdict, at: datetime) -> None:
    """A "no" is the end, a "not now" is asked again when it passes, or tomorrow when nobody knows when."""
    entry.reason = verdict.reason
    entry.reason_values = {name: str(value) for name, value in verdict.values.items()}
    if verdict.answer is Answer.NO:
        entry.state, entry.ended_at = "refused", at
    else:
        entry.due_at = max(verdict.until or at + TOMORROW, at + SOON)


async def _version(session: AsyncSession, row: Campaign) -> int:
    if row.questionnaire_id is None or row.questionnaire_version:
        return row.questionnaire_version
    published = select(Questionnaire.published).where(Questionnaire.id == row.questionnaire_id)
    return await session.scalar(published) or 0
