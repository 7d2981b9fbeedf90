"""A rescue that the menu opens: before an agent answers, with the place as far as it is known, and the station told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.cases.actions import open_case
from crm_core.cases.links import link_contact
from crm_core.cases.model import Case, RescueRun
from crm_core.cases.rescue import RescueStage
from crm_core.cases.rescue_actions import Place, dispatch, run_of, set_place
from crm_core.dealers.nearest import StationNear, nearest_open
from crm_core.dealers.services import RESCUE
from crm_core.history.model import Contact, ContactKind
from crm_core.self_service.callers import MENU
from crm_core.self_service.model import PositionLink

SAME_RESCUE = timedelta(hours=12)  # a second call within it is about the same rescue
COARSE_M = 5_000  # a position that is less exact may lie on the other side of a town
_TITLE = "道路救援（电话菜单）"
_INFORMED = "来电人通过电话菜单求援，系统已通知最近的救援站。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`station` None = the position is not known yet, or nobody does rescue."""

    case: Case
    is_new: bool
    station: StationNear | None


async def open_for_caller(
    session: AsyncSession,
    customer_id: int,
    kind: ContactKind,
    title: str,
    *,
    call: str,
    vehicle_id: int | None = None,
    at: datetime,
    zone: tzinfo,
) -> Case:
    """A case of this call. Where no rule names an owner it has none: it is on the list of those nobody has taken."""
    case = await open_case(
        session, customer_id=customer_id, kind=kind, title=title, vehicle_id=vehicle_id, actor=MENU, at=at, zone=zone
    )
    case.contact_id = call[:64]
    if case.owner == MENU:
        case.owner = ""
    # The history is written through a journal: a call that began just now may not be in it yet.
    if await session.get(Contact, case.contact_id) is not None:
        await link_contact(session, case, case.contact_id)
    return case


async def open_rescue(
    session: AsyncSession,
    customer_id: int,
    *,
    call: str,
    road: str,
    km: str,
    link: PositionLink | None,
    vehicle_id: int | None,
    at: datetime,
    zone: tzinfo,
) -> Opened:
    """The rescue of this customer: the one that is open since less than twelve hours, or a new one."""
    case = await _open_one(session, call, customer_id, at)
    is_new = case is None
    if case is None:
        case = await open_for_caller(
            session, customer_id, ContactKind.RESCUE, _TITLE, call=call, vehicle_id=vehicle_id, at=at, zone=zone
        )
    await _tell_place(session, case, road=road, km=km, link=link, at=at)
    sure = link is None or not is_coarse(link)
    station = await _inform_nearest(session, case, at=at, zone=zone) if sure else None
    return Opened(case=case, is_new=is_new, station=station)


async def place_known(
    session: AsyncSession, link: PositionLink, *, road: str = "", km: str = "", at: datetime, zone: tzinfo
) -> Case | None:
    """A link was answered: the place goes onto the rescue of its call or customer, when there is one."""
    case = await _open_one(session, link.call, link.customer_id, at)
    if case is not None:
        await _tell_place(session, case, road=road, km=km, link=link, at=at)
        if not is_coarse(link):
            await _inform_nearest(session, case, at=at, zone=zone)
    return case


def is_coarse(link: PositionLink) -> bool:
    """Enough to look at stations, not to send one: a person asks first."""
    return link.accuracy_m is not None and link.accuracy_m > COARSE_M


async def _open_one(session: AsyncSession, call: str, customer_id: int | None, at: datetime) -> Case | None:
    of_caller = [Case.contact_id == call]
    if customer_id is not None:
        of_caller.append(Case.customer_id == customer_id)
    wanted = select(Case).where(
        Case.kind == ContactKind.RESCUE.value,
        Case.closed_at.is_(None),
        Case.opened_at > at - SAME_RESCUE,
        or_(*of_caller),
    )
    return await session.scalar(wanted.order_by((Case.contact_id == call).desc(), Case.id.desc()).limit(1))


async def _tell_place(
    session: AsyncSession, case: Case, *, road: str, km: str, link: PositionLink | None, at: datetime
) -> None:
    """What is newly known replaces what was; what is not said now stays."""
    run = await run_of(session, case.id)
    place = Place(
        road=road or run.road,
        km=km or run.km,
        landmark=(link.words if link else "") or run.landmark,
        latitude=link.latitude if link and link.latitude is not None else run.latitude,
        longitude=link.longitude if link and link.longitude is not None else run.longitude,
    )
    if place != _place(run):
        await set_place(session, case.id, place, actor=MENU, at=at)


def _place(run: RescueRun) -> Place:
    return Place(road=run.road, km=run.km, landmark=run.landmark, latitude=run.latitude, longitude=run.longitude)


async def _inform_nearest(session: AsyncSession, case: Case, *, at: datetime, zone: tzinfo) -> StationNear | None:
    """The nearest station that does rescue now; it is sent unless somebody has been sent already."""
    run = await run_of(session, case.id)
    if run.latitude is None or run.longitude is None:
        return None
    near = await nearest_open(session, run.latitude, run.longitude, RESCUE, at=at, zone=zone, limit=1)
    if not near:
        return None
    if case.stage == RescueStage.DISPATCH and case.paused_at is None:
        await dispatch(session, case.id, near[0].dealer_id, words=_INFORMED, actor=MENU, at=at)
    return near[0]
