"""The database: base class, aware-UTC times, engine and sessions for SQLite (WAL) and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, DateTime, Dialect, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: times are stored as aware UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def storable(text: str, length: int) -> str:
    """Text as a column of this length takes it: no NUL (PostgreSQL refuses it), no lone surrogate, cut."""
    return text.replace("\0", "").encode(errors="replace").decode()[:length]


class Base(DeclarativeBase):
    """All tables of the product. Relationships are `lazy="raise"`: a query says what it loads."""

    type_annotation_map: ClassVar = {datetime: UtcTime}


def with_our_driver(address: str) -> str:
    """An address as people write it, with the driver that we ship: postgresql://… means psycopg."""
    for plain in ("postgresql://", "postgres://"):
        if address.startswith(plain):
            return "postgresql+psycopg://" + address.removeprefix(plain)
    return address


def make_engine(url: str, **connect_args: object) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///…` (WAL, foreign keys on, 5 s busy wait) or `postgresql+psycopg://…`."""
    # An error goes into the log: names and numbers do not.
    engine = create_async_engine(url, hide_parameters=True, connect_args=connect_args)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "savepoint", _begin_before_savepoint)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_before_savepoint(connection: Connection, _name: str) -> None:
    """Python's sqlite3 begins no transaction for SAVEPOINT: its release would commit, whatever comes after."""
    pooled = connection.connection.dbapi_connection
    if not getattr(pooled, "driver_connection", pooled).in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """Hands out sessions; `begin()` commits once, at the end of the block, or rolls back."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions.begin() as session:
            yield session

    async def close(self) -> None:
        await self.engine.dispose()
