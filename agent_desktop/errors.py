"""One way to tell a person that we refuse or fail: a sentence in their language, as JSON, as a toast, or as a page."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.status import WS_1008_POLICY_VIOLATION, WS_1011_INTERNAL_ERROR
from starlette.websockets import WebSocket

from agent_desktop.api.v1.problems import DOCUMENTATION, PREFIX, problem
from agent_desktop.records_away import RecordsAway, away_page
from agent_desktop.rendering import page, translate
from agent_desktop.security import NotSignedIn, PasswordMustChange, SecondStepMissing
from crm_core.errors import Invalid, NotFound, PlatformError

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(PlatformError, _platform_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http_error)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(away, _records_away)
    app.add_exception_handler(Exception, _our_bug)


async def _platform_error(request: Request | WebSocket, error: Exception) -> Response:
    assert isinstance(error, PlatformError)  # noqa: S101 - the handler is registered for it
    if isinstance(request, WebSocket):  # a feed whose session has ended: there is nobody to answer a sentence to
        await request.close(WS_1008_POLICY_VIOLATION)
        return Response(status_code=error.status)
    if isinstance(error, NotSignedIn) and request.method == "GET" and not _wants_json(request):
        return RedirectResponse(f"/login?next={quote(_asked(request), safe='/')}", HTTPStatus.SEE_OTHER)
    if isinstance(error, PasswordMustChange) and request.method == "GET" and not _wants_json(request):
        return RedirectResponse("/password", HTTPStatus.SEE_OTHER)
    if isinstance(error, SecondStepMissing) and request.method == "GET" and not _wants_json(request):
        return RedirectResponse("/second-step", HTTPStatus.SEE_OTHER)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("refused", path=request.url.path, status=error.status, error=str(error))
    return tell(request, error)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if request.url.path.startswith(PREFIX):
        return problem(request, Invalid("This request cannot be used. The fields say why."), error.errors())
    fields = [str(found["loc"][-1]) for found in error.errors() if found["loc"]]
    return tell(request, Invalid("This entry cannot be used.", field=fields[0] if fields else ""))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == HTTPStatus.NOT_FOUND:
        return tell(request, NotFound("This page does not exist."))
    told = PlatformError(HTTPStatus(error.status_code).phrase)
    told.status = error.status_code
    return tell(request, told)


async def _records_away(request: Request | WebSocket, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)  # noqa: S101 - the handler is registered for its kinds
    log.error("records_away", path=request.url.path, error=str(error).partition("\n")[0])
    if isinstance(request, WebSocket):
        await request.close(WS_1011_INTERNAL_ERROR)
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
    away = RecordsAway(request, error)
    return await away_page(request, away) if _wants_page(request) else tell(request, away)


async def _our_bug(request: Request, error: Exception) -> Response:
    log.error("our_bug", path=request.url.path, exc_info=error)
    return tell(request, PlatformError("Something went wrong on our side. It has been logged."))


def tell(request: Request, error: PlatformError) -> Response:
    """The sentence of a refusal in the form that the asker can show."""
    if request.url.path.startswith(PREFIX) and not request.url.path.startswith(DOCUMENTATION):
        return problem(request, error)
    sentence = translate(request, error.message_id, **error.values)
    details = [translate(request, one.message_id, **one.values) for one in error.details]
    if _wants_json(request):
        told: dict[str, object] = {"message": sentence}
        if "field" in error.values:
            told["field"] = error.values["field"]
        if details:
            told["details"] = details
        return JSONResponse(told, error.status, {"Cache-Control": "no-store"})
    if request.headers.get("HX-Request") == "true":
        headers = {"HX-Retarget": "#toast", "HX-Reswap": "innerHTML"}
        return page(request, "error.html", "toast", status_code=error.status, headers=headers, sentence=sentence)
    return page(request, "error.html", status_code=error.status, sentence=sentence, details=details)


def _wants_page(request: Request) -> bool:
    return not (_wants_json(request) or request.headers.get("HX-Request") == "true")


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith("application/json")


def _asked(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
