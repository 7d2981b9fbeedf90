"""Who looks at a customer's page, and what with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypedDict

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session, TheDatabase, TheReach
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.db import Database


class By(TypedDict):
    """Who changes something, and when: what every action is told."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """`session` reads; what is changed has a transaction of its own, so that no read stands before a write."""

    request: Request
    session: AsyncSession
    me: SignedInUser
    reach: Reach
    db: Database

    @property
    def by(self) -> By:
        return By(actor=self.me.number, at=clock.now())

    @property
    def wants_block(self) -> bool:
        """A script asks for a region, a browser for the page."""
        return self.request.headers.get("HX-Request") == "true"

    def may(self) -> dict[str, bool]:
        """What the page offers this person."""
        wanted = {
            "dial": Permission.TAKE_CALLS,
            "edit": Permission.EDIT_CUSTOMERS,
            "reveal": Permission.SEE_FULL_NUMBER,
            "cases": Permission.WORK_CASES,
            "merge": Permission.MERGE_CUSTOMERS,
            "leads": Permission.WORK_LEADS,
            "erase": Permission.EDIT_RULES,
        }
        return {word: self.me.may(permission) for word, permission in wanted.items()}

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        async with self.db.begin() as session:
            yield session


def the_reader(request: Request, session: Session, me: Me, reach: TheReach, db: TheDatabase) -> Reader:
    return Reader(request, session, me, reach, db)


TheReader = Annotated[Reader, Depends(the_reader)]
