"""Live text of talks on this site: recognisers of its own, so that callers in a menu are heard all the same."""

from __future__ import annotations

import os

from crm_core.db import Database
from crm_core.live_text.rules import LiveTextRules
from crm_core.live_text.settings import live_text_rules
from cti.live_texts import LiveTexts
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from ivr.live_load import LiveLoad
from ivr.processor import IdleCores
from ivr.recogniser_pool import Recognisers

GIVES_WAY = 5  # niceness: calls, menus and pages come first
MOST_LEGS = 64  # in one process: how many talks it takes is told by its load


def live_texts(settings: Settings, database: Database) -> LiveTexts | None:
    """None where no processes are set aside for it."""
    processes = settings.live_text_processes
    if not processes:
        return None

    async def rules() -> LiveTextRules:
        async with database.begin() as session:
            return await live_text_rules(session)

    pool = Recognisers(vosk_models(settings), processes=processes, most_legs=MOST_LEGS, niceness=GIVES_WAY)
    load = LiveLoad(processes=processes, cores=os.cpu_count() or 1, spare=settings.live_text_spare)
    return LiveTexts(pool, load, idle=IdleCores(), rules=rules)
