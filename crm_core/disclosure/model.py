"""A share of a recording with a colleague or a dealer's case, and an evidence package that is made or was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class RecordingShare(Base):
    """One more who may hear this recording until `until`: the colleague `person`, or the dealer of the case `case_id`.

    `why` and `by` say who gave it and for what. A revoked one opens nothing any more. Rows are kept.
    """

    __tablename__ = "recording_share"
    __table_args__ = (Index("ix_recording_share_person", "person", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    person: Mapped[str] = mapped_column(String(16), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), index=True)
    why: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(16), default="")


class EvidencePackage(Base):
    """One package: asked for, made in the background, kept for some days. `recordings` are the numbers of those in it.

    `state`: waiting, running, done, failed (`failure` says why) or gone (its days are over). `share` 0 to 1 is how much
    is done; a maker that says nothing until `taken_until` is dead, and another takes it up.
    """

    __tablename__ = "evidence_package"
    __table_args__ = (Index("ix_evidence_package_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(index=True)  # on whose page it was asked for
    recordings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    why: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    share: Mapped[float] = mapped_column(default=0.0)
    taken_until: Mapped[datetime | None]
    file: Mapped[str] = mapped_column(String(100), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    fingerprint: Mapped[str] = mapped_column(String(100), default="")
    ended_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(300), default="")
