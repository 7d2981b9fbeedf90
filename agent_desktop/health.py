"""Is this process alive, and do its parts answer?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.dependencies import TheDatabase, TheDesk, anyone

router = APIRouter(dependencies=[anyone])


@router.get("/healthz")
async def healthz(db: TheDatabase, telephony: TheDesk) -> JSONResponse:
    """Always 200 while this process answers; the words tell what else answers."""
    try:
        async with db.begin() as session:
            await session.execute(text("SELECT 1"))
        database = "ok"
    except (SQLAlchemyError, OSError):
        database = "away"
    asterisk = "ok" if telephony.floor().connected else "away"
    told = {"web": "ok", "database": database, "telephony": asterisk}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})
