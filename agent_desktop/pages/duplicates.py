"""Customers who may be one: the list, the two side by side, the merge field by field, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.customers import identity_words
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.customers import duplicates, identity_queries, merging
from crm_core.customers.matching import SURE
from crm_core.workforce.queries import names

router = APIRouter(prefix="/customers", dependencies=[needs(Permission.MERGE_CUSTOMERS)])
_STATES = ("open", "refused")
CustomerId = Annotated[int, Form(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what we do not know does not restrict."""

    state: str = "open"
    sure: bool = False
    kind: str = ""
    page: Annotated[int, Query(ge=1, le=10_000)] = 1


@router.get("/duplicates")
async def show_duplicates(request: Request, session: Session, asked: Annotated[Asked, Depends()]) -> Response:
    state = asked.state if asked.state in _STATES else "open"
    kind = asked.kind if asked.kind in ("person", "company") else ""
    least = SURE if asked.sure else 0
    found = await identity_queries.pairs(session, state=state, least=least, kind=kind, page=asked.page)
    return page(
        request,
        "duplicates/list.html",
        pairs=found,
        state=state,
        sure=asked.sure,
        kind=kind,
        number=asked.page,
        more=len(found) == identity_queries.PAGE,
        counts=await identity_queries.pair_counts(session),
        run=await duplicates.last_run(session),
        **await _words(request, session),
    )


@router.get("/merges")
async def show_merges(request: Request, session: Session) -> Response:
    rows = await identity_queries.merges(session)
    counts = await identity_queries.pair_counts(session)
    return page(request, "duplicates/merges.html", rows=rows, counts=counts, **await _words(request, session))


@router.get("/merge")
async def show_merge(request: Request, session: Session, keep: int, drop: int) -> Response:
    both = await identity_queries.compared(session, keep, drop)
    return page(request, "duplicates/merge.html", both=both, **await _words(request, session))


@router.post("/merge")
async def merge(request: Request, session: Session, me: Me, keep: CustomerId, drop: CustomerId) -> Response:
    """Fields are sent as `field.<name>` = keep or drop."""
    form = await request.form()
    taken = [name for name in merging.FIELDS if form.get(f"field.{name}") == "drop"]
    row = await merging.merge(session, keep, drop, chosen=taken, actor=me.number, at=clock.now())
    return RedirectResponse(f"/customers/merges?done={row.id}", 303)


@router.post("/merges/{merge_id}/undo")
async def undo(session: Session, me: Me, merge_id: int) -> Response:
    undone = await merging.unmerge(session, merge_id, actor=me.number, at=clock.now())
    stayed = sum(undone.stayed.values())
    return RedirectResponse(f"/customers/merges?undone={merge_id}&stayed={stayed}", 303)


@router.post("/duplicates/refuse")
async def refuse(
    session: Session, me: Me, one: CustomerId, other: CustomerId, note: Annotated[str, Form(max_length=120)] = ""
) -> Response:
    await duplicates.refuse(session, one, other, note=note.strip(), actor=me.number, at=clock.now())
    return RedirectResponse(f"/customers/duplicates?refused={one}-{other}", 303)


@router.post("/duplicates/reopen")
async def reopen(session: Session, me: Me, one: CustomerId, other: CustomerId) -> Response:
    await duplicates.reopen(session, one, other, actor=me.number, at=clock.now())
    return RedirectResponse("/customers/duplicates", 303)


@router.post("/duplicates/compare")
async def compare_all(session: Session, me: Me) -> Response:
    await duplicates.compare_all(session, actor=me.number, at=clock.now())
    return RedirectResponse("/customers/duplicates", 303)


async def _words(request: Request, session: Session) -> dict[str, Any]:
    people = names_for(language_of(request), await names(session), [])
    return {"words": identity_words, "named": people, "asked": request.query_params}
