"""Where a caller is: the page behind the link of a message. Nobody signs in; the code is the key, for an hour."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request
from fastapi.responses import RedirectResponse, Response
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, Field

from agent_desktop.dependencies import Session, TheRendering, anyone
from agent_desktop.live import TheHub
from agent_desktop.rendering import language_of, page
from agent_desktop.security import TooManyTries
from crm_core import clock
from crm_core.dealers.areas import spelled
from crm_core.dealers.gazetteer import PROVINCES, cities
from crm_core.dealers.motorways import MOTORWAYS
from crm_core.errors import Invalid
from crm_core.lines.queries import served_numbers
from crm_core.self_service.model import PositionLink
from crm_core.self_service.places import Shared, share, valid_link
from crm_core.self_service.rescues import is_coarse

router = APIRouter(dependencies=[anyone])
_PER_MINUTE = RateLimitItemPerMinute(60)  # of one address; a telephone company hides many callers behind one
_visits = MovingWindowRateLimiter(MemoryStorage())
_HEADERS = {
    "Permissions-Policy": "geolocation=(self), microphone=(), camera=(), payment=()",
    "X-Robots-Tag": "noindex",
}


class Told(BaseModel):
    """The form, as it comes: the script fills in the numbers, the caller the words."""

    latitude: str = Field("", max_length=30)
    longitude: str = Field("", max_length=30)
    accuracy: str = Field("", max_length=30)
    city: str = Field("", max_length=80)
    road: str = Field("", max_length=120)
    km: str = Field("", max_length=40)
    words: str = Field("", max_length=400)


@router.get("/where/{code}")
async def show_where(request: Request, session: Session, code: str) -> Response:
    await _limit(request)
    return await _page(request, session, await valid_link(session, code, clock.now()), Told.model_validate({}))


@router.post("/where/{code}")
async def tell_where(
    request: Request,
    session: Session,
    hub: TheHub,
    rendering: TheRendering,
    after: BackgroundTasks,
    *,
    code: str,
    told: Annotated[Told, Form()],
) -> Response:
    """The place is on the rescue and on the agent's desk at once."""
    await _limit(request)
    at = clock.now()
    try:
        shared = _shared(told)
        link = await share(session, code, shared, at=at, zone=rendering.site.zone)
    except Invalid as wrong:
        link = await valid_link(session, code, at)
        problem = rendering.translate(language_of(request), wrong.message_id, wrong.values)
        return await _page(request, session, link, told, problem=problem, status_code=wrong.status)
    after.add_task(hub.saved, link.call, "")
    return RedirectResponse(f"/where/{link.code}", 303, headers=_HEADERS)


def _shared(told: Told) -> Shared:
    """Raises Invalid for what is no number."""
    if not told.latitude and not told.longitude:
        return Shared(city=told.city, road=told.road, km=told.km, words=told.words)
    try:
        north, east = float(told.latitude), float(told.longitude)
    except ValueError:
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field="latitude") from None
    try:
        metres = round(float(told.accuracy))
    except (ValueError, OverflowError):  # a phone that does not say how sure it is
        metres = None
    return Shared(
        latitude=north, longitude=east, accuracy_m=metres, city=told.city, road=told.road, km=told.km, words=told.words
    )


async def _page(
    request: Request, session: Session, link: PositionLink, told: Told, *, problem: str = "", status_code: int = 200
) -> Response:
    return page(
        request,
        "where.html",
        status_code=status_code,
        headers=_HEADERS,
        link=link,
        coarse=is_coarse(link),
        told=told,
        problem=problem,
        cities=await asyncio.to_thread(cities),
        provinces=PROVINCES,
        motorways=MOTORWAYS,
        spelled=spelled,
        numbers=await served_numbers(session, request.app.state.site.hotline_numbers),
    )


async def _limit(request: Request) -> None:
    address = request.client.host if request.client else ""
    if not await _visits.hit(_PER_MINUTE, "where", address[:45]):
        raise TooManyTries
