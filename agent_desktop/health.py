"""Is this process alive, do its parts answer, and the figures for whoever watches it."""

from __future__ import annotations

import asyncio
import hmac
import shutil
from ipaddress import ip_address
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.config import WebConfig
from agent_desktop.dependencies import TheDatabase, TheDesk, anyone

FULL_BYTES, LOW_BYTES = 1_000_000_000, 5_000_000_000  # free; of a small disk a twentieth and a tenth

router = APIRouter(dependencies=[anyone])


@router.get("/healthz")
async def healthz(request: Request, db: TheDatabase, telephony: TheDesk) -> JSONResponse:
    """Always 200 while this process answers; the words tell how the other parts are."""
    return JSONResponse(await _parts(request, db, telephony), headers={"Cache-Control": "no-store"})


@router.get("/readyz")
async def readyz(request: Request, db: TheDatabase, telephony: TheDesk) -> JSONResponse:
    """200 when people can work: database and telephony answer, the disk has room; else 503. Words as of /healthz."""
    told = await _parts(request, db, telephony)
    return JSONResponse(told, 200 if set(told.values()) <= {"ok", "low"} else 503, {"Cache-Control": "no-store"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """With HOTLINE_METRICS_TOKEN for who knows it, from anywhere; without one for this machine itself alone."""
    if not _may_watch(request, request.app.state.config.metrics_token):
        return JSONResponse({"detail": "Not allowed."}, 403, {"Cache-Control": "no-store"})
    told = await request.app.state.monitoring.text()
    return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _may_watch(request: Request, token: str) -> bool:
    if token:
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode())
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False  # a proxy on this machine speaks for somebody else
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _parts(request: Request, db: TheDatabase, telephony: TheDesk) -> dict[str, str]:
    """Part -> ok, away, low (people can work, somebody should look) or full."""
    try:
        async with db.begin() as session:
            await session.execute(text("SELECT 1"))
        database = "ok"
    except (SQLAlchemyError, OSError):
        database = "away"
    floor = telephony.floor()
    asterisk = "away" if not floor.connected else "low" if floor.asterisks_away or floor.proxy_away else "ok"
    config: WebConfig = request.app.state.config
    disk = await asyncio.to_thread(room_on, config.recordings)
    told = {"web": "ok", "database": database, "telephony": asterisk, "disk": disk}
    if config.bus is not None:
        told["redis"] = "ok" if await config.bus.answers() else "away"
    return told


def room_on(folder: Path) -> str:
    """ok, low or full for the disk on which the folder lies or will lie; away when it cannot be asked."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        usage = shutil.disk_usage(there)
    except OSError:
        return "away"
    if usage.free < min(FULL_BYTES, usage.total // 20):
        return "full"
    return "low" if usage.free < min(LOW_BYTES, usage.total // 10) else "ok"
