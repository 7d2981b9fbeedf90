"""What other systems tell of who responds elsewhere than by telephone: counts, nothing that names anybody."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from agent_desktop.api.v1.calling import TheCall, needs_scope
from agent_desktop.api.v1.shapes import Moment, Strict
from crm_core.integration.scopes import Scope
from crm_core.media.responses import MOST, add_responses

router = APIRouter(prefix="/api/v1")


class NewResponses(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"source": "website", "count": 42}]})
    source: Literal["website", "app", "wechat", "mail", "showroom", "other"]
    count: int = Field(ge=1, le=MOST, strict=True)
    at: Moment | None = Field(None, description="The minute they came in; null = now. At most two days ago.")


class TakenResponses(Strict):
    source: str
    count: int


@router.post(
    "/responses",
    tags=["Responses"],
    dependencies=[needs_scope(Scope.WRITE_RESPONSES)],
    status_code=201,
    response_model=TakenResponses,
)
async def add(call: TheCall, body: NewResponses) -> Response:
    """Visits of the website, say, once a minute: they stand on the wallboards within seconds, beside the calls."""

    async def work() -> Response:
        await add_responses(call.session, body.source, body.count, body.at or call.at, at=call.at)
        return call.answer(TakenResponses(source=body.source, count=body.count), 201)

    return await call.once(body, work)
