"""Finding articles: by what is typed, and beside a call or case by what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import storable
from crm_core.knowledge import ranking
from crm_core.knowledge.matching import alike, matching, of_topic
from crm_core.knowledge.model import Article, ArticleText
from crm_core.knowledge.ranking import Indexed, Piece
from crm_core.knowledge.words import Term, note_terms, query_terms

LONGEST_QUERY = 120
LONGEST_NOTE = 400  # signs of a note that count: its last ones
ENOUGH = 3  # exact finds, from which on no slip is assumed
TOPIC, SUB_KIND, MODEL = 0.8, 1.6, 1.2  # what fits the call is worth about one good word
LEAST_SHARE = 0.12  # of a note's words; below, an article is found by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHit:
    """`title` and `snippet` have the hits marked; `answer` is the short answer, ready for a note."""

    article_id: int
    kind: str
    language: str
    title: tuple[Piece, ...]
    answer: str
    snippet: tuple[Piece, ...]
    category_id: int | None
    models: tuple[str, ...]
    version: int
    published_at: datetime | None
    uses: int
    score: float

    @property
    def name(self) -> str:
        return "".join(piece.text for piece in self.title)


@dataclass(slots=True)
class _Found:
    article: Article
    row: ArticleText
    score: float


async def search(
    session: AsyncSession,
    typed: str,
    *,
    on: date,
    language: str = "zh-CN",
    limit: int = 10,
    category_ids: Sequence[int] = (),
    model: str = "",
    audience: Sequence[str] = (),
) -> list[ArticleHit]:
    """Published articles valid on the day that fit what was typed, the best first, each once and in the reader's
    language where it has one. Both languages are searched. `model` is a vehicle's; "" = any."""
    asked = storable(typed, LONGEST_QUERY)
    terms = query_terms(asked)
    if not terms:
        return []
    where = [*readable(on, audience), Article.kind == "article"]
    if category_ids:
        where.append(Article.category_id.in_(category_ids))
    rows = await matching(session, terms, where, every=True)
    if len({row.article_id for _, row in rows}) < ENOUGH:
        rows += await alike(session, asked, where)
    if not rows and len(terms) > 1:
        rows = [pair for pair in await matching(session, terms, where, every=False) if _fits_half(pair[1], terms)]
    found = [one for one in _scored(rows, terms, asked) if fits_model(one.article.models, model)]
    return await _hits(session, found[:limit], terms, language)


async def suggest(
    session: AsyncSession,
    *,
    words: str = "",
    topic: str = "",
    sub_kind: str = "",
    model: str = "",
    limit: int = 4,
    on: date,
    language: str = "zh-CN",
) -> list[ArticleHit]:
    """What may answer a call or case: by the words of its note or title, its kind and sub-kind, its vehicle's model.

    Without words, the most used articles of the topic come first.
    """
    terms = note_terms(storable(words, 20_000)[-LONGEST_NOTE:])
    where = [*readable(on, ()), Article.kind == "article"]
    rows = await matching(session, terms, where, every=False) if terms else []
    by_words = _scored(rows, terms, "", least_share=LEAST_SHARE)
    best: dict[int, _Found] = {one.article.id: one for one in by_words}
    for article, row in await of_topic(session, topic, where) if topic else []:
        best.setdefault(article.id, _Found(article, row, 0.0))
    found = [one for one in best.values() if fits_model(one.article.models, model)]
    for one in found:
        one.score += _fits_call(one.article, topic, sub_kind, model)
    found.sort(key=lambda one: (-one.score, -one.article.uses, one.article.id))
    return await _hits(session, found[:limit], terms, language)


def readable(on: date, audience: Sequence[str]) -> list[ColumnElement[bool]]:
    """Published and valid on the day; `audience` () = the centre, which reads everything."""
    conditions = [
        Article.status == "published",
        or_(Article.valid_from.is_(None), Article.valid_from <= on),
        or_(Article.valid_until.is_(None), Article.valid_until >= on),
    ]
    return [*conditions, Article.audience.in_(audience)] if audience else conditions


def fits_model(models: Sequence[str], model: str) -> bool:
    """An article for E6 fits a "远辰 E6 四驱"; one for all models, or a vehicle nobody knows, fits always."""
    return not models or not model or any(word.casefold() in model.casefold() for word in models)


def _fits_call(article: Article, topic: str, sub_kind: str, model: str) -> float:
    worth = TOPIC if topic and topic in article.topics else 0.0
    worth += SUB_KIND if sub_kind and f"{topic}.{sub_kind}" in article.sub_kinds else 0.0
    return worth + (MODEL if model and article.models else 0.0)


def _fits_half(row: ArticleText, terms: Sequence[Term]) -> bool:
    return ranking.weigh([Indexed.of(row.title_words, row.body_words)], terms)[0].share >= 0.5


def _scored(
    rows: Sequence[tuple[Article, ArticleText]], terms: Sequence[Term], asked: str, *, least_share: float = 0.0
) -> list[_Found]:
    """Each article once, by its better language, the best first. A title that holds the whole question wins."""
    indexed = [Indexed.of(row.title_words, row.body_words) for _, row in rows]
    best: dict[int, _Found] = {}
    whole = asked.strip().casefold()
    for (article, row), weight in zip(rows, ranking.weigh(indexed, terms), strict=True):
        if weight.share < least_share:
            continue
        total = weight.score + (10.0 if whole and whole in row.title.casefold() else 0.0)
        if article.id not in best or best[article.id].score < total:
            best[article.id] = _Found(article, row, total)
    return sorted(best.values(), key=lambda one: (-one.score, -one.article.uses, one.article.id))


async def _hits(
    session: AsyncSession, found: Sequence[_Found], terms: Sequence[Term], language: str
) -> list[ArticleHit]:
    others = await session.scalars(
        select(ArticleText).where(
            ArticleText.article_id.in_([one.article.id for one in found]), ArticleText.language == language
        )
    )
    own = {row.article_id: row for row in others}
    return [_hit(one, own.get(one.article.id, one.row), terms) for one in found]


def _telling(shown: ArticleText, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """From the short answer when the words stand there, else from the body."""
    of_answer = ranking.snippet(shown.answer, terms)
    if any(piece.hit for piece in of_answer) or not shown.body:
        return of_answer
    of_body = ranking.snippet(shown.body, terms)
    return of_body if any(piece.hit for piece in of_body) else of_answer


def _hit(one: _Found, shown: ArticleText, terms: Sequence[Term]) -> ArticleHit:
    return ArticleHit(
        article_id=one.article.id,
        kind=one.article.kind,
        language=shown.language,
        title=ranking.marked(shown.title, terms),
        answer=shown.answer,
        snippet=_telling(shown, terms),
        category_id=one.article.category_id,
        models=tuple(one.article.models),
        version=one.article.published,
        published_at=one.article.published_at,
        uses=one.article.uses,
        score=one.score,
    )
