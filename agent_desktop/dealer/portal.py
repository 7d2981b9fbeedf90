"""What every page of the dealer portal needs: whose data, which dealer, the tabs with what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit, Editor, Work
from agent_desktop.dealer import words as dealer_words
from agent_desktop.dependencies import Me, Session, TheReach
from agent_desktop.desk import words as desk_words
from agent_desktop.rendering import language_of, page
from agent_desktop.signing_in import own_page
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.care.rulebook import CareRules
from crm_core.care.settings import care_rules
from crm_core.cases.dealer_facts import DealerComplaint
from crm_core.cases.dealer_queries import complaints
from crm_core.cases.rescue_queries import DealerRescue, rescues
from crm_core.dealers.care_queries import care_counts
from crm_core.dealers.care_rules import Rules
from crm_core.dealers.daily_queries import missing_days
from crm_core.dealers.model import Dealer
from crm_core.dealers.news_queries import Reader, reader_of, unread_count
from crm_core.dealers.rules_actions import rules_of
from crm_core.dealers.services import RESCUE, offered
from crm_core.dealers.staff_actions import dealers_of
from crm_core.errors import NotFound, PlatformError
from crm_core.leads.dealer_queries import DealerLead, leads
from crm_core.lines.queries import served_numbers

SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """`urgent` of the `count` things that wait are over their time."""

    word: str
    path: str
    count: int = 0
    urgent: bool = False
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """`dealer` is the one that a page of a single dealer shows; `chosen` the one that a regional manager picked."""

    request: Request
    session: AsyncSession
    me: SignedInUser
    reach: Reach
    dealers: list[Dealer]
    dealer: Dealer
    chosen: int | None
    rules: Rules
    reader: Reader
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def may_work(self) -> bool:
        return self.me.may(Permission.WORK_OWN_DEALER)

    @property
    def may_edit(self) -> bool:
        return self.me.may(Permission.EDIT_OWN_DEALER)

    @property
    def one(self) -> bool:
        """Whether this person has one dealer only."""
        return len(self.dealers) == 1

    @staticmethod
    def day_before(day: date) -> date:
        return day - SOON

    @staticmethod
    def day_after(day: date) -> date:
        return day + SOON

    @property
    def narrowed(self) -> Reach:
        """The reach, narrowed to the dealer that was picked."""
        return self.reach if self.chosen is None else Reach(frozenset({self.chosen}))


async def the_portal(request: Request, session: Session, me: Me, reach: TheReach, dealer: int = 0) -> Portal:
    """Raises NotFound for a person without a dealer, and for a dealer out of reach."""
    if reach.dealers is None:
        raise NotFound("These pages are the dealers'. The centre has its own.")
    dealers = await dealers_of(session, reach)
    chosen = next((one for one in dealers if one.id == dealer), None)
    if not dealers or (dealer and chosen is None):
        raise NotFound("There is nothing here, or it is not yours.")
    rules, _ = await rules_of(session)
    return Portal(
        request=request,
        session=session,
        me=me,
        reach=reach,
        dealers=dealers,
        dealer=chosen or dealers[0],
        chosen=chosen.id if chosen and len(dealers) > 1 else None,
        rules=rules,
        reader=await reader_of(session, me.user_id),
        now=clock.now(),
        zone=request.app.state.site.zone,
    )


ThePortal = Annotated[Portal, Depends(the_portal)]


async def show(
    portal: Portal,
    template: str,
    *,
    status_code: int = 200,
    open_complaints: list[DealerComplaint] | None = None,
    open_leads: list[DealerLead] | None = None,
    **values: Any,
) -> Response:
    """A page of the portal with its header and tabs."""
    session = portal.session
    if open_complaints is None:
        open_complaints = await complaints(session, portal.narrowed, now=portal.now, zone=portal.zone)
    if open_leads is None:
        open_leads = await leads(session, portal.narrowed, now=portal.now, zone=portal.zone)
    broken_down = await rescues(session, portal.narrowed)
    return page(
        portal.request,
        template,
        status_code=status_code,
        portal=portal,
        waiting=[one for one in broken_down if one.waits],
        tabs=await _tabs(portal, open_complaints, open_leads, broken_down),
        dealer_names={one.id: one.short_name for one in portal.dealers},
        told=dealer_words.TOLD.get(portal.request.query_params.get("told", "")),
        here=await _here(portal.request),
        words=dealer_words,
        centre=next(iter(await served_numbers(session, portal.request.app.state.site.hotline_numbers)), ""),
        care_names=care_names(await care_rules(session), language_of(portal.request)),
        sub_kinds=desk_words.SUB_KINDS,
        **{"errors": {}, "typed": {}, **values},
    )


async def _here(request: Request) -> str:
    """Where a form leads back to: after a refused one, the page on which it stood, for its own address takes no GET."""
    if request.method == "GET":
        return address(request)
    return own_page(str((await request.form()).get("next", ""))) or "/dealer"


async def _tabs(
    portal: Portal,
    open_complaints: list[DealerComplaint],
    open_leads: list[DealerLead],
    broken_down: list[DealerRescue],
) -> list[Tab]:
    session, reach = portal.session, portal.narrowed
    care = await care_counts(session, reach, today=portal.today)
    missing = await missing_days(session, reach, now=portal.now, until=portal.rules.report_until, zone=portal.zone)
    days = sum(len(one) for one in missing.values())
    unread = await unread_count(session, portal.reader, today=portal.today)
    over = any(one.seconds_left is not None and one.seconds_left < 0 for one in open_complaints)
    waiting = any(one.clock is not None and one.clock.seconds_left < 0 for one in open_leads)
    tabs = [
        Tab(word=N_("Today"), path="/dealer"),
        Tab(word=N_("Complaints"), path="/dealer/complaints", count=len(open_complaints), urgent=over),
        Tab(word=N_("Leads"), path="/dealer/leads", count=len(open_leads), urgent=waiting),
        Tab(word=N_("Care"), path="/dealer/care", count=care["due"]),
        Tab(word=N_("Daily figures"), path="/dealer/daily", count=days),
        Tab(word=N_("Our station"), path="/dealer/station"),
        Tab(word=N_("News and downloads"), path="/dealer/news", count=unread),
        Tab(word=N_("Our figures"), path="/dealer/figures"),
    ]
    if broken_down or any(RESCUE in offered(one.services, one.station_at) for one in portal.dealers):
        urgent = any(one.waits for one in broken_down)
        tabs.insert(1, Tab(word=N_("Rescues"), path="/dealer/rescues", count=len(broken_down), urgent=urgent))
    if portal.me.may(Permission.SEE_OWN_REGION):
        tabs.append(Tab(word=N_("Ranking"), path="/dealer/ranking"))
        tabs.append(Tab(word=N_("Reports"), path="/dealer/reports"))
    return [_placed(tab, portal.request.url.path) for tab in tabs]


_BELOW = {
    "/dealer/figures": ("/dealer/answers",),
    "/dealer/station": ("/dealer/staff", "/dealer/workshop", "/dealer/returned"),
    "/dealer/news": ("/dealer/supply", "/dealer/knowledge"),
}


def _placed(tab: Tab, path: str) -> Tab:
    places = (tab.path, *_BELOW.get(tab.path, ()))
    here = (
        path == "/dealer" if tab.path == "/dealer" else any(path == one or path.startswith(f"{one}/") for one in places)
    )
    return Tab(word=tab.word, path=tab.path, count=tab.count, urgent=tab.urgent, here=here)


def care_names(rules: CareRules, language: str) -> dict[str, str]:
    """A rule's id to the name that the centre gave it; the shipped ones keep their short words."""
    return {one.id: one.name(language) for one in rules if one.id not in dealer_words.CARE_KINDS}


def address(request: Request, **changes: object) -> str:
    """This page's path and query with `changes`; what is None is left out, and what was told last, too."""
    query = {name: value for name, value in request.query_params.items() if name != "told"} | changes
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return request.url.path + (f"?{urlencode(kept)}" if kept else "")


def back(typed_next: str, usual: str, told: str) -> RedirectResponse:
    """To the page on which the form stood, which says what was done."""
    path = own_page(typed_next)
    path = path if path.startswith("/dealer") else usual
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}told={told}", 303)


async def try_to(edit: Editor, work: Work) -> tuple[dict[str, str], int]:
    """Do the work in its own transaction; gives the errors by field and the status, ({}, 200) when it is done."""
    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        return await edit.errors(refused), refused.status
    return {}, 200


def whole(text: str) -> int | None:
    """A whole number as typed, with or without thousands; None = it is none."""
    plain = text.replace(",", "").replace("，", "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def a_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


__all__ = ["Edit", "Portal", "ThePortal", "a_day", "address", "back", "show", "try_to", "whole"]
