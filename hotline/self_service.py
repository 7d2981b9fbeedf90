"""The menu's operations on this site's records."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.db import Database
from crm_core.dealers.spoken_names import names_to_speak
from crm_core.jobs.runner import Due, Handler
from hotline.settings import Settings
from ivr.self_service.asking import MenuSite
from ivr.self_service.desk import SelfService
from ivr.station_prompts import StationName, make_station_prompts

log = structlog.get_logger(__name__)


def station_speaker(prompts: Path) -> Handler:
    """Speaks the names of stations that are new or changed. Done until the next change or start."""

    async def speak(session: AsyncSession, due: Due, at: datetime) -> datetime | None:
        stations = [StationName(code=code, name=name) for code, name in await names_to_speak(session)]
        made = await asyncio.to_thread(
            make_station_prompts, prompts, stations, tell=lambda line: log.info("station_prompts", told=line)
        )
        log.info("station_prompts_made", made=made, stations=len(stations))
        return None

    return speak


def self_service(settings: Settings, database: Database) -> SelfService:
    """Without telephony yet: `callbacks` is set as soon as the bridge has started."""
    prompts = settings.prompts_dir
    site = MenuSite(
        zone=ZoneInfo(settings.site_zone),
        name=settings.site_name,
        base_url=settings.callers_address,
        has_prompt=lambda name, language: (prompts / language / f"{name}.wav").is_file(),
    )
    return SelfService(database, site)
