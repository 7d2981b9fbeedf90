"""An import: its file, what was made of each column, how far it got, what it changed, and which rows it refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class DataImport(Base):
    """`kind` is a word of imports.fields.KINDS.

    `state`: uploaded (waits for the columns), checking, checked, running, done, undoing, undone or failed (`failure`
    says why). `file` is the file's name in the imports folder, in the form of imports.files. `position` is the byte
    in it behind the last row that is done; rows and position are written in one transaction, so that a crash neither
    loses nor doubles a row. `columns` says for each column of the file which field it is, "" = none.
    `policy`: fill (only what we lack) or overwrite. `counts` has created, updated, unchanged and refused; `problems`
    counts the refused rows by kind. `system` names whose keys the file has. `consent` says of leads where all of them
    agreed to be called about it, "" = nobody said so: then only the rows that say it themselves may be called.
    """

    __tablename__ = "data_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    file: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    encoding: Mapped[str] = mapped_column(String(12), default="")
    header: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    policy: Mapped[str] = mapped_column(String(10), default="fill")
    system: Mapped[str] = mapped_column(String(20), default="")
    consent: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10), default="uploaded")
    rows: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problems: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    warnings: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    failure: Mapped[str] = mapped_column(String(200), default="")
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by: Mapped[str] = mapped_column(String(16), default="")
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ImportProblem(Base):
    """One thing that is wrong in one row. A warning (`refused` False) does not keep the row out."""

    __tablename__ = "import_problem"
    __table_args__ = (Index("ix_import_problem", "import_id", "line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id", ondelete="CASCADE"))
    line: Mapped[int]
    field: Mapped[str] = mapped_column(String(24), default="")
    kind: Mapped[str] = mapped_column(String(24))
    value: Mapped[str] = mapped_column(String(80), default="")
    refused: Mapped[bool] = mapped_column(default=True)


class ImportChange(Base):
    """One row of ours that an import wrote. `before` None = the import made it; both hold the columns it set."""

    __tablename__ = "import_change"
    __table_args__ = (Index("ix_import_change", "import_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id", ondelete="CASCADE"))
    of_table: Mapped[str] = mapped_column(String(63))
    key: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class ImportColumns(Base):
    """What was made of a header the last time: the next file with the same one needs no mapping."""

    __tablename__ = "import_columns"
    __table_args__ = (UniqueConstraint("kind", "header_hash", name="uq_import_columns"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    header_hash: Mapped[str] = mapped_column(String(64))
    columns: Mapped[list[str]] = mapped_column(JSON)
    used_at: Mapped[datetime]
