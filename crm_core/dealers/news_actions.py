"""News, sales policy, campaigns and training material for the dealers: written, published, opened, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.dealers.network_model import NetworkNews, NewsRead
from crm_core.dealers.news_queries import Reader, visible_news
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.workforce.fields import Unusable, text_of

KINDS = ("news", "policy", "campaign", "advert", "training")
LONGEST = 40_000  # signs of a body


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the form gives; `regions` empty = every dealer."""

    kind: str
    title: str
    body: str
    regions: Sequence[str]
    must_read: bool
    valid_until: date | None


async def save_news(session: AsyncSession, news_id: int | None, draft: Draft, *, actor: str, at: datetime) -> int:
    """A new draft or a changed piece; gives its id. Raises Unusable, NotFound."""
    wrong = _problems(draft, at.date())
    if wrong:
        raise Unusable(wrong)
    row = await _news(session, news_id) if news_id is not None else NetworkNews(created_at=at, created_by=actor)
    row.kind, row.title, row.body = draft.kind, text_of(draft.title, 120), storable(draft.body, LONGEST)
    row.regions, row.must_read, row.valid_until = sorted(set(draft.regions)), draft.must_read, draft.valid_until
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="news_saved", subject=f"news/{row.id}", detail=row.title)
    return row.id


async def publish(session: AsyncSession, news_id: int, *, actor: str, at: datetime) -> None:
    """Dealers see it from now on; a withdrawn one again."""
    row = await _news(session, news_id)
    if row.published_at is not None and row.withdrawn_at is None:
        raise Refused("This is published already.")
    row.published_at, row.withdrawn_at = row.published_at or at, None
    facts = {"kind": row.kind, "title": row.title, "regions": row.regions, "must_read": row.must_read}
    await tell(session, "news.published", f"news/{row.id}", facts, at=at)
    await audit(session, at=at, actor=actor, action="news_published", subject=f"news/{row.id}", detail=row.title)


async def withdraw(session: AsyncSession, news_id: int, *, actor: str, at: datetime) -> None:
    """No dealer sees it any more; who read it stays known."""
    row = await _news(session, news_id)
    if row.published_at is None or row.withdrawn_at is not None:
        raise Refused("This is not published.")
    row.withdrawn_at = at
    await audit(session, at=at, actor=actor, action="news_withdrawn", subject=f"news/{row.id}", detail=row.title)


async def open_news(session: AsyncSession, news_id: int, reader: Reader, *, at: datetime) -> NetworkNews:
    """The piece, with the receipt that this person opened it. Raises NotFound for what the reader may not see."""
    row = await session.scalar(visible_news(reader, at.date()).where(NetworkNews.id == news_id))
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    await _receipt(session, news_id, reader.user_id, at)
    return row


async def confirm_read(session: AsyncSession, news_id: int, reader: Reader, *, actor: str, at: datetime) -> None:
    """The reader says to have read it; saying it twice keeps the first time."""
    await open_news(session, news_id, reader, at=at)
    receipt = await _receipt(session, news_id, reader.user_id, at)
    if receipt.confirmed_at is None:
        receipt.confirmed_at = at
        await audit(session, at=at, actor=actor, action="news_confirmed", subject=f"news/{news_id}")


async def _receipt(session: AsyncSession, news_id: int, user_id: int, at: datetime) -> NewsRead:
    found = await session.get(NewsRead, (news_id, user_id))
    if found is not None:
        return found
    row = NewsRead(news_id=news_id, user_id=user_id, opened_at=at)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:  # opened in two tabs at once
        return await session.get_one(NewsRead, (news_id, user_id), populate_existing=True)
    return row


async def _news(session: AsyncSession, news_id: int) -> NetworkNews:
    row = await session.get(NetworkNews, news_id)
    if row is None:
        raise NotFound("There is no such piece of news.")
    return row


def _problems(draft: Draft, today: date) -> list[Invalid]:
    wrong = []
    if draft.kind not in KINDS:
        wrong.append(Invalid("Choose the kind.", field="kind"))
    if not draft.title.strip():
        wrong.append(Invalid("Enter a title.", field="title"))
    if not draft.body.strip():
        wrong.append(Invalid("Write what the dealers are to know.", field="body"))
    if len(draft.body) > LONGEST:
        wrong.append(Invalid("At most {most} signs.", most=LONGEST, field="body"))
    if draft.valid_until is not None and draft.valid_until < today:
        wrong.append(Invalid("This day is over.", field="valid_until"))
    return wrong
