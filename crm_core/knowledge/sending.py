"""Giving an article to a customer: as a message that another system delivers, or by post as a case (B-63)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.cases.actions import open_case
from crm_core.consent.gate import claim
from crm_core.consent.purposes import Channel, Purpose
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell
from crm_core.knowledge.markdown import plain
from crm_core.knowledge.model import ArticleVersion
from crm_core.knowledge.usage import readable_article, used

CHANNELS = (Channel.WECHAT, Channel.SMS, Channel.EMAIL, Channel.POST)
LONGEST_SMS = 300  # characters; more would be five messages


class MayNotContact(Refused):
    """The gate's own sentence."""


async def send(
    session: AsyncSession,
    article_id: int,
    customer_id: int,
    channel: str,
    *,
    contact_id: str = "",
    language: str = "zh-CN",
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> str:
    """Send it; gives the number of the material case when it goes by post, else "".

    The customer asked for it: purpose SERVICE. Raises MayNotContact with the gate's reason, Invalid for a channel that
    carries no material.
    """
    if channel not in CHANNELS:
        raise Invalid("Choose how to send it.", field="channel")
    verdict = await claim(
        session,
        customer_id,
        Purpose.SERVICE,
        Channel(channel),
        by=actor,
        at=at,
        zone=zone,
        subject=f"article/{article_id}",
    )
    if not verdict.yes:
        raise MayNotContact(verdict.reason, **verdict.values)
    article = await readable_article(session, article_id)
    version = await session.scalar(
        select(ArticleVersion).where(
            ArticleVersion.article_id == article_id, ArticleVersion.number == article.published
        )
    )
    if version is None:
        raise Invalid("There is no such article.", field="article")
    title, answer, body = _words(version, language)
    await used(
        session,
        article_id,
        "sent",
        contact_id=contact_id,
        customer_id=customer_id,
        channel=channel,
        actor=actor,
        at=at,
    )
    if channel == Channel.POST:
        case = await open_case(
            session,
            customer_id=customer_id,
            kind="material",
            title=title,
            detail=body,
            contact_id=contact_id,
            actor=actor,
            at=at,
            zone=zone,
        )
        return case.number
    text = (answer or body)[:LONGEST_SMS] if channel == Channel.SMS else body
    message = {"customer": customer_id, "channel": channel, "article": article_id, "title": title, "text": text}
    await tell(session, "material.sent", f"customer/{customer_id}", message, at=at)
    await audit(session, at=at, actor=actor, action="material_sent", subject=f"customer/{customer_id}", detail=title)
    return ""


def _words(version: ArticleVersion, language: str) -> tuple[str, str, str]:
    """Title, short answer and plain body in the customer's language where there is one."""
    english = (language == "en" and bool(version.title_en)) or not version.title_zh
    if english:
        return version.title_en, version.answer_en, plain(version.body_en)
    return version.title_zh, version.answer_zh, plain(version.body_zh)
