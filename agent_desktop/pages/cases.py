"""The list of cases: filters in the address, the least time left first, several given away at once, export."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.cases import words as case_words
from agent_desktop.cases.export import workbook
from agent_desktop.dependencies import Me, Session, TheReach, TheRendering, needs
from agent_desktop.desk import words as desk_words
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.words import KINDS
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.model import User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.cases.clocks import cell_colour, cells_used
from crm_core.cases.dealer_queries import step_of
from crm_core.cases.desk_actions import assign_many, undo_assign
from crm_core.cases.notices import mark_read
from crm_core.cases.queries import CaseFilter, case_counts, case_lines, unread_notices
from crm_core.dealers.model import Dealer
from crm_core.workforce.model import AgentRow
from crm_core.workforce.queries import names, queues

router = APIRouter(prefix="/cases", dependencies=[needs(Permission.WORK_CASES)])
PAGE_SIZE = 100
MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict."""

    q: str = ""
    whose: str = ""
    kind: str = ""
    sub_kind: str = ""
    level: str = ""
    due: str = ""
    stage: str = ""
    state: str = ""
    dealer: str = ""
    customer: str = ""
    model: str = ""
    part: str = ""
    ids: str = ""
    days: str = ""
    from_row: str = ""

    def address(self, path: str = "/cases", **changes: object) -> str:
        """The list's address with these filters changed; a changed filter starts from the top."""
        wanted = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "from_row"} | changes
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def offset(self) -> int:
        return _number(self.from_row) or 0

    def filter(self, me: str, team: str, now: datetime) -> CaseFilter:
        days = _number(self.days)
        return CaseFilter(
            q=self.q,
            whose=self.whose if self.whose in case_words.WHOSE else "",
            me=me,
            team=team,
            kind=self.kind,
            sub_kind=self.sub_kind,
            level=self.level,
            due=self.due,
            stage=self.stage,
            state=self.state,
            dealer_id=_number(self.dealer),
            customer_id=_number(self.customer),
            model=self.model,
            part=self.part,
            ids=tuple(
                int(one) for one in self.ids.split("-")[:500] if one.isascii() and one.isdecimal() and len(one) < 10
            ),
            since=now - timedelta(days=min(days, 3660)) if days else None,
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


@router.get("")
async def show_cases(
    request: Request,
    *,
    session: Session,
    me: Me,
    reach: TheReach,
    rendering: TheRendering,
    asked: Annotated[Asked, Depends()],
    given: str = "",
) -> Response:
    now = clock.now()
    team = await _team(session, me)
    wanted = asked.filter(me.number, team, now)
    ends = today_ends(now, rendering)
    lines = await case_lines(
        session, wanted, reach=reach, now=now, today_ends=ends, offset=asked.offset, limit=PAGE_SIZE + 1
    )
    counts = await case_counts(session, wanted, reach=reach, now=now, today_ends=ends)
    return page(
        request,
        "cases/list.html",
        "rows",
        asked=asked,
        lines=lines[:PAGE_SIZE],
        more=asked.address(from_row=asked.offset + PAGE_SIZE) if len(lines) > PAGE_SIZE else "",
        counts=counts,
        given=[one for one in given.split("-") if one.isascii() and one.isdecimal()][:500],
        notices=await unread_notices(session, me.number),
        people=await case_workers(session, language_of(request)),
        named=names_for(language_of(request), await names(session), await queues(session)),
        dealers=await dealer_names(session),
        has_team=bool(team),
        **shown_words(),
        cells=lambda case: cells_used(case.opened_at, case.due_at, case.closed_at or now),
        colour=cell_colour,
        step_of=step_of,
        now_at=now,
    )


@router.get("/export.xlsx")
async def export(
    request: Request,
    *,
    session: Session,
    me: Me,
    reach: TheReach,
    rendering: TheRendering,
    asked: Annotated[Asked, Depends()],
) -> Response:
    """The cases of these filters as a workbook, at most 10,000."""
    now = clock.now()
    wanted = asked.filter(me.number, await _team(session, me), now)
    lines = await case_lines(
        session, wanted, reach=reach, now=now, today_ends=today_ends(now, rendering), limit=MOST_EXPORTED
    )
    named = names_for(language_of(request), await names(session), await queues(session))
    content = workbook(lines, named, rendering.site.zone, lambda word: translate(request, word))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    disposition = f'attachment; filename="cases-{now.astimezone(rendering.site.zone):%Y%m%d-%H%M}.xlsx"'
    return Response(content, media_type=kind, headers={"Content-Disposition": disposition})


@router.post("/assign")
async def give_away(
    session: Session,
    me: Me,
    owner: Annotated[str, Form()] = "",
    ids: Annotated[list[int] | None, Form()] = None,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Several cases to one person; the page then offers the way back."""
    done = await assign_many(session, ids or [], owner, actor=me.number, at=clock.now())
    return RedirectResponse(_with(back, "given", "-".join(map(str, done))), 303)


@router.post("/assign/undo")
async def take_back(
    session: Session, me: Me, ids: Annotated[list[int] | None, Form()] = None, back: Annotated[str, Form()] = ""
) -> Response:
    await undo_assign(session, ids or [], actor=me.number, at=clock.now())
    return RedirectResponse(_own(back), 303)


@router.post("/notices/read")
async def read_notices(session: Session, me: Me, back: Annotated[str, Form()] = "") -> Response:
    """The person has seen what they were told."""
    await mark_read(session, me.number, None, clock.now())
    return RedirectResponse(_own(back), 303)


def today_ends(now: datetime, rendering: TheRendering) -> datetime:
    zone = rendering.site.zone
    return clock.day_bounds(now.astimezone(zone).date(), zone)[1]


def shown_words() -> dict[str, Any]:
    return {"words": case_words, "kinds": KINDS, "sub_kinds": desk_words.SUB_KINDS}


async def case_workers(session: AsyncSession, language: str) -> dict[str, str]:
    """Number to name of everybody who may own a case."""
    rows = await session.execute(
        select(User).where(User.disabled_at.is_(None), User.dealer_id.is_(None)).order_by(User.number)
    )
    able = [user for (user,) in rows if may(read_roles(user.roles), Permission.WORK_CASES)]
    return {one.number: one.name_en if language == "en" and one.name_en else one.name for one in able}


async def dealer_names(session: AsyncSession) -> dict[int, str]:
    rows = await session.execute(select(Dealer.id, Dealer.short_name).where(Dealer.active).order_by(Dealer.code))
    return {row.id: row.short_name for row in rows}


async def _team(session: AsyncSession, me: SignedInUser) -> str:
    return await session.scalar(select(AgentRow.team).where(AgentRow.user_id == me.user_id)) or ""


def _own(back: str) -> str:
    return back if back.startswith("/cases") and "\\" not in back and "\n" not in back else "/cases"


def _with(back: str, name: str, value: str) -> str:
    own = _own(back)
    return f"{own}{'&' if '?' in own else '?'}{name}={value}" if value else own
