"""Articles and scripts with their versions, what they are found by, how they were used, what nobody could answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from crm_core.db import Base
from crm_core.knowledge.index import attach


class WordList(TypeDecorator[list[str]]):
    """A short list of words, kept as |one|two| so that one of them is found by LIKE on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        words = [word.replace("|", " ").strip() for word in value or ()]
        return f"|{'|'.join(words)}|" if words else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str]:
        return [word for word in (value or "").split("|") if word]


class ArticleCategory(Base):
    """A place in the tree; `parent_id` None = at the top."""

    __tablename__ = "article_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("article_category.id"), index=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)


class Article(Base):
    """What readers see of an article; its words are in the version that `published` names by number (0 = none yet).

    `kind`: article or script. `status`: draft, review (never published so far), published or retired. `working` is the
    number of a newer version that is being written or waits for approval, 0 = none. `audience`: centre, dealer or
    public. `topics` are words of history.model.ContactKind; empty lists mean "for all".
    """

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_status", "status", "kind", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="article")
    status: Mapped[str] = mapped_column(String(10), default="draft")
    audience: Mapped[str] = mapped_column(String(10), default="centre")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("article_category.id"), index=True)
    models: Mapped[list[str]] = mapped_column(WordList, default=list)
    brands: Mapped[list[str]] = mapped_column(WordList, default=list)
    topics: Mapped[list[str]] = mapped_column(WordList, default=list)
    sub_kinds: Mapped[list[str]] = mapped_column(WordList, default=list)
    queues: Mapped[list[str]] = mapped_column(WordList, default=list)
    words: Mapped[list[str]] = mapped_column(WordList, default=list)
    related: Mapped[list[int]] = mapped_column(JSON, default=list)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]  # the last day
    review_on: Mapped[date | None] = mapped_column(index=True)
    author: Mapped[str] = mapped_column(String(16), default="")
    approver: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published: Mapped[int] = mapped_column(default=0)
    working: Mapped[int] = mapped_column(default=0)
    uses: Mapped[int] = mapped_column(default=0)  # inserted or sent
    source: Mapped[str] = mapped_column(String(120), default="", index=True)  # the name it was imported under


class ArticleVersion(Base):
    """One state of an article's words, and in `details` of what else an author may change (see knowledge.content).

    `state`: draft, review, published or replaced. `remark` is what the approver wrote when giving it back.
    """

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    title_zh: Mapped[str] = mapped_column(String(160), default="")
    answer_zh: Mapped[str] = mapped_column(Text, default="")  # the short answer: what goes into the note
    body_zh: Mapped[str] = mapped_column(Text, default="")  # Markdown
    title_en: Mapped[str] = mapped_column(String(160), default="")
    answer_en: Mapped[str] = mapped_column(Text, default="")
    body_en: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    author: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    change: Mapped[str] = mapped_column(String(160), default="")
    approver: Mapped[str] = mapped_column(String(16), default="")
    approved_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(String(300), default="")


class ArticleText(Base):
    """What an article is found by in one language; written by knowledge.indexing only. `body` is plain text."""

    __tablename__ = "article_text"
    __table_args__ = (UniqueConstraint("article_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(160))
    answer: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    title_words: Mapped[str] = mapped_column(Text, default="")
    body_words: Mapped[str] = mapped_column(Text, default="")
    title_pinyin: Mapped[str] = mapped_column(String(400), default="")


attach(event, ArticleText.__table__)


class ArticleUse(Base):
    """Somebody opened an article, inserted it into a note, or sent it. `how`: opened, inserted or sent."""

    __tablename__ = "article_use"
    __table_args__ = (
        Index("ix_article_use", "article_id", "at"),
        Index("ix_article_use_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    version: Mapped[int]
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    agent: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10), default="")


class ArticleVote(Base):
    """One person's answer to "useful?" in one contact; a second one replaces the first."""

    __tablename__ = "article_vote"
    __table_args__ = (UniqueConstraint("article_id", "agent", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    version: Mapped[int]
    agent: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    useful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]


class KnowledgeSearch(Base):
    """What somebody searched for when they stopped typing, and how many articles fitted."""

    __tablename__ = "knowledge_search"
    __table_args__ = (Index("ix_knowledge_search", "hits", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(120))
    hits: Mapped[int]
    at: Mapped[datetime]


class OpenQuestion(Base):
    """What the knowledge base could not answer; the same question of several people is one row.

    `status`: open, taken, answered or closed (without an article; `remark` says why).
    """

    __tablename__ = "open_question"
    __table_args__ = (Index("ix_open_question", "status", "last_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), default="open")
    asked: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(16), default="")
    taken_at: Mapped[datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(String(200), default="")


class QuestionAsk(Base):
    """One person who asked. `read_at` is when they took note of the answer."""

    __tablename__ = "question_ask"
    __table_args__ = (Index("ix_question_ask_agent", "agent", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("open_question.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    topic: Mapped[str] = mapped_column(String(16), default="")
    model: Mapped[str] = mapped_column(String(60), default="")
    read_at: Mapped[datetime | None]
