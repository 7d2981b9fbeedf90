"""A customer's own page of questions: the link that asks for it, the message that brings it, and its end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.campaigns.numbers import numbers_of
from crm_core.campaigns.rules import settings_from
from crm_core.consent.actions import answers as consent_answers
from crm_core.consent.gate import claim
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import NotFound
from crm_core.integration.outbox import tell
from crm_core.jobs.runner import Due, Handler
from crm_core.questionnaires.answering import Round, begin, finish
from crm_core.questionnaires.model import Response, ResponseLink
from crm_core.self_service.places import CODE_SIGNS, MESSAGE

SENDING = "questionnaire_links"
EVERY = timedelta(seconds=30)
VALID_FOR = timedelta(days=14)
MOST = 50  # in one transaction
REST_OF_REFUSED = timedelta(hours=2)
"""Whom the gate refuses now, it is asked about again after so long."""
CODE_LENGTH = 20
_TEXTS = {
    "zh-CN": "【{site}】想请您用两分钟评价我们的服务：{url} （{days} 天内有效，不想再收到可在页面上说明）",
    "en": "{site}: two minutes of your time? {url} (valid {days} days; you can say there that you want no more)",
}


class LinkOver(NotFound):
    """Unknown, too old and answered already are told alike."""

    def __init__(self) -> None:
        super().__init__("This link is not valid any more.")


def call_of(link: ResponseLink) -> str:
    return f"link/{link.code}"


def link_sender(zone: tzinfo, base_url: str, site: str) -> Handler:
    """The handler of `SENDING`."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        sent = await send_links(session, at, zone=zone, base_url=base_url, site=site)
        return at if sent == MOST else at + EVERY

    return handle


async def send_links(session: AsyncSession, at: datetime, *, zone: tzinfo, base_url: str, site: str) -> int:
    """A message with a link to everybody on the lists of campaigns of mode link who is due and may get one.

    Gives how many entries were looked at. The message is an outbox event for whoever sends short messages.
    """
    due = (
        select(CampaignEntry, Campaign, Customer.language)
        .join(Campaign, Campaign.id == CampaignEntry.campaign_id)
        .join(Customer, Customer.id == CampaignEntry.customer_id)
        .where(Campaign.mode == "link", CampaignEntry.state == "waiting", CampaignEntry.due_at <= at)
        .where((Campaign.status == "running") | ((Campaign.status == "sample") & CampaignEntry.sample))
        .order_by(CampaignEntry.due_at)
        .limit(MOST)
    )
    found = (await session.execute(due)).all()
    numbers = await numbers_of(session, [entry.customer_id for entry, _, _ in found])
    for entry, campaign, own in found:
        number = entry.e164 or numbers.best(entry.customer_id)
        language = settings_from(campaign.settings).language or own or "zh-CN"
        purpose, subject = Purpose(campaign.purpose), f"campaign/{campaign.id}"
        verdict = await claim(
            session, entry.customer_id, purpose, Channel.SMS, by="system", at=at, zone=zone, subject=subject,
            e164=number,
        )  # fmt: skip
        if verdict.yes and number:
            await _send(session, entry, number, language, at=at, base_url=base_url, site=site)
        else:
            entry.reason, entry.reason_values = storable(verdict.reason, 160), dict(verdict.values)
            entry.due_at = at + REST_OF_REFUSED
    return len(found)


async def _send(
    session: AsyncSession, entry: CampaignEntry, number: str, language: str, *, at: datetime, base_url: str, site: str
) -> None:
    link = await make_link(session, entry, at=at)
    words = _TEXTS.get(language, _TEXTS["zh-CN"])
    text = words.format(site=site, url=f"{base_url}/answer/{link.code}", days=VALID_FOR.days)
    payload = {"number": number, "text": text, "language": language}
    await tell(session, MESSAGE, f"questionnaire_link/{entry.id}", payload, at=at)
    entry.state, entry.reason, entry.result = "done", "", "link_sent"
    entry.attempts += 1
    entry.ended_at = at


async def make_link(session: AsyncSession, entry: CampaignEntry, *, at: datetime) -> ResponseLink:
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    link = ResponseLink(code=code, entry_id=entry.id, made_at=at, expires_at=at + VALID_FOR)
    session.add(link)
    await session.flush()
    return link


async def open_round(session: AsyncSession, code: str, *, language: str, at: datetime) -> Round:
    """The customer's questions, as far as they were answered. Raises LinkOver."""
    link = await session.get(ResponseLink, storable(code, 32), with_for_update=True)
    entry = await session.get(CampaignEntry, link.entry_id) if link is not None and link.expires_at > at else None
    campaign = await session.get(Campaign, entry.campaign_id) if entry is not None else None
    if link is None or entry is None or campaign is None or campaign.questionnaire_id is None:
        raise LinkOver
    if await session.scalar(select(Response.id).where(Response.call == call_of(link), Response.result != "")):
        raise LinkOver
    now = await begin(
        session, call_of(link), questionnaire=campaign.questionnaire_id, version=campaign.questionnaire_version,
        how="link", language=language, customer_id=entry.customer_id, entry=entry, at=at,
    )  # fmt: skip
    link.opened_at = link.opened_at or at
    now.response.language = language if language == "en" else "zh-CN"
    return now


async def opt_out(session: AsyncSession, now: Round, *, at: datetime) -> None:
    """The customer wants no more questions: on no channel, for the purpose that the campaign had."""
    campaign = await session.get(Campaign, now.response.campaign_id) if now.response.campaign_id else None
    purpose = Purpose(campaign.purpose) if campaign else Purpose.SURVEY
    await finish(session, now.response.call, result="declined", at=at)
    await consent_answers(
        session,
        now.response.customer_id,
        [(purpose, channel) for channel in Channel],
        False,
        contact_id="",
        words="Link",
        actor="system",
        at=at,
    )
