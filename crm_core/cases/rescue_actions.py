"""The steps of a rescue: where it is, who is sent, on the way with a time, there, helped, confirmed by the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.cases.changes import ended, log_event, take
from crm_core.cases.events import CaseEventKind as Event
from crm_core.cases.model import Case, RescueRun
from crm_core.cases.notices import of_dealer, tell_people
from crm_core.cases.rescue import RescueAct, RescueStage, after_rescue
from crm_core.cases.rules import load_rules
from crm_core.cases.timing import enter_stage, plan
from crm_core.db import storable
from crm_core.dealers.model import Dealer
from crm_core.dealers.nearest import StationNear, nearest_open
from crm_core.dealers.services import RESCUE
from crm_core.errors import Invalid, Refused
from crm_core.integration.outbox import tell

LONGEST_ETA = 600  # minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the vehicle stands, as far as the caller can say it. Degrees, both or none."""

    road: str = ""
    km: str = ""
    landmark: str = ""
    latitude: float | None = None
    longitude: float | None = None


async def run_of(session: AsyncSession, case_id: int) -> RescueRun:
    """The place and station of a rescue; an empty one when nothing is known yet."""
    run = await session.get(RescueRun, case_id)
    if run is None:
        run = RescueRun(case_id=case_id)
        session.add(run)
        await session.flush()
    return run


async def set_place(session: AsyncSession, case_id: int, place: Place, *, actor: str, at: datetime) -> Case:
    """Say where it is. Raises Invalid for a position that is not on earth, or with half of it missing."""
    case = await take(session, case_id, EVERYTHING)
    if (place.latitude is None) is not (place.longitude is None):
        raise Invalid("Enter both latitude and longitude, or neither.", field="latitude")
    if place.latitude is not None and not (-90 <= place.latitude <= 90 and -180 <= (place.longitude or 0) <= 180):
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field="latitude")
    run = await run_of(session, case_id)
    run.road, run.km = storable(place.road, 120), storable(place.km, 20)
    run.landmark, run.latitude, run.longitude = storable(place.landmark, 120), place.latitude, place.longitude
    log_event(
        session, case, Event.PLACE, actor=actor, at=at, text=" ".join(filter(None, (run.road, run.km, run.landmark)))
    )
    await audit(session, at=at, actor=actor, action="rescue_place", subject=case.number)
    return case


async def stations_near(
    session: AsyncSession, case_id: int, *, at: datetime, zone: tzinfo, limit: int = 5
) -> list[StationNear]:
    """Stations that do rescue now, the nearest first; nothing while the position is unknown."""
    run = await session.get(RescueRun, case_id)
    if run is None or run.latitude is None or run.longitude is None:
        return []
    return await nearest_open(
        session, run.latitude, run.longitude, RESCUE, at=at, zone=zone, limit=limit, closed_too=True
    )


async def dispatch(
    session: AsyncSession, case_id: int, dealer_id: int, *, words: str = "", actor: str, at: datetime
) -> Case:
    """The centre sends a station."""
    station = await session.get(Dealer, dealer_id)
    if station is None or not station.active:
        raise Invalid("Choose a station from the list.", field="dealer_id")
    case = await take(session, case_id, EVERYTHING)
    await _step(
        session, case, RescueAct.DISPATCH, actor=actor, at=at, text=words, detail={"dealer": station.short_name}
    )
    run = await run_of(session, case_id)
    case.dealer_id = run.station_id = dealer_id
    run.truck, run.eta_at = "", None
    tell_people(session, case, await of_dealer(session, dealer_id), "assigned", at=at)
    return await _done(session, case, RescueAct.DISPATCH, actor=actor, at=at)


async def decline(session: AsyncSession, case_id: int, *, words: str, reach: Reach, actor: str, at: datetime) -> Case:
    """The station cannot go (any more), with the reason; the centre sends another one."""
    case = await take(session, case_id, reach)
    if not words.strip():
        raise Invalid("Write why the station cannot go.", field="words")
    await _step(session, case, RescueAct.DECLINE, actor=actor, at=at, text=words)
    tell_people(session, case, [case.owner or case.opened_by], "returned", at=at)
    run = await run_of(session, case_id)
    run.eta_at, run.truck, run.station_id, case.dealer_id = None, "", None, None
    return await _done(session, case, RescueAct.DECLINE, actor=actor, at=at)


async def accept_rescue(
    session: AsyncSession, case_id: int, *, minutes: int | None = None, reach: Reach, actor: str, at: datetime
) -> Case:
    """The station goes, and expects to be there in `minutes`; None = it does not say."""
    case = await take(session, case_id, reach)
    eta = None if minutes is None else _expected(minutes, at)
    detail = {"eta": eta.isoformat()} if eta else None
    await _step(session, case, RescueAct.ACCEPT, actor=actor, at=at, detail=detail)
    (await run_of(session, case_id)).eta_at = eta
    case.responded_at = case.responded_at or at
    return await _done(session, case, RescueAct.ACCEPT, actor=actor, at=at)


async def under_way(
    session: AsyncSession, case_id: int, *, minutes: int, truck: str = "", reach: Reach, actor: str, at: datetime
) -> Case:
    """Help is on its way and there in `minutes`; said again when it takes longer."""
    case = await take(session, case_id, reach)
    eta = _expected(minutes, at)
    await _step(session, case, RescueAct.UNDER_WAY, actor=actor, at=at, text=truck, detail={"eta": eta.isoformat()})
    run = await run_of(session, case_id)
    run.eta_at, run.truck = eta, storable(truck.strip(), 60) or run.truck
    return await _done(session, case, RescueAct.UNDER_WAY, actor=actor, at=at)


def _expected(minutes: int, at: datetime) -> datetime:
    if not 1 <= minutes <= LONGEST_ETA:
        raise Invalid(
            "Enter the minutes until it is there, from {low} to {high}.", low=1, high=LONGEST_ETA, field="minutes"
        )
    return at + timedelta(minutes=minutes)


async def arrived(session: AsyncSession, case_id: int, *, reach: Reach, actor: str, at: datetime) -> Case:
    case = await take(session, case_id, reach)
    await _step(session, case, RescueAct.ARRIVED, actor=actor, at=at)
    return await _done(session, case, RescueAct.ARRIVED, actor=actor, at=at)


async def helped(session: AsyncSession, case_id: int, *, words: str, reach: Reach, actor: str, at: datetime) -> Case:
    """What was done on the spot, or whereto it was towed."""
    case = await take(session, case_id, reach)
    if not words.strip():
        raise Invalid("Write what was done on the spot.", field="words")
    await _step(session, case, RescueAct.HELPED, actor=actor, at=at, text=words)
    tell_people(session, case, [case.owner or case.opened_by], "report", at=at)
    return await _done(session, case, RescueAct.HELPED, actor=actor, at=at)


async def confirm_rescue(
    session: AsyncSession, case_id: int, *, helped: bool, score: int | None, words: str, actor: str, at: datetime
) -> Case:
    """The centre has asked the customer. Not helped: a station is sent again."""
    case = await take(session, case_id, EVERYTHING)
    if score is not None and not 1 <= score <= 5:
        raise Invalid("Satisfaction is a number from 1 to 5.", field="score")
    if not helped and not words.strip():
        raise Invalid("Write what is still wrong: the next station reads it.", field="words")
    act = RescueAct.CONFIRMED if helped else RescueAct.NOT_HELPED
    await _step(session, case, act, actor=actor, at=at, text=words, detail={"score": score})
    case.satisfaction = score if score is not None else case.satisfaction
    if helped:
        ended(case, "confirmed", at)
    return await _done(session, case, act, actor=actor, at=at)


_EVENTS: Mapping[RescueAct, Event] = {
    RescueAct.DISPATCH: Event.DISPATCHED,
    RescueAct.DECLINE: Event.DECLINED,
    RescueAct.ACCEPT: Event.ACCEPTED,
    RescueAct.UNDER_WAY: Event.UNDER_WAY,
    RescueAct.ARRIVED: Event.ARRIVED,
    RescueAct.HELPED: Event.HELPED,
    RescueAct.CONFIRMED: Event.CONFIRMED,
    RescueAct.NOT_HELPED: Event.RETURNED,
}


async def _step(
    session: AsyncSession,
    case: Case,
    act: RescueAct,
    *,
    actor: str,
    at: datetime,
    text: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    if case.kind != "rescue" or not case.stage:
        raise Refused("Only a rescue goes through these steps.")
    if case.paused_at is not None:
        raise Refused("The case is paused. Let it go on first.")
    target = after_rescue(RescueStage(case.stage), act)
    if target is None:
        await enter_stage(session, case, "", at=at, by=actor, rules=await load_rules(session))
        case.stage = RescueStage.CONFIRM
    elif target != case.stage:
        await enter_stage(session, case, target, at=at, by=actor, rules=await load_rules(session))
    log_event(session, case, _EVENTS[act], actor=actor, at=at, text=text, detail=detail)


async def _done(session: AsyncSession, case: Case, act: RescueAct, *, actor: str, at: datetime) -> Case:
    told = {"number": case.number, "stage": case.stage, "dealer_id": case.dealer_id, "act": act.value}
    await tell(session, "case.closed" if case.closed_at else "case.step", f"case/{case.id}", told, at=at)
    await plan(session, case, at)
    await audit(session, at=at, actor=actor, action=f"rescue_{act.value}", subject=case.number)
    return case


async def position_of_city(session: AsyncSession, city: str) -> tuple[float, float]:
    """About where a city with a station is; the nearest stations are then right enough. Raises Invalid."""
    found = (
        await session.execute(select(Dealer.latitude, Dealer.longitude).where(Dealer.city == city).order_by(Dealer.id))
    ).first()
    if found is None:
        raise Invalid("Choose a city from the list, or enter the position.", field="near")
    return found[0], found[1]
