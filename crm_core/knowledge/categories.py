"""The tree of categories: added, renamed, moved, removed when nothing lies in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.knowledge.model import Article, ArticleCategory
from crm_core.workforce.fields import Unusable, text_of

DEEPEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A category in reading order. `below` are the ids of itself and everything under it, `articles` counts in them
    what is published."""

    category_id: int
    parent_id: int | None
    name_zh: str
    name_en: str
    depth: int
    below: tuple[int, ...]
    articles: int
    own: int

    def name(self, language: str) -> str:
        return self.name_en if language == "en" and self.name_en else self.name_zh


async def tree(session: AsyncSession) -> list[Node]:
    """All categories, each followed by its children."""
    rows = list(await session.scalars(select(ArticleCategory).order_by(ArticleCategory.position, ArticleCategory.id)))
    counted = await session.execute(
        select(Article.category_id, func.count())
        .where(Article.status == "published", Article.kind == "article")
        .group_by(Article.category_id)
    )
    return order(rows, {category_id: count for category_id, count in counted if category_id})


def order(rows: Sequence[ArticleCategory], counts: Mapping[int, int]) -> list[Node]:
    """The rows as a tree in reading order; what hangs on a missing parent stands at the top."""
    known = {row.id for row in rows}
    children: dict[int | None, list[ArticleCategory]] = {}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def walk(row: ArticleCategory, depth: int) -> list[Node]:
        under = [node for child in children.get(row.id, ()) for node in walk(child, depth + 1)]
        direct = [node for node in under if node.depth == depth + 1]
        node = Node(
            category_id=row.id,
            parent_id=row.parent_id,
            name_zh=row.name_zh,
            name_en=row.name_en,
            depth=depth,
            below=(row.id, *(node.category_id for node in under)),
            articles=counts.get(row.id, 0) + sum(node.articles for node in direct),
            own=counts.get(row.id, 0),
        )
        return [node, *under]

    return [node for row in children.get(None, ()) for node in walk(row, 0)]


async def save(
    session: AsyncSession,
    category_id: int | None,
    *,
    name_zh: str,
    name_en: str,
    parent_id: int | None,
    actor: str,
    at: datetime,
) -> ArticleCategory:
    """Add (`category_id` None), rename or move. Raises Unusable for a missing name, a loop or a tree too deep."""
    names = {"name_zh": text_of(name_zh, 40), "name_en": text_of(name_en, 60)}
    nodes = {node.category_id: node for node in await tree(session)}
    wrong = [] if names["name_zh"] else [Invalid("Enter the Chinese name.", field="name_zh")]
    moved = nodes.get(category_id) if category_id else None
    if category_id and moved is None:
        raise NotFound("There is no such category.")
    parent = nodes.get(parent_id) if parent_id else None
    if (parent_id and parent is None) or (moved and parent_id in moved.below):
        wrong.append(Invalid("Choose another place: a category cannot lie in itself.", field="parent_id"))
    height = max((nodes[one].depth - moved.depth for one in moved.below), default=0) if moved else 0
    if parent and parent.depth + 1 + height >= DEEPEST:
        wrong.append(Invalid("At most {most} levels.", most=DEEPEST, field="parent_id"))
    if wrong:
        raise Unusable(wrong)
    row = await session.get(ArticleCategory, category_id) if category_id else None
    if row is None:
        row = ArticleCategory(position=len(nodes))
        session.add(row)
    row.name_zh, row.name_en, row.parent_id = names["name_zh"], names["name_en"], parent_id
    await session.flush()
    await audit(session, at=at, actor=actor, action="category_saved", subject=f"category/{row.id}", detail=row.name_zh)
    return row


async def remove(session: AsyncSession, category_id: int, *, actor: str, at: datetime) -> None:
    """Raises Refused while articles or categories lie in it."""
    row = await session.get(ArticleCategory, category_id)
    if row is None:
        raise NotFound("There is no such category.")
    articles = await session.scalar(select(func.count()).where(Article.category_id == category_id)) or 0
    below = await session.scalar(select(func.count()).where(ArticleCategory.parent_id == category_id)) or 0
    if articles or below:
        raise Refused(
            "{name} is not empty: move its {count} articles and categories first.",
            name=row.name_zh,
            count=articles + below,
        )
    await session.delete(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="category_removed", subject=f"category/{category_id}")


async def by_path(session: AsyncSession, path: str, *, actor: str, at: datetime) -> int | None:
    """The category of "用车/充电", made where it is missing; None for an empty path."""
    parent: int | None = None
    for name in [part.strip() for part in path.split("/") if part.strip()][:DEEPEST]:
        rows = select(ArticleCategory.id).where(ArticleCategory.name_zh == name)
        found = await session.scalar(
            rows.where(ArticleCategory.parent_id == parent if parent else ArticleCategory.parent_id.is_(None))
        )
        if found is None:
            made = await save(session, None, name_zh=name, name_en="", parent_id=parent, actor=actor, at=at)
            found = made.id
        parent = found
    return parent
