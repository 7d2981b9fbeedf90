"""The menu's operations on this site's records."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from crm_core.db import Database
from hotline.settings import Settings
from ivr.self_service.asking import MenuSite
from ivr.self_service.desk import SelfService


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
