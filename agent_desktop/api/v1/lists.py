"""What every list of the API takes, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel

from agent_desktop.api.v1.calling import Call
from crm_core.integration.cursor import write_cursor
from crm_core.integration.lists import Rows

Limit = Annotated[int, Query(ge=1, le=200, description="Items on a page")]
Cursor = Annotated[str, Query(max_length=200, description="`next` of the page before")]
CustomerId = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def listed(
    call: Call, found: Rows, shape: Callable[[Any], BaseModel], place: Callable[[Any], Iterable[Any]]
) -> Response:
    """`place` gives the values of a row's cursor."""
    following = write_cursor(*place(found.rows[-1])) if found.more else None
    return call.answer({"items": [shape(row).model_dump(mode="json") for row in found.rows], "next": following})


def by_id(row: Any) -> tuple[int]:
    return (row.id,)
