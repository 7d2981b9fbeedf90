"""A station's data: what a dealer keeps about its own, what the centre keeps about every dealer; each save is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.access.reach import Reach
from crm_core.dealers.cities import km_from_city
from crm_core.dealers.model import Dealer
from crm_core.dealers.network_model import StationChange
from crm_core.dealers.services import SERVICES
from crm_core.dealers.spoken_names import names_changed
from crm_core.dealers.stations import on_earth
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.phone import to_e164
from crm_core.workforce.fields import Unusable, text_of
from crm_core.workforce.spans import SpansWrong, require_spans

State = dict[str, Any]
STATION = ("week", "closed_days", "services", "latitude", "longitude", "rescue_phone", "phone", "address")
NETWORK = (*STATION, "name", "short_name", "province", "city", "region", "relations_manager", "active")
FAR_KM = 60.0  # further from the city's centre than this, a position is asked about
MOST_CLOSED_DAYS = 60
_LENGTHS = {"name": 120, "short_name": 40, "province": 40, "city": 40, "region": 20, "relations_manager": 40}
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}")
_NEEDED = {
    "name": "Enter the name.",
    "short_name": "Enter the short name.",
    "city": "Enter the city.",
    "address": "Enter the address.",
}


def station_state(dealer: Dealer) -> State:
    """The data of a dealer as a form shows and a save compares them."""
    return {name: getattr(dealer, name) for name in NETWORK}


async def station_number(session: AsyncSession, dealer_id: int) -> int:
    """The number of the last save; 0 = none."""
    latest = select(func.max(StationChange.number)).where(StationChange.dealer_id == dealer_id)
    return await session.scalar(latest) or 0


async def station_changes(session: AsyncSession, dealer_id: int, reach: Reach, limit: int = 20) -> list[StationChange]:
    """The latest saves, newest first."""
    reach.require(dealer_id)
    rows = select(StationChange).where(StationChange.dealer_id == dealer_id)
    return list(await session.scalars(rows.order_by(StationChange.number.desc()).limit(limit)))


async def save_station(
    session: AsyncSession,
    dealer_id: int,
    state: State,
    *,
    base: int | None,
    far_is_right: bool = False,
    reach: Reach,
    actor: str,
    at: datetime,
) -> StationChange | None:
    """Save and confirm the data that `state` names; None when nothing differs, the data are confirmed all the same.

    Raises Unusable, Refused for a position far from the city unless `far_is_right`, and Refused when `base` is not
    the number of the last save.
    """
    dealer = await _locked(session, dealer_id, reach)
    number = await station_number(session, dealer_id)
    if base is not None and base != number:
        raise Refused("These data were saved by somebody else meanwhile. Load the page again and compare.")
    cleaned, wrong = _cleaned(state)
    if wrong:
        raise Unusable(wrong)
    _require_near(dealer, cleaned, far_is_right=far_is_right)
    now = station_state(dealer)
    before = {name: now[name] for name, value in cleaned.items() if now[name] != value}
    for name, value in cleaned.items():
        setattr(dealer, name, value)
    dealer.station_at = at
    change, detail = None, ""
    if before:
        after = {name: cleaned[name] for name in before}
        change = StationChange(dealer_id=dealer_id, number=number + 1, before=before, after=after, at=at, by=actor)
        session.add(change)
        detail = changed(before, after)
        if {"name", "short_name", "active"} & set(before):
            await names_changed(session, at)
        await tell(session, "dealer.station", f"dealer/{dealer_id}", {"changed": sorted(before)}, at=at)
    action = "station_saved" if before else "station_confirmed"
    await audit(session, at=at, actor=actor, action=action, subject=f"dealer/{dealer_id}", detail=detail)
    return change


async def add_dealer(
    session: AsyncSession, code: str, state: State, *, far_is_right: bool = False, actor: str, at: datetime
) -> Dealer:
    """A dealer that is new in the network, with all data of a station. Raises Unusable, Refused as `save_station`."""
    code = text_of(code, 40).upper()
    cleaned, wrong = _cleaned(state)
    if not _CODE.fullmatch(code):
        wrong.append(Invalid("A code has 2 to 16 letters or digits, for example JL001.", field="code"))
    elif await session.scalar(select(Dealer.id).where(Dealer.code == code)) is not None:
        wrong.append(Invalid("There is a dealer {code} already.", code=code, field="code"))
    named = {str(one.values.get("field")) for one in wrong}
    wrong += [Invalid("Fill this in.", field=name) for name in NETWORK if name not in cleaned and name not in named]
    if wrong:
        raise Unusable(wrong)
    dealer = Dealer(code=code, station_at=at, **cleaned)
    _require_near(dealer, cleaned, moved=True, far_is_right=far_is_right)
    session.add(dealer)
    await session.flush()
    session.add(StationChange(dealer_id=dealer.id, number=1, before={}, after=cleaned, at=at, by=actor))
    await names_changed(session, at)
    await tell(session, "dealer.added", f"dealer/{dealer.id}", {"code": code, "name": dealer.name}, at=at)
    await audit(session, at=at, actor=actor, action="dealer_added", subject=f"dealer/{dealer.id}", detail=code)
    return dealer


async def undo_station(
    session: AsyncSession, dealer_id: int, number: int, *, reach: Reach, actor: str, at: datetime
) -> StationChange | None:
    """Bring back what the save `number` replaced, as a save of its own."""
    reach.require(dealer_id)
    found = await session.scalar(
        select(StationChange).where(StationChange.dealer_id == dealer_id, StationChange.number == number)
    )
    if found is None:
        raise NotFound("This version is not known.")
    state = dict(found.before)
    return await save_station(session, dealer_id, state, base=None, far_is_right=True, reach=reach, actor=actor, at=at)


async def _locked(session: AsyncSession, dealer_id: int, reach: Reach) -> Dealer:
    reach.require(dealer_id)
    dealer = await session.scalar(select(Dealer).where(Dealer.id == dealer_id).with_for_update())
    if dealer is None:
        raise NotFound("There is nothing here, or it is not yours.")
    return dealer


def _require_near(dealer: Dealer, cleaned: State, *, moved: bool = False, far_is_right: bool) -> None:
    latitude, longitude = cleaned.get("latitude", dealer.latitude), cleaned.get("longitude", dealer.longitude)
    moved = moved or (latitude, longitude) != (dealer.latitude, dealer.longitude)
    city = str(cleaned.get("city", dealer.city))
    km = km_from_city(city, latitude, longitude)
    if moved and km is not None and km > FAR_KM and not far_is_right:
        raise Refused(
            "This position is {km} km from {city}. Correct it, or tick that it is right.",
            km=round(km),
            city=city,
            field="latitude",
        )


def _cleaned(state: State) -> tuple[State, list[Invalid]]:
    cleaned: State = {}
    wrong: list[Invalid] = []
    for name, value in state.items():
        if name not in NETWORK:
            continue
        try:
            cleaned[name] = _field(name, value)
        except Invalid as problem:
            wrong.append(problem)
    return cleaned, wrong


def _field(name: str, value: Any) -> Any:
    reader = _READERS.get(name)
    if reader is not None:
        return reader(name, value)
    text = text_of(value, _LENGTHS.get(name, 200))
    if not text and name in _NEEDED:
        raise Invalid(_NEEDED[name], field=name)
    return text


def _week(_name: str, value: Any) -> list[list[list[int]]]:
    week = [[list(span) for span in day] for day in value]
    if len(week) not in (0, 7):
        raise SpansWrong("A week has seven days.", field="week")
    for day in week:
        require_spans(day)
    return week


def _closed_days(_name: str, value: Any) -> list[str]:
    try:
        days = sorted({date.fromisoformat(str(one)).isoformat() for one in value})
    except ValueError:
        raise Invalid("Write days as 2026-10-01, one a line.", field="closed_days") from None
    if len(days) > MOST_CLOSED_DAYS:
        raise Invalid("At most {most} closed days.", most=MOST_CLOSED_DAYS, field="closed_days")
    return days


def _degrees(name: str, value: Any) -> float:
    try:
        degrees = float(value)
    except (TypeError, ValueError):
        raise Invalid("Write degrees with a point, for example 43.8171.", field=name) from None
    place = (degrees, 0.0) if name == "latitude" else (0.0, degrees)
    if not on_earth(*place):
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field=name)
    return round(degrees, 6)


def _phone(name: str, value: Any) -> str:
    value = str(value)
    if not value.strip() and name == "rescue_phone":
        return ""
    number = to_e164(value)
    if number is None:
        raise Invalid("This is no telephone number. Write it with its area code.", field=name)
    return number


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "week": _week,
    "closed_days": _closed_days,
    "services": lambda _name, value: [word for word in SERVICES if word in value],
    "latitude": _degrees,
    "longitude": _degrees,
    "phone": _phone,
    "rescue_phone": _phone,
    "active": lambda _name, value: bool(value),
}
