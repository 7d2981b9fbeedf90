"""Trunks to telephone companies, and the numbers that customers know."""

from __future__ import annotations

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.db import Base


class Trunk(Base):
    """A SIP line to a telephone company. `id` names it for ever: Asterisk's endpoint is `trunk-<id>`.

    `kind`: registration (we log in with `username` and the secret) or address (the company knows our address, and the
    secret is asked for at most when we call). `sealed` is the secret as crm_core.lines.sealing keeps it, "" = none; it
    is in no version, log or page. `codecs` and `sources` (IPv4 addresses or networks that may call us) in order.
    `caller_id`: from or pai, the header that carries the number we show. `number_form`: see crm_core.lines.sending.
    `capacity` is how many calls at once the company sells us, 0 = unknown.
    """

    __tablename__ = "trunk"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12), default="registration")
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(default=5060)
    transport: Mapped[str] = mapped_column(String(4), default="udp")
    username: Mapped[str] = mapped_column(String(64), default="")
    sealed: Mapped[str] = mapped_column(Text, default="")
    codecs: Mapped[list[str]] = mapped_column(JSON, default=list)
    dtmf: Mapped[str] = mapped_column(String(8), default="auto")
    caller_id: Mapped[str] = mapped_column(String(4), default="from")
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    number_form: Mapped[str] = mapped_column(String(8), default="digits")
    capacity: Mapped[int] = mapped_column(default=0)
    in_use: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class PublishedNumber(Base):
    """A number of ours that customers dial. Without any row the numbers of the settings hold.

    `trunks` are those by which calls for it may come, [] = all. What answers: the flow `menu`, else the queue `queue`
    at once, else the flow that names the number. `brand` as in the vehicles' records, "" = none in particular.
    """

    __tablename__ = "published_number"

    number: Mapped[str] = mapped_column(String(15), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    trunks: Mapped[list[str]] = mapped_column(JSON, default=list)
    brand: Mapped[str] = mapped_column(String(40), default="")
    menu: Mapped[str] = mapped_column(String(40), default="")
    queue: Mapped[str] = mapped_column(String(40), default="")
    in_use: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
