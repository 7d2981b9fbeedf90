"""The second step of signing in: a person's authenticator, codes for when it is lost, and who must have it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class SecondFactor(Base):
    """`secret` is sealed with a key outside the database (access.sealing). Not `confirmed_at` = being set up.

    `last_step` is the 30 s step of the newest code that was taken: it and older ones are never taken again.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """`digest` is the SHA-256 of a code of 80 random bits, which needs no slow hash. Each works once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class SignInStep(Base):
    """Somebody on the way in, who has no session yet. `id` is the SHA-256 of the cookie's value.

    `kind` second: the password was right and the code is asked for; openid: sent to the provider. `detail` is JSON.
    """

    __tablename__ = "sign_in_step"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    detail: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInRules(Base):
    """One row. `second_factor_roles` are words of access.roles.Role whose people must have the second step."""

    __tablename__ = "sign_in_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    second_factor_roles: Mapped[str] = mapped_column(String(200), default="")
