"""Refusals of the public API as RFC 9457 problem details, in the caller's language (Accept-Language)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from agent_desktop.rendering import language_of, translate
from agent_desktop.words import N_
from crm_core.errors import PlatformError
from crm_core.workforce.fields import Unusable

PREFIX = "/api/v1/"
DOCUMENTATION = "/api/v1/docs"
MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    "missing": N_("This is missing."),
    "extra_forbidden": N_("There is no such field."),
    "string_too_long": N_("This is too long."),
    "string_too_short": N_("This is missing."),
    "enum": N_("Choose one of the words of the documentation."),
    "literal_error": N_("Choose one of the words of the documentation."),
    "json_invalid": N_("The body is no JSON."),
    "greater_than_equal": N_("This number is too small."),
    "less_than_equal": N_("This number is too large."),
    "string_pattern_mismatch": N_("This has another form than the documentation says."),
    "timezone_aware": N_("A time needs its zone: 2026-07-16T02:40:00Z."),
}


def problem(request: Request, error: PlatformError, fields: Sequence[Mapping[str, Any]] = ()) -> JSONResponse:
    """`fields` are pydantic's errors: each becomes one with a JSON pointer."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    told: dict[str, Any] = {
        "type": f"{DOCUMENTATION}#{kind}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": translate(request, error.message_id, **error.values),
        "instance": request.url.path,
    }
    if fields:
        told["errors"] = [_field(request, found) for found in fields]
    elif isinstance(error, Unusable):
        told["errors"] = [
            {"pointer": f"#/{field}", "detail": translate(request, one.message_id, **one.values)}
            for field, one in error.by_field.items()
        ]
    elif "field" in error.values:
        told["errors"] = [{"pointer": f"#/{error.values['field']}", "detail": told["detail"]}]
    if error.details:
        told["details"] = [translate(request, one.message_id, **one.values) for one in error.details]
    headers = {"Cache-Control": "no-store", "Content-Language": language_of(request)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = "10"
    return JSONResponse(told, error.status, headers, media_type=MEDIA_TYPE)


def _field(request: Request, found: Mapping[str, Any]) -> dict[str, str]:
    where = [str(part) for part in found.get("loc", ())]
    place, names = (where[0], where[1:]) if where else ("body", [])
    sentence = _SENTENCES.get(str(found.get("type")), "This entry cannot be used.")
    told = {"detail": translate(request, sentence)}
    if place == "body":
        return {"pointer": "#/" + "/".join(names), **told}
    return {"parameter": "/".join(names), "in": place, **told}
