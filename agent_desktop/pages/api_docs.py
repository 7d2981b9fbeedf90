"""The documentation of the public API: the OpenAPI file, and our own page of it, without scripts of others."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from agent_desktop.api.v1.description import description
from agent_desktop.dependencies import anyone, signed_in
from agent_desktop.rendering import page
from crm_core.errors import PlatformError
from crm_core.integration.scopes import Scope

router = APIRouter(prefix="/api/v1", dependencies=[anyone])
_GAPS = {"Idempotency-Key": "2026-07-16-0001", "If-Match": '"…"'}


@router.get("/openapi.json")
async def openapi() -> JSONResponse:
    return JSONResponse(description(), headers={"Cache-Control": "public, max-age=300"})


@router.get("/docs")
async def show_documentation(request: Request) -> Response:
    """Grouped by subject, each operation with its parameters, fields and a command line to try."""
    with suppress(PlatformError):  # who is signed in keeps the rail and the language
        await signed_in(request)
    told = description()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][-1], []).append(_shown(told, path, method.upper(), operation, request))
    return page(request, "api_docs.html", groups=groups, scopes=list(Scope), base=str(request.base_url).rstrip("/"))


def _shown(told: dict[str, Any], path: str, method: str, operation: dict[str, Any], request: Request) -> dict[str, Any]:
    body = _resolved(
        told, operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    )
    example = (body or {}).get("examples", [None])[0]
    good = next(status for status in operation["responses"] if status.startswith("2"))
    answer = _resolved(told, operation["responses"][good]["content"]["application/json"]["schema"])
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "about": operation["description"].rpartition("\n\nScope")[0] or "",
        "scope": operation["x-scope"],
        "parameters": [p for p in operation["parameters"] if p["in"] != "header" or p["name"] in _GAPS],
        "fields": _fields(told, body),
        "answer": _fields(told, _items(told, answer)),
        "is_list": bool(answer and "items" in answer.get("properties", {})),
        "curl": _curl(str(request.base_url).rstrip("/"), path, method, operation, example),
    }


def _curl(base: str, path: str, method: str, operation: dict[str, Any], example: Any) -> str:
    filled = path
    query = []
    for parameter in operation["parameters"]:
        given = parameter.get(
            "example", (parameter["schema"].get("examples") or parameter.get("examples") or [None])[0]
        )
        if parameter["in"] == "path":
            filled = filled.replace("{" + parameter["name"] + "}", str(given))
        elif parameter["in"] == "query" and given is not None:
            query.append(f"{parameter['name']}={given}")
    lines = [
        f"curl {'' if method == 'GET' else f'-X {method} '}'{base}{filled}{'?' + '&'.join(query) if query else ''}'"
    ]
    lines.append("-H 'Authorization: Bearer hl_…'")
    lines += [f"-H '{p['name']}: {_GAPS[p['name']]}'" for p in operation["parameters"] if p["name"] in _GAPS]
    if example is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(example, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)


def _fields(told: dict[str, Any], schema: dict[str, Any] | None) -> list[dict[str, Any]]:
    if not schema:
        return []
    needed = schema.get("required", [])
    return [
        {"name": name, "type": _type(told, one), "needed": name in needed, "about": one.get("description", "")}
        for name, one in schema.get("properties", {}).items()
    ]


def _type(told: dict[str, Any], schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(told, one) for one in schema["anyOf"])
    if "$ref" in schema:
        return _type(told, _resolved(told, schema) or {})
    if "enum" in schema:
        return " | ".join(str(word) or '""' for word in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_type(told, schema.get('items', {}))}]"
    if schema.get("type") == "object" and "properties" in schema:
        return "{" + ", ".join(schema["properties"]) + "}"
    return str(schema.get("format") or schema.get("type") or "any")


def _items(told: dict[str, Any], schema: dict[str, Any] | None) -> dict[str, Any] | None:
    inner = (schema or {}).get("properties", {}).get("items", {}).get("items")
    return _resolved(told, inner) if inner else schema


def _resolved(told: dict[str, Any], schema: dict[str, Any] | None) -> dict[str, Any] | None:
    if schema and "$ref" in schema:
        found: dict[str, Any] = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema
