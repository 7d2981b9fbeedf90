"""The platform's process: the telephone side, the history, the recordings and the pages, wired to each other.

Started by `hotline run`, which starts it again when it dies. Asterisk goes on meanwhile. With `telephony` as its
argument it is the telephony process: the pages are other ones (hotline/web_worker.py).
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import configure_mappers

from asterisk_conf.install import find_asterisk
from crm_core.db import Database, make_engine
from crm_core.history.journal import Journal
from crm_core.history.position import claim_position
from crm_core.history.writer import HistoryWriter
from cti.ami import AmiAccount
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig, SecondAsterisk
from cti.kept_places import CallbackRules
from cti.speech_line import Ears
from hotline.asterisks import Asterisks
from hotline.background import tell_of_failure
from hotline.dialing import SiteDialer
from hotline.directory import CustomerDirectory, DealerNumbers, SiteHours
from hotline.fast_loop import run_fast
from hotline.figures_apart import build_apart
from hotline.in_step import note_in_step
from hotline.lead import Lead
from hotline.leading import leading, watch_loop
from hotline.line_source import DatabaseLines
from hotline.live_text import live_texts
from hotline.log_lines import log_plainly
from hotline.menus import PromptShelf, SiteMenus
from hotline.questionnaire_source import DatabaseQuestionnaires
from hotline.quiet_memory import quiet_memory, unsearched
from hotline.self_service import self_service
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from hotline.survey_source import DatabaseSurveys
from hotline.telephone_site import telephone_sites
from hotline.workforce import DatabaseWorkforce
from ivr.hours import shipped_hours
from ivr.recogniser_pool import Recognisers
from ivr.self_service.desk import SelfService
from reports.rollups import keep_figures

CALLERS_FIRST_SECONDS = 3.0  # an Asterisk that is away must not keep the pages away
NUMBERS_LEFT_OUT = 100_000  # of the feed, where a leader that could not be ended may still give some


@asynccontextmanager
async def telephone_side(
    settings: Settings, database: Database, asterisk: Asterisks, lead: Lead
) -> AsyncIterator[Bridge]:
    """Calls are routed, and what happens is written, as long as this process leads."""
    async with database.begin() as session:
        written = await claim_position(session, lead.epoch)
    skip = NUMBERS_LEFT_OUT if lead.unsure else 0
    journal = Journal(settings.run_dir / "journal", after=written, skip=skip, require_lead=lead.still)
    bridge, menus, records = _bridge(settings, database, asterisk, journal, lead)
    await bridge.start()
    # Callers of the first moments find a menu without these: it then books no call back and knows no queue.
    menus.queues, records.callbacks = bridge.desk.queue_state, bridge.desk.callbacks
    noting = asyncio.create_task(_note_in_step(settings, bridge), name="in_step")
    noting.add_done_callback(tell_of_failure)
    writer = HistoryWriter(database, journal, epoch=lead.epoch)
    history = asyncio.create_task(writer.run(), name="history")
    dialer = SiteDialer(settings, database, bridge, writer)
    bridge.previews = bridge.desk.previews = bridge.desk.paces = dialer
    dialling = asyncio.create_task(dialer.run(), name="dialer")
    figures = asyncio.create_task(_keep_figures(settings, database, writer), name="figures")
    for work in (history, dialling, figures):
        work.add_done_callback(tell_of_failure)
    try:
        yield bridge
    finally:
        for task in (noting, dialling, figures, history):
            task.cancel()
        await asyncio.gather(noting, dialling, figures, history, return_exceptions=True)
        await bridge.stop()


async def _keep_figures(settings: Settings, database: Database, writer: HistoryWriter) -> None:
    zone = ZoneInfo(settings.site_zone)
    await keep_figures(
        database,
        zone,
        build_missing=lambda: build_apart(database, zone),
        wake=lambda: writer.written(writer.position + 1),
    )


async def _note_in_step(settings: Settings, bridge: Bridge) -> None:
    """A process that is killed after this moment did not fail to start."""
    await bridge.ready.wait()
    await asyncio.to_thread(note_in_step, settings.run_dir)


def _bridge(
    settings: Settings, database: Database, asterisk: Asterisks, journal: Journal, lead: Lead
) -> tuple[Bridge, SiteMenus, SelfService]:
    hours = SiteHours(ZoneInfo(settings.site_zone), shipped_hours())
    records = self_service(settings, database)
    menus = SiteMenus(records, PromptShelf(settings.prompts_dir, settings.own_prompts_folder))
    config = BridgeConfig(
        ami=_account(settings, settings.ami_port, lead),
        agi_host=settings.host,
        agi_port=settings.agi_port,
        prompts=settings.prompts_dir,
        prompt_cache=settings.run_dir.resolve() / "prompts",
        memory_file=settings.run_dir.resolve() / "telephony.json",
        cel_file=asterisk.site.cel_file,
        realtime_database=asterisk.site.realtime_database,
        sip_domain=settings.host,
        websocket_url=settings.phone_socket_urls[0],
        more=_more(settings, asterisk, lead),
        ice=settings.ice_servers,
        visitors=settings.visitors,
        recordings=asterisk.site.recordings,
        shown_number=settings.hotline_numbers[0],
        callbacks=CallbackRules(
            most_tries=settings.callback_tries,
            again_seconds=settings.callback_again_minutes * 60,
            opens=lambda at: hours.opens(bridge.lines.plan.first_number, at),
        ),
    )
    bridge = Bridge(
        config,
        journal=journal,
        workforce=DatabaseWorkforce(settings, database, asterisk),
        directory=CustomerDirectory(database, hours, menus),
        dealers=DealerNumbers(database),
        menu=menus,
        surveys=DatabaseSurveys(database, settings.prompts_dir),
        questionnaires=DatabaseQuestionnaires(database, settings.prompts_dir),
        texts=live_texts(settings, database),
        ears=Ears(Recognisers(vosk_models(settings), processes=settings.speech_processes)),
        lines=DatabaseLines(settings, database, asterisk),
        command_line=lambda command: asyncio.to_thread(asterisk.rx, command),
    )
    return bridge, menus, records


def _account(settings: Settings, port: int, lead: Lead) -> AmiAccount:
    return AmiAccount(
        host=settings.host,
        port=port,
        username=settings.ami_user,
        secret=settings.ami_secret,
        require_lead=lead.still,
    )


def _more(settings: Settings, asterisk: Asterisks, lead: Lead) -> tuple[SecondAsterisk, ...]:
    return tuple(
        SecondAsterisk(
            name=site.node,
            ami=_account(settings, site.ami_port, lead),
            cel_file=site.cel_file,
            websocket_url=url,
        )
        for site, url in zip(asterisk.more, settings.phone_socket_urls[1:], strict=True)
    )


async def serve(settings: Settings, *, pages: bool = True) -> None:
    """Until SIGTERM or SIGINT. `pages` False = they are other processes."""
    log_plainly(settings.log_format)
    database = Database(make_engine(settings.database))
    program = await asyncio.to_thread(find_asterisk, settings.cache_dir)
    later = ("hotline.web_side",) if pages else ("hotline.pages_told", "hotline.telephony_side")
    try:
        async with leading(settings, stand_by=lambda: _load_aside(later)) as lead:
            async with database.begin() as session:
                asterisk = Asterisks(await telephone_sites(settings, session), program)
            async with telephone_side(settings, database, asterisk, lead) as bridge:
                # Loading what follows takes longer than all the rest, and a caller who waits cannot see it.
                if pages:
                    pages_side = await _loaded("hotline.web_side")
                    await _callers_first(settings, bridge, lead)
                    await pages_side.serve(settings, database, bridge)
                    return
                told = await _loaded("hotline.pages_told")
                async with told.pages_told(settings.redis_url, bridge, epoch=lead.epoch):
                    works_side = await _loaded("hotline.telephony_side")
                    await _callers_first(settings, bridge, lead)
                    await works_side.serve(settings, database, bridge)
    finally:
        await database.close()


async def _callers_first(settings: Settings, bridge: Bridge, lead: Lead) -> None:
    """What follows begins with work that would keep the loop from them."""
    with suppress(TimeoutError):
        await asyncio.wait_for(bridge.ready.wait(), CALLERS_FIRST_SECONDS)
    watch_loop(settings, lead)


async def _loaded(module: str) -> Any:
    with unsearched():
        return await asyncio.to_thread(importlib.import_module, module)


def _load_aside(modules: tuple[str, ...]) -> None:
    """Whoever stands by has the time for it before it leads: callers wait when the loop does any of it later."""

    def load() -> None:
        with unsearched():
            for module in modules:
                importlib.import_module(module)
        configure_mappers()
        quiet_memory()

    threading.Thread(target=load, daemon=True).start()


if __name__ == "__main__":
    run_fast(serve(Settings(), pages=sys.argv[1:] != ["telephony"]))
