"""Drafting: a content is kept while it may still be wrong, put in force, and taken up again; all in the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.drafted import Row, Version, Versions
from crm_core.errors import NotFound, Refused
from crm_core.workforce.versions import SavedMeanwhile

Content = TypeVar("Content")


class NotReady(Refused):
    """`problems` are all that keep the draft from being published; each has its `sentence`."""

    def __init__(self, found: Sequence[Any]) -> None:
        super().__init__(found[0].sentence.message_id, **found[0].sentence.values)
        self.problems = tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """What is acted upon, and the words of the audit log for it."""

    subject: str
    saved: str
    published: str
    again: str
    dropped: str
    removed: str


async def nothing_more(session: AsyncSession, at: datetime) -> None:
    """Of a version that was put in force nothing else follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting(Generic[Row, Version, Content]):
    """`names` are a content's in Chinese and English; `problems` all that keep it from being put in force.

    `follows` is what else is to be done once a version is in force.
    """

    versions: Versions[Row, Version]
    deeds: Deeds
    load: Callable[[dict[str, Any]], Content]
    store: Callable[[Content], dict[str, Any]]
    names: Callable[[Content], tuple[str, str]]
    problems: Callable[[Content], Sequence[Any]]
    follows: Callable[[AsyncSession, datetime], Awaitable[None]] = nothing_more

    async def create(self, session: AsyncSession, content: Content, *, actor: str, at: datetime) -> Row:
        """A new one with this draft."""
        row = self.versions.row(name_zh="", name_en="", created_by=storable(actor, 16), created_at=at, published=0)
        session.add(row)
        await session.flush()
        await self.save_draft(session, row.id, content, base=None, actor=actor, at=at)
        return row

    async def save_draft(
        self, session: AsyncSession, one: int, content: Content, *, base: int | None, actor: str, at: datetime
    ) -> Version:
        """Keep a content that may still be wrong. `base` is the draft's revision that the page began with, 0 = none.

        Raises SavedMeanwhile, NotFound; `base` None = whatever is there.
        """
        row = await self.versions.row_of(session, one, lock=True)
        draft = await self.versions.draft_of(session, one)
        if base is not None and base != (draft.revision if draft else 0):
            raise SavedMeanwhile(draft.saved_by if draft else "?")
        if draft is None:
            draft = await self._new_draft(session, one)
        draft.content, draft.saved_by, draft.saved_at = self.store(content), storable(actor, 16), at
        draft.revision += 1
        if not row.published:
            self._name(row, content)
        await session.flush()
        await self._audit(session, one, draft, self.deeds.saved, actor=actor, at=at)
        return draft

    async def publish(
        self, session: AsyncSession, one: int, *, base: int | None = None, actor: str, at: datetime
    ) -> Version:
        """Whoever begins from now on has the draft. Raises NotReady, SavedMeanwhile, NotFound."""
        row = await self.versions.row_of(session, one, lock=True)
        draft = await self.versions.draft_of(session, one)
        if draft is None:
            raise NotFound("There is nothing to publish: all that was written is in force.")
        if base is not None and base != draft.revision:
            raise SavedMeanwhile(draft.saved_by)
        await self._replace(session, row, draft, at=at)
        await self._audit(session, one, draft, self.deeds.published, actor=actor, at=at)
        return draft

    async def publish_again(self, session: AsyncSession, one: int, number: int, *, actor: str, at: datetime) -> Version:
        """Back to a version that was in force before. Raises Refused, NotReady, NotFound."""
        row = await self.versions.row_of(session, one, lock=True)
        version = await self.versions.version_of(session, one, number)
        if version.state == "draft":
            raise Refused("Version {number} was never in force: publish it.", number=number)
        if row.published == number:
            raise Refused("Version {number} is in force already.", number=number)
        await self._replace(session, row, version, at=at)
        await self._audit(session, one, version, self.deeds.again, actor=actor, at=at)
        return version

    async def drop_draft(self, session: AsyncSession, one: int, *, actor: str, at: datetime) -> Row:
        """What is in force stays; one that was never published is put away. Raises NotFound."""
        row = await self.versions.row_of(session, one, lock=True)
        draft = await self.versions.draft_of(session, one)
        if draft is None:
            raise NotFound("There is no draft.")
        await self._audit(session, one, draft, self.deeds.dropped, actor=actor, at=at)
        await session.delete(draft)
        if not row.published:
            row.archived_at = at
        await session.flush()
        return row

    async def archive(self, session: AsyncSession, one: int, *, actor: str, at: datetime) -> None:
        """Out of the list; what was made with it stays. Raises NotFound."""
        row = await self.versions.row_of(session, one, lock=True)
        row.archived_at = row.archived_at or at
        await session.flush()
        await audit(session, at=at, actor=actor, action=self.deeds.removed, subject=f"{self.deeds.subject}/{row.id}")

    async def _new_draft(self, session: AsyncSession, one: int) -> Version:
        latest = select(func.max(self.versions.version.number)).where(self.versions.owner == one)
        number = (await session.scalar(latest) or 0) + 1
        draft = self.versions.version(**{self.versions.owner.key: one}, number=number, revision=0, state="draft")
        session.add(draft)
        return draft

    async def _replace(self, session: AsyncSession, row: Row, version: Version, *, at: datetime) -> None:
        content = self.load(version.content)
        if found := self.problems(content):
            raise NotReady(found)
        kind = self.versions.version
        others = update(kind).where(self.versions.owner == row.id, kind.state == "published")
        await session.execute(others.values(state="replaced"))
        version.state, version.published_at = "published", at
        row.published, row.archived_at = version.number, None
        self._name(row, content)
        await session.flush()
        await self.follows(session, at)

    def _name(self, row: Row, content: Content) -> None:
        zh, en = self.names(content)
        row.name_zh, row.name_en = storable(zh, 60), storable(en, 60)

    async def _audit(
        self, session: AsyncSession, one: int, version: Version, action: str, *, actor: str, at: datetime
    ) -> None:
        subject = f"{self.deeds.subject}/{one}"
        await audit(session, at=at, actor=actor, action=action, subject=subject, detail=f"#{version.number}")
