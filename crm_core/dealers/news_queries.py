"""What a dealer's person may read, and who has read what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.dealers.model import Dealer
from crm_core.dealers.network_model import NetworkNews, NewsRead

DEALER_ROLES = (Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`region` of the reader's dealer, or the region they manage; None = head office, which reads everything."""

    user_id: int
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsLine:
    news: NetworkNews
    opened_at: datetime | None
    confirmed_at: datetime | None

    @property
    def waits(self) -> bool:
        return self.news.must_read and self.confirmed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One person whom a piece of news is meant for."""

    number: str
    name: str
    dealer: str
    region: str
    opened_at: datetime | None
    confirmed_at: datetime | None


async def reader_of(session: AsyncSession, user_id: int) -> Reader:
    """The reader behind a sign-in; a person of no dealer and no region reads everything."""
    user = await session.get_one(User, user_id)
    if user.dealer_id is not None:
        dealer = await session.get_one(Dealer, user.dealer_id)
        return Reader(user_id=user_id, region=dealer.region)
    return Reader(user_id=user_id, region=user.region or None)


def visible_news(reader: Reader, today: date) -> Select[NetworkNews]:
    """What is published, not over, and meant for the reader's region."""
    statement = select(NetworkNews).where(
        NetworkNews.published_at.is_not(None),
        NetworkNews.withdrawn_at.is_(None),
        or_(NetworkNews.valid_until.is_(None), NetworkNews.valid_until >= today),
    )
    if reader.region is None:
        return statement
    # JSON lists are compared as text: the two databases share no operator for "contains".
    written = cast(NetworkNews.regions, String)
    quoted = written.contains(json.dumps(reader.region), autoescape=True)
    return statement.where(or_(written == "[]", quoted))


async def news_for(
    session: AsyncSession, reader: Reader, *, today: date, kind: str = "", words: str = ""
) -> list[NewsLine]:
    """Newest first, what must still be confirmed before the rest."""
    statement = visible_news(reader, today)
    if kind:
        statement = statement.where(NetworkNews.kind == kind)
    if words:
        found = NetworkNews.title.contains(words, autoescape=True)
        statement = statement.where(or_(found, NetworkNews.body.contains(words, autoescape=True)))
    rows = list(await session.scalars(statement.order_by(NetworkNews.published_at.desc()).limit(200)))
    read = await session.scalars(
        select(NewsRead).where(NewsRead.user_id == reader.user_id, NewsRead.news_id.in_([row.id for row in rows]))
    )
    receipts = {one.news_id: one for one in read}
    lines = [_line(row, receipts.get(row.id)) for row in rows]
    return sorted(lines, key=lambda line: not line.waits)


async def unread_count(session: AsyncSession, reader: Reader, *, today: date) -> int:
    """How many pieces wait for the reader's confirmation."""
    confirmed = select(NewsRead.news_id).where(NewsRead.user_id == reader.user_id, NewsRead.confirmed_at.is_not(None))
    waiting = visible_news(reader, today).where(NetworkNews.must_read, NetworkNews.id.not_in(confirmed))
    return await session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


async def all_news(session: AsyncSession) -> list[NetworkNews]:
    """Drafts, published and withdrawn, newest first."""
    return list(await session.scalars(select(NetworkNews).order_by(NetworkNews.id.desc()).limit(300)))


async def receipts(session: AsyncSession, news: NetworkNews) -> list[ReceiptLine]:
    """Everybody whom it is meant for; who has not confirmed, then who has not opened it, first."""
    roles = or_(*(User.roles.contains(role.value) for role in DEALER_ROLES))
    rows = await session.execute(
        select(User, Dealer, NewsRead)
        .outerjoin(Dealer, Dealer.id == User.dealer_id)
        .outerjoin(NewsRead, (NewsRead.user_id == User.id) & (NewsRead.news_id == news.id))
        .where(roles, User.disabled_at.is_(None))
        .order_by(User.number)
    )
    lines = []
    for user, dealer, receipt in rows:
        region = dealer.region if dealer else user.region
        if news.regions and region not in news.regions:
            continue
        lines.append(
            ReceiptLine(
                number=user.number,
                name=user.name,
                dealer=dealer.short_name if dealer else "",
                region=region,
                opened_at=receipt.opened_at if receipt else None,
                confirmed_at=receipt.confirmed_at if receipt else None,
            )
        )
    return sorted(lines, key=lambda one: (one.confirmed_at is not None, one.opened_at is not None, one.number))


async def regions_of(session: AsyncSession) -> list[str]:
    """The regions that have dealers."""
    return list(
        await session.scalars(select(Dealer.region).where(Dealer.region != "").distinct().order_by(Dealer.region))
    )


def _line(news: NetworkNews, receipt: NewsRead | None) -> NewsLine:
    return NewsLine(
        news=news,
        opened_at=receipt.opened_at if receipt else None,
        confirmed_at=receipt.confirmed_at if receipt else None,
    )
