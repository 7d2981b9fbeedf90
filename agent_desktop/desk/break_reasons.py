"""The reasons of a break that may be chosen: as the database lists them, or as it last did while it is away."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.workforce.queries import break_reasons


class BreakReasons:
    """Kept at `app.state.break_reasons`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codes: frozenset[str] = frozenset()

    async def read(self) -> None:
        """Raises SQLAlchemyError or OSError while the database is away."""
        async with self._db.begin() as session:
            self._codes = frozenset(reason.code for reason in await break_reasons(session))

    async def checked(self, reason: str) -> str:
        """This reason. Raises Invalid for one that is not on the list; SQLAlchemyError when no list was ever read."""
        try:
            await self.read()
        except (SQLAlchemyError, OSError):
            if not self._codes:
                raise
        if reason not in self._codes:
            raise Invalid("Choose the reason of the break.", field="reason")
        return reason


def _break_reasons(connection: HTTPConnection) -> BreakReasons:
    reasons: BreakReasons = connection.app.state.break_reasons
    return reasons


TheBreakReasons = Annotated[BreakReasons, Depends(_break_reasons)]
