"""One row for each form a recording took, chained; and what is removed because another form took its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class RecordingSeal(Base):
    """Written once, never changed, and outlives the recording's row. `hash` covers this row and the one before.

    `kind`: kept (packed by us), adopted (found without a seal, from before there were seals), compressed, encrypted,
    moved (to another place) or deleted. `sha256` and `bytes` are of the stored file, `plain_sha256` of its sound file
    before it was encrypted; of a deleted one all three are of what was there last. `replaces` is the stored file's
    SHA-256 in the seal before, "" of the first.
    """

    __tablename__ = "recording_seal"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recording_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(12))
    file: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(8), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    plain_sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    replaces: Mapped[str] = mapped_column(String(64), default="")
    sealed_at: Mapped[datetime]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class SealHead(Base):
    """One row: how many seals there are and the hash of the last. Its lock puts writers in a row."""

    __tablename__ = "recording_seal_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")


class LeavingFile(Base):
    """A stored file whose place another form of the recording has taken: it is removed, also after a kill."""

    __tablename__ = "recording_leaving"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int]
    file: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(8), default="")
    since: Mapped[datetime]


class RecordingKey(Base):
    """The data key of an encrypted recording, wrapped by the site's key `key_id`. Without this row nobody can hear it.

    `name` is the recording's file without its ending.
    """

    __tablename__ = "recording_key"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    wrapped: Mapped[str] = mapped_column(String(160))
    made_at: Mapped[datetime]


class SealCheck(Base):
    """One check of the recordings against their seals. `state`: running, whole, broken or away (not reached)."""

    __tablename__ = "recording_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(8), default="running")
    by: Mapped[str] = mapped_column(String(16))
    seals: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)


class SealFinding(Base):
    """What a check found. `kind` is a word of crm_core.seals.findings."""

    __tablename__ = "recording_check_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    recording_id: Mapped[int | None]
    told: Mapped[str] = mapped_column(String(300), default="")
