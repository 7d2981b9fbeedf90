"""A file that somebody attached to something."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class StoredFile(Base):
    """`subject`: e.g. "case/17", "article/3", "news/2". The content lies in the files folder under its SHA-256."""

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_subject", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
