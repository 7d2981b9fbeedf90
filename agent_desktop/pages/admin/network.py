"""The centre's side of the dealer network: every station's data, who has not reported, the ranking, the rules."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.dealer import station_forms
from agent_desktop.dealer import words as dealer_words
from agent_desktop.dealer.figures import amount, written
from agent_desktop.dealer.portal import Edit, try_to, whole
from agent_desktop.dependencies import Session, needs
from agent_desktop.pages.dealer.figures import TheAsked, ranking
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.reach import EVERYTHING
from crm_core.access.roles import Permission
from crm_core.dealers.cities import km_from_city
from crm_core.dealers.daily_queries import missing_days
from crm_core.dealers.model import Dealer
from crm_core.dealers.news_queries import regions_of
from crm_core.dealers.rules_actions import rules_of, save_rules
from crm_core.dealers.staff_actions import MAY_SIGN_IN, NewSignIn, give_sign_in, people_of, sign_ins_of
from crm_core.dealers.station_actions import save_station, station_number
from crm_core.errors import Invalid, NotFound
from crm_core.workforce.fields import Unusable

router = APIRouter(prefix="/admin/network", dependencies=[needs(Permission.EDIT_NETWORK)])


@dataclass(frozen=True, slots=True)
class Centre:
    """What a page of the centre needs: the session, the time, the site's day."""

    request: Request
    session: AsyncSession
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def show(self, template: str, *, status_code: int = 200, **values: Any) -> Response:
        told = dealer_words.TOLD.get(self.request.query_params.get("told", ""))
        shown = {"words": dealer_words, "told": told, "errors": {}, **values}
        return page(self.request, template, status_code=status_code, centre=self, **shown)


def the_centre(request: Request, session: Session) -> Centre:
    return Centre(request, session, clock.now(), request.app.state.site.zone)


TheCentre = Annotated[Centre, Depends(the_centre)]


@router.get("")
async def show_dealers(centre: TheCentre, q: str = "", region: str = "") -> Response:
    """All dealers with region, services, when their data were confirmed, and the days they have not reported."""
    return await dealers_page(centre, q=q, region=region)


@router.get("/ranking")
async def show_ranking(centre: TheCentre, asked: TheAsked) -> Response:
    values = await ranking(centre, asked)
    own = {dealer.id for dealer, *_ in values["rows"]}
    return centre.show("network/ranking.html", own=own, written=written, amount=amount, **values)


@router.get("/rules")
async def show_rules(centre: TheCentre) -> Response:
    rules, number = await rules_of(centre.session)
    return centre.show("network/rules.html", rules=asdict(rules), base=number)


@router.post("/rules", dependencies=[needs(Permission.EDIT_RULES)])
async def save_network_rules(edit: Edit, centre: TheCentre) -> Response:
    form = await edit.form()
    typed = _typed_rules(form)
    base = whole(text(form, "base")) or 0

    async def work(session: AsyncSession) -> int:
        wrong = [Invalid("Enter whole numbers.", field=name) for name, value in typed.items() if value is None]
        if wrong:
            raise Unusable(wrong)
        old, _ = await rules_of(session)  # the rules of care began with the other numbers
        return await save_rules(session, replace(old, **typed), base=base, **edit.by)

    errors, status = await try_to(edit, work)
    if errors:
        return centre.show("network/rules.html", status_code=status, rules=typed, base=base, errors=errors)
    return RedirectResponse("/admin/network/rules?told=saved", 303)


def _typed_rules(form: FormData) -> dict[str, Any]:
    hours, _, minutes = text(form, "report_until").partition(":")
    hour, minute = whole(hours), whole(minutes or "0")
    until = None if hour is None or minute is None else hour * 60 + minute
    return {"report_until": until, "dealers_add_users": text(form, "dealers_add_users") == "1"}


@router.get("/{dealer_id:int}")
async def show_dealer(centre: TheCentre, dealer_id: int) -> Response:
    return await dealers_page(centre, dealer_id)


@router.post("/{dealer_id:int}")
async def save_dealer(edit: Edit, centre: TheCentre, dealer_id: int) -> Response:
    form = await edit.form()
    typed = station_forms.typed_of(form, centre=True)
    state, wrong = station_forms.state_of(typed)

    async def work(session: AsyncSession) -> Any:
        if wrong:
            raise Unusable(wrong)
        base, far = station_forms.base_number(form), text(form, "far") == "1"
        return await save_station(session, dealer_id, state, base=base, far_is_right=far, reach=EVERYTHING, **edit.by)

    errors, status = await try_to(edit, work)
    if errors:
        return await dealers_page(centre, dealer_id, typed=typed, errors=errors, status=status)
    return RedirectResponse(f"/admin/network/{dealer_id}?told=saved", 303)


@router.post("/{dealer_id:int}/sign_in/{staff_id:int}")
async def give_manager_sign_in(edit: Edit, centre: TheCentre, dealer_id: int, staff_id: int) -> Response:
    """The number and password of a dealer's manager or relations manager, shown once on this answer."""
    given: list[NewSignIn] = []

    async def work(session: AsyncSession) -> None:
        given.append(await give_sign_in(session, staff_id, reach=EVERYTHING, from_centre=True, **edit.by))

    errors, status = await try_to(edit, work)
    return await dealers_page(centre, dealer_id, errors=errors, status=status, given=given[0] if given else None)


async def dealers_page(
    centre: Centre,
    dealer_id: int | None = None,
    *,
    q: str = "",
    region: str = "",
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    given: NewSignIn | None = None,
    new: bool = False,
) -> Response:
    session = centre.session
    rules, _ = await rules_of(session)
    chosen = await session.get(Dealer, dealer_id) if dealer_id else None
    if dealer_id and chosen is None:
        raise NotFound("There is nothing here, or it is not yours.")
    people = [one for one in await people_of(session, EVERYTHING) if chosen and one.dealer_id == chosen.id]
    return centre.show(
        "network/dealers.html",
        status_code=status,
        rows=await _found(session, q.strip()[:40], region),
        q=q,
        region=region,
        regions=await regions_of(session),
        missing=await missing_days(session, EVERYTHING, now=centre.now, until=rules.report_until, zone=centre.zone),
        chosen=chosen,
        fields=station_forms.shown(chosen) | (typed or {}) if chosen else typed or {},
        base=await station_number(session, chosen.id) if chosen else 0,
        km=km_from_city(chosen.city, chosen.latitude, chosen.longitude) if chosen else None,
        people=[one for one in people if one.role in ("manager", "relations_manager")],
        numbers=await sign_ins_of(session, people),
        given=given,
        new=new,
        new_roles=tuple(MAY_SIGN_IN),
        errors=errors or {},
    )


async def _found(session: AsyncSession, words: str, region: str) -> list[Dealer]:
    statement = select(Dealer).order_by(Dealer.code)
    if words:
        columns = (Dealer.name, Dealer.code, Dealer.city, Dealer.province)
        statement = statement.where(or_(*(column.contains(words, autoescape=True) for column in columns)))
    if region:
        statement = statement.where(Dealer.region == region)
    return list(await session.scalars(statement))
