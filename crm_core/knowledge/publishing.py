"""To the readers and back: approval by a second person, retiring, and the day when somebody looks again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell
from crm_core.jobs.actions import cancel, schedule
from crm_core.jobs.runner import Due, Handler
from crm_core.knowledge.authoring import existing, show, working_version
from crm_core.knowledge.content import content_of, publishing_problems
from crm_core.knowledge.indexing import index_article
from crm_core.knowledge.model import Article, ArticleVersion
from crm_core.workforce.fields import Unusable

REVIEW = "knowledge.review"  # the kind of the job; its key is the article's id
REMIND_AT = time(8, 30)  # of the site's day
REMIND_AGAIN = timedelta(days=7)


class OwnText(Refused):
    """Four eyes: nobody approves what they wrote themselves."""

    def __init__(self) -> None:
        super().__init__("You wrote this version yourself. A colleague approves it.")


async def publish(session: AsyncSession, article_id: int, *, actor: str, at: datetime, zone: tzinfo) -> ArticleVersion:
    """Approve what waits for review: from now on readers see it. Raises OwnText for the version's author."""
    article = await existing(session, article_id)
    version = await working_version(session, article, "review")
    if version.author == actor:
        raise OwnText
    content = content_of(version)
    wrong = publishing_problems(content)
    if wrong:
        raise Unusable(wrong)
    older = update(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.state == "published")
    await session.execute(older.values(state="replaced"))
    version.state, version.approver, version.approved_at = "published", actor, at
    show(article, content)
    article.status, article.published, article.working = "published", version.number, 0
    article.author, article.approver, article.published_at = version.author, actor, at
    await session.flush()
    await index_article(session, article, version)
    await _remind(session, article, zone)
    await tell(session, "article.published", f"article/{article_id}", {"version": version.number}, at=at)
    await audit(session, at=at, actor=actor, action="article_published", subject=f"article/{article_id}")
    return version


async def retire(session: AsyncSession, article_id: int, *, actor: str, at: datetime) -> Article:
    """Readers no longer find it; versions and figures stay."""
    article = await existing(session, article_id)
    if article.status == "retired":
        raise Refused("This article is retired already.")
    article.status = "retired"
    await cancel(session, REVIEW, str(article_id))
    await tell(session, "article.retired", f"article/{article_id}", at=at)
    await audit(session, at=at, actor=actor, action="article_retired", subject=f"article/{article_id}")
    return article


async def bring_back(session: AsyncSession, article_id: int, *, actor: str, at: datetime, zone: tzinfo) -> Article:
    """Undo `retire`."""
    article = await existing(session, article_id)
    if article.status != "retired":
        raise Refused("This article is not retired.")
    article.status = "published" if article.published else "draft"
    await _remind(session, article, zone)
    await audit(session, at=at, actor=actor, action="article_brought_back", subject=f"article/{article_id}")
    return article


async def still_right(
    session: AsyncSession, article_id: int, review_on: date, *, actor: str, at: datetime, zone: tzinfo
) -> Article:
    """Somebody looked at it and it stays as it is until `review_on`. Raises Invalid for a day that is not ahead."""
    article = await existing(session, article_id)
    if review_on <= at.astimezone(zone).date():
        raise Invalid("Choose a day that is still to come.", field="review_on")
    article.review_on = review_on
    await _remind(session, article, zone)
    await audit(session, at=at, actor=actor, action="article_reviewed", subject=f"article/{article_id}")
    return article


def reviewer(zone: tzinfo) -> Handler:
    """The job's handler: tells that an article is due for a look, each week until somebody has looked."""

    async def remind(session: AsyncSession, job: Due, at: datetime) -> datetime | None:
        article = await session.get(Article, int(job.key))
        if article is None or article.status != "published" or article.review_on is None:
            return None
        if article.review_on > at.astimezone(zone).date():
            return _moment(article.review_on, zone)
        due = {"author": article.author, "review_on": article.review_on.isoformat()}
        await tell(session, "article.review_due", f"article/{article.id}", due, at=at)
        return at + REMIND_AGAIN

    return remind


async def _remind(session: AsyncSession, article: Article, zone: tzinfo) -> None:
    if article.status == "published" and article.review_on:
        await schedule(session, REVIEW, str(article.id), _moment(article.review_on, zone))


def _moment(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, REMIND_AT, zone).astimezone(UTC)
