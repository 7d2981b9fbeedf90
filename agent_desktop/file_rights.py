"""Who may have the files of what: one line for each kind of subject. A kind that is missing here is nobody's."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.cases.model import Case
from crm_core.dealers.network_model import NetworkNews
from crm_core.dealers.news_queries import reader_of, visible_news
from crm_core.files.access import Check
from crm_core.knowledge.model import Article


async def _case(session: AsyncSession, user: SignedInUser, reach: Reach, subject_id: str) -> bool:
    case = await session.get(Case, int(subject_id)) if subject_id.isdecimal() else None
    works = user.may(Permission.WORK_CASES) or user.may(Permission.SEE_OWN_DEALER)
    return case is not None and works and reach.covers(case.dealer_id)


async def _article(session: AsyncSession, user: SignedInUser, reach: Reach, subject_id: str) -> bool:
    article = await session.get(Article, int(subject_id)) if subject_id.isdecimal() else None
    if article is None:
        return False
    published = article.status == "published"
    if user.may(Permission.SEE_KNOWLEDGE):
        return published or user.may(Permission.WRITE_KNOWLEDGE)
    return published and article.audience in ("dealer", "public") and user.may(Permission.SEE_OWN_DEALER)


async def _news(session: AsyncSession, user: SignedInUser, reach: Reach, subject_id: str) -> bool:
    """Whoever writes for the network, and the dealers' people whom the piece is meant for."""
    if not subject_id.isdecimal():
        return False
    if user.may(Permission.EDIT_NETWORK):
        return True
    reader = await reader_of(session, user.user_id)
    found = visible_news(reader, clock.now().date()).where(NetworkNews.id == int(subject_id))
    return user.may(Permission.SEE_OWN_DEALER) and await session.scalar(found) is not None


CHECKS: Mapping[str, Check] = {
    "article": _article,
    "case": _case,
    "news": _news,
}
