"""Taking over many articles at once, as drafts that wait for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import PlatformError
from crm_core.knowledge.authoring import latest_version, send_to_review, write
from crm_core.knowledge.categories import by_path, tree
from crm_core.knowledge.content import content_of
from crm_core.knowledge.exchange import Sheet, same, write_sheet
from crm_core.knowledge.model import Article, ArticleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one file. `outcome`: new, changed, same or wrong."""

    name: str
    outcome: str
    title: str = ""
    article_id: int | None = None
    problem: PlatformError | None = None


async def take_over(
    session: AsyncSession, sheets: Sequence[Sheet], *, review: bool, actor: str, at: datetime
) -> list[Taken]:
    """Each file becomes a new draft, or the next draft of the article that came from a file of this name.

    A file that cannot be used changes nothing and hinders no other. `review` sends the drafts to approval at once.
    """
    done = []
    for sheet in sheets:
        try:
            async with session.begin_nested():
                done.append(await _one(session, sheet, review=review, actor=actor, at=at))
        except PlatformError as wrong:
            done.append(Taken(name=sheet.name, outcome="wrong", problem=wrong))
    return done


async def _one(session: AsyncSession, sheet: Sheet, *, review: bool, actor: str, at: datetime) -> Taken:
    if sheet.content is None:
        return Taken(name=sheet.name, outcome="wrong", problem=sheet.problem)
    known = await session.scalar(select(Article).where(Article.source == sheet.name, Article.source != ""))
    last = await latest_version(session, known.id) if known else None
    title = sheet.content.title_zh or sheet.content.title_en
    if known and last and same(content_of(last), sheet.content):
        return Taken(name=sheet.name, outcome="same", title=title, article_id=known.id)
    category = await by_path(session, sheet.category, actor=actor, at=at)
    content = replace(sheet.content, category_id=category, related=content_of(last).related if last else [])
    draft = await write(session, known.id if known else None, content, source=sheet.name, actor=actor, at=at)
    if review:
        await send_to_review(session, draft.article_id, actor=actor, at=at)
    return Taken(name=sheet.name, outcome="changed" if known else "new", title=title, article_id=draft.article_id)


async def all_sheets(session: AsyncSession) -> list[tuple[str, str]]:
    """Every published article as a file, by name: what an export holds."""
    paths = _paths({node.category_id: (node.parent_id, node.name_zh) for node in await tree(session)})
    rows = await session.execute(
        select(Article, ArticleVersion)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(Article.status == "published", ArticleVersion.number == Article.published)
        .order_by(Article.id)
    )
    return [
        (
            f"{article.source or f'article-{article.id}'}.md",
            write_sheet(content_of(version), paths.get(article.category_id or 0, "")),
        )
        for article, version in rows
    ]


def _paths(nodes: dict[int, tuple[int | None, str]]) -> dict[int, str]:
    def path(category_id: int) -> str:
        parent, name = nodes[category_id]
        return f"{path(parent)}/{name}" if parent in nodes else name

    return {category_id: path(category_id) for category_id in nodes}
