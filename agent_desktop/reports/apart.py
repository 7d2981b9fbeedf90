"""Reports are counted by another process, so that no call waits for one: what a route hands over and gets back.

Who asks, what they may do, their rate and their turn are looked at here, as for every page; then the question goes, as
it came, to the same application in the other process, which looks again. Without a room it is answered here.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from agent_desktop.reports.turns import a_turn
from crm_core.errors import Unreachable

Headers = Sequence[tuple[bytes, bytes]]

_OF_ONE_CONNECTION = frozenset(
    (b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length")
)
_OURS_TO_SAY = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"))
_OF_THE_SERVER = frozenset((b"date", b"server"))


class ReportTakesTooLong(Unreachable):
    def __init__(self, seconds: float) -> None:
        super().__init__(
            "This report was stopped after {seconds} s. Choose fewer days or a longer step.", seconds=f"{seconds:g}"
        )


class ReportsAway(Unreachable):
    """The other process does not run; calls are not concerned."""

    def __init__(self) -> None:
        super().__init__("Reports cannot be counted at the moment; calls are not concerned. Try again in a minute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A GET: `address` is the path with its query."""

    address: str
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


class ReportRoom(Protocol):
    """The other process."""

    async def answer(self, question: Question) -> Answer:
        """Raises ReportTakesTooLong or ReportsAway."""
        ...


class CountedRoute(APIRoute):
    """A route that takes a turn (`a_turn`) is answered by the room, if there is one; any other is as usual."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        here = super().get_route_handler()
        if a_turn not in self.dependencies:
            return here
        asking = APIRoute(self.path, _ask, dependencies=self.dependencies, methods=self.methods).get_route_handler()

        async def handle(request: Request) -> Response:
            apart = request.app.state.config.report_room is not None and request.method == "GET"
            return await (asking if apart else here)(request)

        return handle


async def _ask(request: Request) -> Response:
    room: ReportRoom = request.app.state.config.report_room
    told = await room.answer(question_of(request))
    answer = Response(told.body, told.status)
    left_out = _OF_ONE_CONNECTION | _OF_THE_SERVER
    answer.raw_headers += [(name, value) for name, value in told.headers if name.lower() not in left_out]
    return answer


def question_of(request: Request) -> Question:
    """What came from outside about where it came from is taken away: only we say that."""
    left_out = _OF_ONE_CONNECTION | _OURS_TO_SAY
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in left_out]
    if request.client is not None:
        headers.append((b"x-forwarded-for", request.client.host.encode("ascii", "replace")))
    headers.append((b"x-forwarded-proto", request.url.scheme.encode("ascii")))
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    return Question(address=f"{path}?{query}" if query else path, headers=headers)
