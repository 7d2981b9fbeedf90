"""What every operation of the public API needs: who asks with which key, one transaction, one effect for one request.

An operation declares `needs_scope(Scope.X)`, takes `TheCall`, and gives an answer by `call.answer(...)`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from agent_desktop.dependencies import Session, the_database
from agent_desktop.rate_limits import RateLimits
from crm_core import clock
from crm_core.access.reach import Reach
from crm_core.errors import Invalid, PlatformError, Refused
from crm_core.integration import once
from crm_core.integration.keys import Caller, KeyRefused, ScopeMissing, caller_of
from crm_core.integration.scopes import Scope

SAFE = ("GET", "HEAD")


class TooManyRequests(Refused):
    status = 429

    def __init__(self, most: int) -> None:
        super().__init__("More than {most} requests in a minute. Wait, then go on.", most=most)


class ChangedSince(PlatformError):
    status = 412

    def __init__(self) -> None:
        super().__init__("This was changed since you read it. Read it again, then send your change with the new ETag.")


class EtagMissing(PlatformError):
    status = 428

    def __init__(self) -> None:
        super().__init__("Send the ETag that you read in the header If-Match.")


async def the_caller(connection: HTTPConnection) -> Caller:
    """Who asks. Raises KeyRefused, AddressRefused or TooManyRequests."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise KeyRefused
    address = connection.client.host if connection.client else ""
    # A transaction of its own: that the key was used is kept although the operation may be rolled back.
    async with the_database(connection).begin() as session:
        caller = await caller_of(session, token.strip(), address, clock.now())
    limits: RateLimits = connection.app.state.rate_limits
    if not await limits.hit(caller.per_minute, "key", str(caller.key_id)):
        raise TooManyRequests(caller.per_minute)
    return caller


TheCaller = Annotated[Caller, Depends(the_caller)]


class NeedsScope:
    """An operation's declared scope. Raises ScopeMissing."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.declares = scope, scope.value

    def __call__(self, caller: TheCaller) -> Caller:
        if self.scope not in caller.scopes:
            raise ScopeMissing(self.scope)
        return caller


def needs_scope(scope: Scope) -> Any:
    """Put into an operation's `dependencies`."""
    return Depends(NeedsScope(scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `by` is what every action is told."""

    request: Request
    session: AsyncSession
    caller: Caller
    at: datetime
    idempotency_key: str | None
    if_match: str | None

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.caller.actor, "at": self.at}

    @property
    def reach(self) -> Reach:
        return self.caller.reach

    def answer(self, body: BaseModel | Mapping[str, Any], status: int = 200, **headers: str) -> Response:
        """JSON with its ETag; 304 without a body when the asker has it already."""
        told = as_json(body)
        tag = etag(told)
        named = {"ETag": tag, "Cache-Control": "no-store", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.request.method in SAFE and tag in _tags(self.request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=named)
        return Response(told, status, named, "application/json")

    def unchanged_since_read(self, body: BaseModel) -> None:
        """Raises EtagMissing or ChangedSince; `body` is what the asker would read now."""
        if self.if_match is None:
            raise EtagMissing
        if self.if_match.strip() != "*" and etag(as_json(body)) not in _tags(self.if_match):
            raise ChangedSince

    async def once(self, body: BaseModel, work: Callable[[], Awaitable[Response]]) -> Response:
        """Do the work and keep its answer with the effect, or give the answer that was kept."""
        word = once.checked(self.idempotency_key or "")
        sent = (self.request.method, self.request.url.path, body.model_dump(mode="json"))
        digest = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
        found = await once.claim(self.session, self.caller.key_id, word, digest, self.at)
        if isinstance(found, once.Answer):
            headers = {**found.headers, "Idempotency-Replayed": "true"}
            return Response(found.body, found.status, headers, "application/json")
        answer = await work()
        kept = {name: value for name, value in answer.headers.items() if name in ("etag", "location", "cache-control")}
        once.keep(found, once.Answer(status=answer.status_code, body=bytes(answer.body), headers=kept))
        await self.session.flush()
        return answer


def the_call(
    request: Request,
    session: Session,
    caller: TheCaller,
    idempotency_key: Annotated[str | None, Header(description="1 to 80 visible characters, needed on POST")] = None,
    if_match: Annotated[str | None, Header(description="The ETag that was read, needed on PATCH")] = None,
) -> Call:
    return Call(
        request=request,
        session=session,
        caller=caller,
        at=clock.now(),
        idempotency_key=idempotency_key,
        if_match=if_match,
    )


TheCall = Annotated[Call, Depends(the_call)]


def as_json(body: BaseModel | Mapping[str, Any]) -> bytes:
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return json.dumps(body, ensure_ascii=False).encode()


def etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def whole_number(text: str) -> int:
    """An id of a path that may be anything; Invalid becomes "unknown" at the asker."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("This entry cannot be used.", field="id")
    return int(text)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
