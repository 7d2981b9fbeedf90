"""How every administration page saves: one transaction, then telephony hears of it; a refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.dependencies import Me, Session, TheDatabase, TheDesk
from agent_desktop.ports import Telephony
from agent_desktop.rendering import language_of, translate
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.db import Database
from crm_core.errors import PlatformError
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names
from crm_core.workforce.versions import SavedMeanwhile


class By(TypedDict):
    """Who saves, and when: what every action of the records is told."""

    actor: str
    at: datetime


Work = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Editor:
    """Who edits, and what with. `session` only reads, after the saving."""

    request: Request
    session: AsyncSession
    db: Database
    telephony: Telephony
    me: SignedInUser

    @property
    def by(self) -> By:
        return By(actor=self.me.number, at=clock.now())

    async def form(self) -> FormData:
        return await self.request.form()

    async def save(self, work: Work, *, tell: bool = True) -> Any:
        """Do the work in a transaction of its own; what is saved is in effect when this returns.

        `tell` False = telephony need not hear of it: hours and closures are looked up for each call.
        """
        async with self.db.begin() as session:
            saved = await work(session)
        if saved is not None and tell:
            await self.telephony.workforce_changed()
            self.request.app.state.board.forget()
        return saved

    async def errors(self, refused: PlatformError) -> dict[str, str]:
        """The sentence of each wrong field in the reader's language; "" holds what concerns the whole form."""
        told = await self.named(refused)
        if isinstance(told, Unusable):
            problems = told.by_field.items()
            return {field: translate(self.request, one.message_id, **one.values) for field, one in problems}
        return {str(told.values.get("field", "")): translate(self.request, told.message_id, **told.values)}

    async def sentence(self, refused: PlatformError) -> str:
        """The first of the errors."""
        return next(iter((await self.errors(refused)).values()))

    async def named(self, refused: PlatformError) -> PlatformError:
        """Of two who saved at once, the second reads the first one's name, not the number."""
        if not isinstance(refused, SavedMeanwhile):
            return refused
        known = (await names(self.session)).get(str(refused.values["by"]))
        return SavedMeanwhile(known[language_of(self.request) == "en"]) if known else refused


def the_editor(request: Request, session: Session, db: TheDatabase, telephony: TheDesk, me: Me) -> Editor:
    return Editor(request, session, db, telephony, me)


Edit = Annotated[Editor, Depends(the_editor)]


def back_to(path: str, saved: Any) -> RedirectResponse:
    """To the page itself, which says that it was saved and offers the way back."""
    version = getattr(saved, "id", None)
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}saved={version}" if version else path, 303)


def shown(state: Mapping[str, Any], typed: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the form shows: the settings, or what was typed when it was refused."""
    return {**state, **(typed or {})}
