"""How people sign in: whose roles must have the second step, and what is set up with the organisation's provider."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import needs
from agent_desktop.openid import OpenIdProvider
from agent_desktop.pages.login_openid import back_address
from agent_desktop.rendering import page
from crm_core.access import second_factor
from crm_core.access.factor_model import SecondFactor
from crm_core.access.model import User
from crm_core.access.roles import Permission, Role, read_roles

router = APIRouter(
    prefix="/admin/sign-in", dependencies=[needs(Permission.EDIT_WORKFORCE), needs(Permission.EDIT_USERS)]
)


@router.get("")
async def show(edit: Edit, done: bool = False) -> Response:
    provider: OpenIdProvider | None = edit.request.app.state.openid
    return page(
        edit.request,
        "admin/sign_in.html",
        required={role.value for role in await second_factor.required_roles(edit.session)},
        counts=await _counts(edit.session),
        openid=provider.settings if provider else None,
        back=back_address(edit.request),
        done=done,
        words=admin_words,
    )


@router.post("")
async def save(edit: Edit) -> Response:
    ticked = set((await edit.form()).getlist("roles"))
    wanted = {role for role in Role if role.value in ticked}

    async def work(session: AsyncSession) -> bool:
        return await second_factor.require_for(session, wanted, **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse("/admin/sign-in?done=1", 303)


async def _counts(session: AsyncSession) -> dict[str, tuple[int, int]]:
    """Of each role: how many of its people have the second step, and how many there are."""
    statement = (
        select(User.roles, SecondFactor.confirmed_at)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .where(User.disabled_at.is_(None))
    )
    rows = [(set(read_roles(words)), at is not None) for words, at in await session.execute(statement)]
    return {
        role.value: (sum(has for held, has in rows if role in held), sum(role in held for held, _ in rows))
        for role in Role
    }
