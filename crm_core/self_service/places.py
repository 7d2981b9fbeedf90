"""Where a caller is: the link that asks for it, and what the caller's phone or the caller answers there."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import storable
from crm_core.dealers.gazetteer import city_named
from crm_core.dealers.stations import on_earth
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.self_service.model import PositionLink
from crm_core.self_service.rescues import is_coarse, place_known

VALID_FOR = timedelta(minutes=60)
MOST_LINKS = 5  # to one number in a day
CITY_M = 30_000  # how far a car in a city may be from its centre
MOST_SHARES = 20  # of one link: a car that is pushed to the next lay-by is told again
CODE_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
CODE_LENGTH = 12  # 31^12: nobody meets a valid one by trying
MESSAGE = "message.sms"
"""Event for whoever sends short messages: `number`, `text`, `language`."""
_TEXTS = {
    "zh-CN": "【{site}】您正在与我们通话，请点开链接告诉我们您的位置：{url} （{minutes} 分钟内有效）",
    "en": "{site}: you are on the phone with us. Open this link to tell us where you are: {url} (valid {minutes} min)",
}


class LinkOver(NotFound):
    def __init__(self) -> None:
        super().__init__("This link is not valid any more. Please call us again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Degrees WGS 84, or None with words alone; `accuracy_m` as the phone says it.

    `city` is a key of `gazetteer.City`, `road` and `km` are as a motorway's signs say them, `words` is anything else.
    """

    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: int | None = None
    city: str = ""
    road: str = ""
    km: str = ""
    words: str = ""


async def make_link(
    session: AsyncSession,
    *,
    call: str,
    e164: str,
    customer_id: int | None,
    language: str,
    base_url: str,
    site: str,
    at: datetime,
) -> PositionLink | None:
    """A link for this caller, and the message that brings it, for the outbox. None = the number has had enough.

    `base_url` is the platform's address on the internet, without a slash at its end.
    """
    today = select(func.count()).select_from(PositionLink)
    sent = await session.scalar(today.where(PositionLink.e164 == e164, PositionLink.made_at > at - timedelta(days=1)))
    if (sent or 0) >= MOST_LINKS:
        return None
    link = PositionLink(
        code="".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)),
        call=call,
        e164=e164,
        language=language,
        customer_id=customer_id,
        made_at=at,
        expires_at=at + VALID_FOR,
    )
    session.add(link)
    await session.flush()
    url = f"{base_url}/where/{quote(link.code)}"
    words = _TEXTS.get(language, _TEXTS["zh-CN"])
    text = words.format(site=site, url=url, minutes=int(VALID_FOR.total_seconds() // 60))
    payload = {"number": e164, "text": text, "language": language or "zh-CN"}
    await tell(session, MESSAGE, f"position_link/{link.id}", payload, at=at)
    return link


async def valid_link(session: AsyncSession, code: str, at: datetime, *, lock: bool = False) -> PositionLink:
    """Raises LinkOver for an unknown code and for one whose time is over: nobody can tell them apart."""
    wanted = select(PositionLink).where(PositionLink.code == storable(code, 24), PositionLink.expires_at > at)
    link = await session.scalar(wanted.with_for_update() if lock else wanted)
    if link is None:
        raise LinkOver
    return link


async def share(session: AsyncSession, code: str, shared: Shared, *, at: datetime, zone: tzinfo) -> PositionLink:
    """The caller told the place: it is on the link, on the rescue of the call, and the nearest station is informed.

    Raises LinkOver, Refused after too many, Invalid for what is no place on earth.
    """
    link = await valid_link(session, code, at, lock=True)
    city = await asyncio.to_thread(city_named, shared.city) if shared.city else None
    if shared.city and city is None:
        raise Invalid("Choose a city of the list.", field="city")
    road, km = _plain(shared.road, 60), _plain(shared.km, 20)
    words = _plain(" ".join(filter(None, (city.words if city else "", road, km and f"K{km}", shared.words))), 120)
    has_position = shared.latitude is not None and shared.longitude is not None
    if has_position and not on_earth(shared.latitude or 0.0, shared.longitude or 0.0):
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field="latitude")
    if not has_position and not words:
        raise Invalid("Share the position, or write where you are.", field="words")
    if link.shares >= MOST_SHARES:
        raise Refused("The place was told often enough. Please tell the agent on the phone.")
    if has_position:
        link.latitude, link.longitude = shared.latitude, shared.longitude
        link.accuracy_m = None if shared.accuracy_m is None else max(0, min(shared.accuracy_m, 100_000))
    elif city and city.centre and (link.latitude is None or is_coarse(link)):
        (link.latitude, link.longitude), link.accuracy_m = city.centre, CITY_M
    link.words, link.shared_at, link.shares = words or link.words, at, link.shares + 1
    await session.flush()
    await place_known(session, link, road=road, km=km, at=at, zone=zone)
    return link


def _plain(text: str, longest: int) -> str:
    return " ".join(storable(text, 400).split())[:longest]


async def place_of_call(session: AsyncSession, call: str) -> PositionLink | None:
    """The place that was told in this call, the latest first; None while nobody has answered a link."""
    told = or_(PositionLink.latitude.is_not(None), PositionLink.words != "")
    return await session.scalar(
        select(PositionLink)
        .where(PositionLink.call == call, told)
        .order_by(PositionLink.shared_at.desc(), PositionLink.id.desc())
        .limit(1)
    )
