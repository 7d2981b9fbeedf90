"""The description of the API as OpenAPI 3.1, made of the operations themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from agent_desktop.api.v1 import routers
from agent_desktop.api.v1.calling import NeedsScope
from agent_desktop.api.v1.problems import MEDIA_TYPE
from crm_core.integration.scopes import Scope

VERSION = "1.0.0"
ABOUT = """Customers, vehicles, contacts, cases, leads, consents, dealers, knowledge and what ERP and DMS send.

Send `Authorization: Bearer hl_…` (an administrator makes keys at /admin/keys). Lists have opaque cursors.
Every POST needs an `Idempotency-Key`; the same key and body again give the same answer, another body is a 409.
PATCH needs `If-Match` with the ETag that was read.
Refusals are RFC 9457 problems in the language of `Accept-Language` (zh-CN or en)."""
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "parameter", "in", "detail")},
            },
        },
    },
}
_REFUSALS = {
    "401": "No valid key",
    "403": "The key lacks the scope, or may not be used from this address",
    "404": "There is nothing, or it is another dealer's",
    "409": "The rules say no, or the idempotency key was used for something else",
    "422": "The request cannot be used; `errors` says why",
    "429": "Too many requests in a minute",
}
_OF_CHANGES = {"412": "Changed since it was read", "428": "No If-Match"}


def operations() -> list[APIRoute]:
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole description; the same object every time."""
    told = get_openapi(
        title="Hotline API", version=VERSION, openapi_version="3.1.0", description=ABOUT, routes=operations()
    )
    components = told.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key, hl_…"}}
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route in operations():
        for method in route.methods or ():
            _describe(told["paths"][route.path][method.lower()], route, method)
    return told


def scope_of(route: APIRoute) -> Scope:
    return next(one.call.scope for one in route.dependant.dependencies if isinstance(one.call, NeedsScope))


def _describe(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    scope = scope_of(route)
    operation["security"] = [{"key": []}]
    operation["x-scope"] = scope.value
    operation["operationId"] = route.name
    operation["description"] = f"{operation.get('description', '').strip()}\n\nScope `{scope.value}`.".strip()
    wanted = {"Idempotency-Key": method == "POST", "If-Match": method == "PATCH"}
    kept = []
    for parameter in operation.get("parameters", ()):
        name = {"idempotency-key": "Idempotency-Key", "if-match": "If-Match"}.get(parameter["name"], parameter["name"])
        if wanted.get(name, True):
            kept.append({**parameter, "name": name, "required": parameter.get("required", False) or name in wanted})
    operation["parameters"] = kept
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {
        **_REFUSALS,
        **({"412": "Changed since it was read", "428": "No If-Match"} if method == "PATCH" else {}),
    }
    for status, text in refusals.items():
        operation["responses"][status] = {"description": text, "content": content}
    if method == "PUT":
        operation["responses"]["201"] = {**operation["responses"]["200"], "description": "It is new"}
