"""One row per contact, its legs, its visits to queues, its recordings. Written only by history.writer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_core.db import Base
from crm_core.figures.marking import Counted, leg_quarters, stint_quarters, visit_quarters


class ContactKind(StrEnum):
    """What the caller wanted, chosen by the agent first of all (B-61)."""

    ENQUIRY = "enquiry"  # 咨询
    COMPLAINT = "complaint"  # 投诉
    SUGGESTION = "suggestion"  # 建议
    REPAIR = "repair"  # 维修
    RESCUE = "rescue"  # 救援
    MATERIAL = "material"  # 资料
    ORDER = "order"  # 订购


class Contact(Base):
    """One INVITE on the trunk, in or out. `outcome` is NULL only while the call lives."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_customer", "customer_id", "started_at"),
        Index("ix_contact_caller", "caller", "started_at"),
        Index("ix_contact_vehicle", "vehicle_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), default="voice")
    direction: Mapped[str] = mapped_column(String(10))
    caller: Mapped[str] = mapped_column(String(20), default="")
    entry: Mapped[str] = mapped_column(String(20), default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(String(8), default="")
    menu_path: Mapped[str] = mapped_column(String(200), default="")  # "main>repair"
    menu_flow: Mapped[str] = mapped_column(String(40), default="")
    menu_version: Mapped[int] = mapped_column(default=0)  # 0 = the menu that came with the product
    topic: Mapped[str] = mapped_column(String(20), default="")
    queue: Mapped[str] = mapped_column(String(40), default="")  # the last queue visited
    agent: Mapped[str] = mapped_column(String(16), default="", index=True)  # the last agent who talked
    started_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    ended_by: Mapped[str] = mapped_column(String(10), default="")
    estimated: Mapped[bool] = mapped_column(default=False)
    # filled by the agent (history.actions.save_record), never by the feed
    kind: Mapped[str] = mapped_column(String(16), default="")
    sub_kind: Mapped[str] = mapped_column(String(40), default="")
    relation: Mapped[str] = mapped_column(String(16), default="")  # owner | family | driver | other
    disposition: Mapped[str] = mapped_column(String(24), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime | None]  # when the agent finished the record

    legs: Mapped[list[Leg]] = relationship(lazy="raise", order_by="Leg.offered_at")
    visits: Mapped[list[QueueVisit]] = relationship(lazy="raise", order_by="QueueVisit.entered_at")


class ContactNote(Base):
    """What one agent wrote of a contact. `Contact.note` is all of them together, see history.notes."""

    __tablename__ = "contact_note"

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    agent: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    began_at: Mapped[datetime]


class Leg(Counted, Base):
    """One agent's part of a contact: the offer, and the talk if there was one. Times per leg, never per call."""

    __tablename__ = "leg"
    __table_args__ = (Index("ix_leg_agent", "agent", "offered_at"), Index("ix_leg_ended", "agent", "ended_at"))
    counted = ("agent", "why", "queue", "offered_at", "answered_at", "ended_at", "result")
    quarters = staticmethod(leg_quarters)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(40), default="")
    why: Mapped[str] = mapped_column(String(40), default="")
    verdicts: Mapped[str] = mapped_column(Text, default="")  # JSON: as in the feed's CallOffered; "" = none
    needed_level: Mapped[int] = mapped_column(default=0)
    others: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(10), default="agent")  # agent | dealer | number | supervisor
    party: Mapped[str] = mapped_column(String(40), default="")  # who it was, where it was no agent
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(16), default="")  # answered | no_answer | declined | ...
    ended_by: Mapped[str] = mapped_column(String(10), default="")
    hold_seconds: Mapped[float] = mapped_column(default=0.0)
    hold_since: Mapped[datetime | None]
    consulted_at: Mapped[datetime | None]  # answered a colleague's question, while the customer heard music
    consult_seconds: Mapped[float] = mapped_column(default=0.0)
    given_to: Mapped[str] = mapped_column(String(60), default="")  # e.g. "agent:1018", when this agent gave it away


_GAVE_UP = text("result = 'abandoned'")


class QueueVisit(Counted, Base):
    """One stay of one contact in one queue. `result`: answered, abandoned, voicemail, callback, overflow,
    turned_away, lost."""

    __tablename__ = "queue_visit"
    __table_args__ = (
        Index("ix_visit_queue", "queue", "entered_at"),
        # Few give up, so that the index is small and asking for them reads nothing else.
        Index("ix_visit_abandoned", "entered_at", sqlite_where=_GAVE_UP, postgresql_where=_GAVE_UP),
    )
    counted = ("queue", "entered_at", "wait_seconds", "result")
    quarters = staticmethod(visit_quarters)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    queue: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    wait_seconds: Mapped[float | None]
    result: Mapped[str | None] = mapped_column(String(16))


class Recording(Base):
    """The recording of one leg. `status`: recording, ready, missing, cut or deleted; `file` is below the recordings
    folder, at `place` ("" = local disk, "s3"). `sha256` and `bytes` are of the stored file: crm_core.seals ("" = none).

    `why` a recording is missing that never began: disk or not_started; `file` is "" then. `queue` and `direction` are
    the call's when the recording began: a list of a million is narrowed by this table alone.
    """

    __tablename__ = "recording"
    __table_args__ = (
        Index("ix_recording_started", "started_at", "id", "agent", "seconds", "status"),
        Index("ix_recording_agent", "agent", "started_at", "id", "seconds", "status"),
        Index("ix_recording_queue", "queue", "started_at", "id", "agent", "seconds", "status"),
        Index("ix_recording_direction", "direction", "started_at", "id", "agent", "seconds", "status"),
        Index("ix_recording_state", "status", "started_at", "id", "agent", "seconds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    seconds: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(12), default="recording", index=True)  # the keeper asks for open ones
    why: Mapped[str] = mapped_column(String(12), default="", server_default="")
    place: Mapped[str] = mapped_column(String(8), default="", server_default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    queue: Mapped[str] = mapped_column(String(40), default="", server_default="")
    direction: Mapped[str] = mapped_column(String(10), default="", server_default="")


class RecordingMark(Base):
    """A part of a recording that is not as the rest: `kind` pause (nothing is in it) or hold (the customer was held).

    `by` is who did it, `why` a word of the feed's RecordingPaused, or "consult" for a hold in which somebody was asked.
    """

    __tablename__ = "recording_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(40), default="")
    why: Mapped[str] = mapped_column(String(16), default="")

    recording: Mapped[Recording] = relationship(lazy="raise")


_STILL = text("ended_at IS NULL")


class AgentStint(Counted, Base):
    """An agent was in one state from `began_at` to `ended_at`; reports add these up.

    `signed_out`: from `ended_at` on the agent was offline. NULL = a row of before this was kept.
    """

    __tablename__ = "agent_stint"
    __table_args__ = (
        Index("ix_stint_agent", "agent", "began_at"),
        Index("ix_stint_ended", "agent", "ended_at", "began_at"),
        Index("ix_stint_open", "began_at", sqlite_where=_STILL, postgresql_where=_STILL),  # few of many millions
    )
    counted = ("agent", "state", "began_at", "ended_at")
    quarters = staticmethod(stint_quarters)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40), default="")
    contact_id: Mapped[str] = mapped_column(String(64), default="")
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    signed_out: Mapped[bool | None]


class FeedPosition(Base):
    """The last feed number that was written, in the same transaction as its rows: each event counts once.

    `epoch` is the lead of who writes here: nobody else does from then on.
    """

    __tablename__ = "feed_position"

    reader: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
