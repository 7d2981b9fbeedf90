"""How calls go out, and how much may go: the number that is shown, the order of trunks, the limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of
from agent_desktop.admin.saving import Edit, Editor, back_to
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.lines.typed import limits_from, outgoing_from
from agent_desktop.pages.lines.saving import panel, save_lines
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.campaigns.queries import campaigns
from crm_core.errors import PlatformError
from crm_core.lines import limits, outgoing, queries, settings
from crm_core.workforce import versions
from crm_core.workforce.versions import State

router = APIRouter(prefix="/admin/lines", dependencies=[needs(Permission.SEE_LINES)])
editing = needs(Permission.EDIT_LINES)
SHOWN_CAMPAIGNS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesForm:
    """One form of stored rules. `name` is its page and template, `kind` that of its versions."""

    name: str
    kind: str
    state: Callable[[AsyncSession], Awaitable[State]]
    typed_from: Callable[[FormData], State]
    save: Callable[..., Awaitable[Any]]
    choices: Callable[[Request, AsyncSession], Awaitable[dict[str, Any]]]

    async def show(
        self,
        request: Request,
        session: AsyncSession,
        *,
        may_edit: bool,
        typed: Mapping[str, Any] | None = None,
        status: int = 200,
        saved: int = 0,
    ) -> Response:
        shown = panel(self.name, await self.state(session), may_edit=may_edit, typed=typed)
        return page(
            request,
            f"lines/{self.name}.html",
            status_code=status,
            **shown,
            base=await versions.current_number(session, self.kind, settings.SUBJECT),
            saved=saved,
            **await self.choices(request, session),
        )

    async def take(self, edit: Editor) -> Response:
        """Save what was typed, or show it again with a sentence at each wrong field."""
        form = await edit.form()
        typed = self.typed_from(form)

        async def work(session: AsyncSession) -> Any:
            return await self.save(session, typed, base=base_of(form), **edit.by)

        try:
            saved = await save_lines(edit, work)
        except PlatformError as refused:
            again = {**typed, "errors": await edit.errors(refused)}
            return await self.show(edit.request, edit.session, may_edit=True, typed=again, status=refused.status)
        return back_to(f"{router.prefix}/{self.name}", saved)


async def _outgoing(session: AsyncSession) -> State:
    return outgoing.state_of(await settings.outgoing_rules(session))


async def _limits(session: AsyncSession) -> State:
    """Each change says anew why."""
    return limits.state_of(await settings.dial_limits(session)) | {"why": ""}


async def _ways_out(request: Request, session: AsyncSession) -> dict[str, Any]:
    return {
        "trunks": [("settings", ""), *((row.id, row.name) for row in await queries.trunks(session) if row.in_use)],
        "campaigns": (await campaigns(session))[:SHOWN_CAMPAIGNS],
        "numbers": await queries.served_numbers(session, request.app.state.site.hotline_numbers),
    }


async def _nothing(_request: Request, _session: AsyncSession) -> dict[str, Any]:
    return {}


OUTGOING = RulesForm(
    name="outgoing",
    kind=settings.OUTGOING,
    state=_outgoing,
    typed_from=outgoing_from,
    save=settings.save_outgoing,
    choices=_ways_out,
)
LIMITS = RulesForm(
    name="limits",
    kind=settings.LIMITS,
    state=_limits,
    typed_from=limits_from,
    save=settings.save_dial_limits,
    choices=_nothing,
)


@router.get("/outgoing")
async def show_outgoing(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await OUTGOING.show(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/outgoing", dependencies=[editing])
async def save_outgoing(edit: Edit) -> Response:
    return await OUTGOING.take(edit)


@router.get("/limits")
async def show_limits(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await LIMITS.show(request, session, may_edit=me.may(Permission.EDIT_LINES), saved=saved)


@router.post("/limits", dependencies=[editing])
async def save_limits(edit: Edit) -> Response:
    return await LIMITS.take(edit)
