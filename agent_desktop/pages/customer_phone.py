"""The customer's side of a demo site: a telephone in the browser that can dial the hotline and nothing else."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from agent_desktop.contacts.queries import demo_callers
from agent_desktop.dependencies import Session, TheDesk, anyone
from agent_desktop.rendering import page
from agent_desktop.security import TooManyTries
from crm_core.errors import NotFound
from crm_core.lines.queries import served_numbers

router = APIRouter(dependencies=[anyone])
_ACCOUNTS_PER_MINUTE = RateLimitItemPerMinute(12)
_accounts = MovingWindowRateLimiter(MemoryStorage())


@router.get("/phone")
async def show_phone(request: Request, session: Session) -> Response:
    """The customers to play are the demo's invented ones; a real site has no such page."""
    _only_on_a_demo_site(request)
    numbers = await served_numbers(session, request.app.state.site.hotline_numbers)
    return page(request, "customer_phone.html", numbers=numbers, callers=await demo_callers(session))


@router.post("/phone/account")
async def new_account(request: Request, telephony: TheDesk) -> JSONResponse:
    """A SIP account for one visitor; at most 12 a minute from one address."""
    _only_on_a_demo_site(request)
    address = request.client.host if request.client else ""
    if not await _accounts.hit(_ACCOUNTS_PER_MINUTE, "visitor", address[:45]):
        raise TooManyTries
    account = await telephony.visitor_account()
    return JSONResponse(asdict(account), headers={"Cache-Control": "no-store"})


def _only_on_a_demo_site(request: Request) -> None:
    if not request.app.state.site.demo:
        raise NotFound("This page does not exist.")
