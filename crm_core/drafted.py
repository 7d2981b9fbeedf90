"""A content that is drafted, put in force, replaced, taken up again: its rows. At most one draft, one version in force.

Questionnaires and the forms of quality are such. What was begun with a version keeps that version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from crm_core.db import Base
from crm_core.errors import NotFound


class Drafted(Base):
    """`published` is the number of the version in force, 0 = none yet."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    published: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class DraftedVersion(Base):
    """`state`: draft (at most one, changed by saving), published or replaced. `revision` counts the draft's saves."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by: Mapped[str] = mapped_column(String(16))
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


Row = TypeVar("Row", bound=Drafted)
Version = TypeVar("Version", bound=DraftedVersion)


@dataclass(frozen=True, slots=True)
class Versions(Generic[Row, Version]):
    """Where the rows of a kind lie; `owner` is the version's foreign key, `missing` says that there is no such row."""

    row: type[Row]
    version: type[Version]
    owner: InstrumentedAttribute[int]
    missing: Callable[[], NotFound]

    async def row_of(self, session: AsyncSession, one: int, *, lock: bool = False) -> Row:
        """Raises NotFound. With `lock` one change of it at a time."""
        number = one if 0 < one < 2**31 else 0
        found = await session.get(self.row, number, with_for_update=lock or None, populate_existing=lock)
        if found is None:
            raise self.missing()
        return found

    async def draft_of(self, session: AsyncSession, one: int) -> Version | None:
        found: Version | None = await session.scalar(
            select(self.version).where(self.owner == one, self.version.state == "draft")
        )
        return found

    async def versions_of(self, session: AsyncSession, one: int, *, limit: int = 50) -> list[Version]:
        """Newest first; a draft is among them."""
        mine = select(self.version).where(self.owner == one).order_by(self.version.number.desc())
        return list(await session.scalars(mine.limit(limit)))

    async def version_of(self, session: AsyncSession, one: int, number: int) -> Version:
        """Raises NotFound."""
        found: Version | None = await session.scalar(
            select(self.version).where(self.owner == one, self.version.number == number)
        )
        if found is None:
            raise NotFound("There is no version {number} of it.", number=number)
        return found

    async def in_force(self, session: AsyncSession, one: int, number: int = 0) -> Version | None:
        """The version with this number, 0 = the one in force; None when it is not there or was never in force."""
        if not number:
            row = await session.get(self.row, one)
            number = row.published if row else 0
        wanted = select(self.version).where(self.owner == one, self.version.number == number)
        found: Version | None = await session.scalar(wanted.where(self.version.state != "draft"))
        return found
