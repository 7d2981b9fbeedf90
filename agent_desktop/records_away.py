"""What a click is told while the database is away, hangs or is busy: what became of the entry, and what to do.

A form that was sent is shown again with everything in it, ready to be sent: the page that it stood on cannot be loaded.
"""

from __future__ import annotations

import sqlite3
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from agent_desktop.rendering import page
from agent_desktop.security import SAFE_METHODS
from agent_desktop.words import N_
from crm_core.errors import Unreachable

AGAIN_SECONDS = 5
MOST_KEPT = 200_000  # characters; what is longer is a file
_POSTGRES_BUSY = {"55P03", "40P01", "40001", "53300"}  # a lock, a deadlock, a conflict, no connection left
_SECRET = ("password", "secret", "code", "token", "key")
_OURS = "csrf_token"

AWAY = {
    "read": N_("The records are away for the moment; calls go on. Try again in a minute."),
    "write": N_("The records are away for the moment; calls go on. Nothing of this was saved. Try again in a minute."),
    "unsure": N_(
        "The records went away while this was being saved; calls go on. It may be saved or not: "
        "look in a minute, before you send it again."
    ),
}
BUSY = {
    "read": N_("The records are busy with other work for the moment. Try again."),
    "write": N_("The records are busy with other work for the moment. Nothing of this was saved. Try again."),
}


class RecordsAway(Unreachable):
    """`fate` is what became of the request: read, write (not saved) or unsure."""

    def __init__(self, request: Request, error: SQLAlchemyError) -> None:
        self.busy = is_busy(error)
        self.fate = "read" if request.method in SAFE_METHODS else "unsure" if _while_saving(error) else "write"
        super().__init__(BUSY[self.fate] if self.busy else AWAY[self.fate])


def is_busy(error: SQLAlchemyError) -> bool:
    """Whether the database answers and only others stand before us: SQLite's lock, a lock or limit of PostgreSQL."""
    if isinstance(error, PoolTimeout):
        return True
    refused = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(refused, sqlite3.Error):
        return (getattr(refused, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(refused, "sqlstate", None) in _POSTGRES_BUSY


def _while_saving(error: SQLAlchemyError) -> bool:
    """A COMMIT without an answer: the server may have carried it out. Every other statement is rolled back."""
    return isinstance(error, DBAPIError) and error.connection_invalidated and error.statement is None


async def away_page(request: Request, away: RecordsAway) -> Response:
    """The whole page: one that was asked for comes back by itself, one that was sent waits for the person."""
    kept = await _kept(request) if away.fate != "read" else None
    headers = {"Refresh": str(AGAIN_SECONDS)} if away.fate == "read" else {}
    return page(
        request,
        "records_away.html",
        status_code=HTTPStatus.SERVICE_UNAVAILABLE,
        headers=headers,
        sentence=away.message_id,
        fate=away.fate,
        kept=kept,
    )


async def _kept(request: Request) -> list[tuple[str, str]] | None:
    """The fields of the form that was sent; None = it cannot be sent again from here: a secret, a file, no form."""
    if "form" not in request.headers.get("content-type", ""):
        return None
    sent = (await request.form()).multi_items()
    fields = [(name, value) for name, value in sent if isinstance(value, str)]
    secret = any(word in name.lower() for name, _ in fields if name != _OURS for word in _SECRET)
    if secret or len(fields) < len(sent) or sum(len(value) for _, value in fields) > MOST_KEPT:
        return None
    return fields
