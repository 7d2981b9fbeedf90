"""Dealers, knowledge and events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from agent_desktop.api.v1.calling import TheCall, needs_scope
from agent_desktop.api.v1.lists import Cursor, Limit, by_id, listed
from agent_desktop.api.v1.shapes import DealerOut, EventOut, Page
from agent_desktop.rendering import language_of
from crm_core.errors import Invalid
from crm_core.integration import lists
from crm_core.integration.cursor import read_id, write_cursor
from crm_core.integration.scopes import Scope
from crm_core.knowledge.queries import search

router = APIRouter(prefix="/api/v1")


class ArticleOut(BaseModel):
    id: int
    title: str
    answer: str
    snippet: str
    language: str
    models: list[str]


@router.get(
    "/dealers", tags=["Dealers"], dependencies=[needs_scope(Scope.READ_DEALERS)], response_model=Page[DealerOut]
)
async def list_dealers(
    call: TheCall,
    *,
    region: Annotated[str, Query(max_length=20)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    found = await lists.dealers(call.session, call.reach, after=read_id(cursor), limit=limit, region=region)
    return listed(call, found, DealerOut.of, by_id)


@router.get(
    "/dealers/{code}", tags=["Dealers"], dependencies=[needs_scope(Scope.READ_DEALERS)], response_model=DealerOut
)
async def read_dealer(call: TheCall, code: Annotated[str, Path(max_length=16, examples=["JL001"])]) -> Response:
    return call.answer(DealerOut.of(await lists.dealer(call.session, call.reach, code)))


@router.get(
    "/knowledge/search",
    tags=["Knowledge"],
    dependencies=[needs_scope(Scope.READ_KNOWLEDGE)],
    response_model=Page[ArticleOut],
)
async def search_knowledge(
    request: Request,
    call: TheCall,
    q: Annotated[str, Query(min_length=1, max_length=100, examples=["充电"])],
    limit: Annotated[int, Query(ge=1, le=20)] = 10,
) -> Response:
    """Published articles, the best first, in the caller's language where it exists."""
    today = call.at.astimezone(request.app.state.site.zone).date()
    hits = await search(call.session, q, on=today, language=language_of(request), limit=limit)
    items = [
        ArticleOut(
            id=hit.article_id,
            title=hit.name,
            answer=hit.answer,
            snippet="".join(piece.text for piece in hit.snippet),
            language=hit.language,
            models=list(hit.models),
        ).model_dump(mode="json")
        for hit in hits
    ]
    return call.answer({"items": items, "next": None})


@router.get("/events", tags=["Events"], dependencies=[needs_scope(Scope.READ_EVENTS)], response_model=Page[EventOut])
async def list_events(call: TheCall, *, cursor: Cursor = "", limit: Limit = 50) -> Response:
    """What webhooks are told, for a system that cannot be called. Only for keys of the whole network.

    `next` is never null here: keep it and ask again later.
    """
    if call.reach.dealers is not None:
        raise Invalid("This list is for keys that see every dealer.", field="cursor")
    after = read_id(cursor)
    found = await lists.events(call.session, after=after, limit=limit)
    last = found.rows[-1].sequence if found.rows else after
    items = [EventOut.of(row).model_dump(mode="json") for row in found.rows]
    return call.answer({"items": items, "next": write_cursor(last)})
