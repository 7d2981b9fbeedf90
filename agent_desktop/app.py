"""The web application: every page, the API of the pages, the live WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from secrets import token_urlsafe

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.gzip import GZipMiddleware

from agent_desktop import errors, health, live, pages
from agent_desktop.admin.chain_watch import ChainWatch
from agent_desktop.admin.sign_ins import SignIns
from agent_desktop.api import (
    call_control,
    campaign_next,
    campaign_talk,
    case_opening,
    customers,
    knowledge,
    messages,
    notices,
    phone,
    record,
    record_lead,
    record_nuisance,
    state,
    targets,
    v1,
)
from agent_desktop.board.live import BoardHub
from agent_desktop.campaigns.live import CampaignHub
from agent_desktop.config import WebConfig
from agent_desktop.dependencies import include
from agent_desktop.desk.break_reasons import BreakReasons
from agent_desktop.floor.live import FloorHub
from agent_desktop.lines.live import LinesView
from agent_desktop.live import DeskHub
from agent_desktop.monitoring.hub import Monitoring, Timed
from agent_desktop.openid import OpenIdProvider
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.ports import Telephony
from agent_desktop.rate_limits import RateLimits
from agent_desktop.recordings.evidence_making import EvidenceMaker
from agent_desktop.rendering import STATIC, Rendering
from agent_desktop.reports.turns import Turns
from agent_desktop.security import Guard, SignInLimit
from agent_desktop.staffing.plays import Plays
from agent_desktop.staffing.weeks import Learnt
from crm_core.access.sealing import Sealer
from crm_core.db import Database
from ivr.own_recordings import OwnRecordings
from ivr.vocabulary import Vocabulary
from recording.library import Library
from recording.vault import Vault


def create_app(db: Database, telephony: Telephony, config: WebConfig, *, more: Sequence[APIRouter] = ()) -> FastAPI:
    """The application, ready for an ASGI server with lifespan; `more` are routers of a caller's own pages.

    Raises UndeclaredRoute when a route declares no permission.
    """
    app = FastAPI(title="Hotline", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.db, app.state.telephony, app.state.config, app.state.site = db, telephony, config, config.site
    app.state.rendering = Rendering(config.site)
    app.state.others = others = OtherWorkers(config.bus)
    app.state.learnt, app.state.plays = Learnt(others), Plays(others)
    app.state.portraits = {}  # of all customers, see segment_pages
    app.state.rate_limits = RateLimits(config.redis_url)
    app.state.sign_in_limit = SignInLimit(app.state.rate_limits)
    app.state.sign_ins = SignIns(db, others)
    app.state.break_reasons = BreakReasons(db)
    app.state.sealer = Sealer(config.sign_in_key or config.files.with_name("sign-in-key"))
    app.state.openid = OpenIdProvider(config.openid) if config.openid and config.openid.usable else None
    app.state.report_turns = Turns()
    app.state.chain = ChainWatch(db, config.anchors)
    app.state.hub = DeskHub(db, telephony, app.state.rendering, others)
    app.state.board = BoardHub(db, telephony, config.site, others)
    app.state.monitoring = Monitoring(db, telephony, others)
    app.state.lines = LinesView(telephony, app.state.rendering)
    app.state.floor = FloorHub(db, telephony, app.state.rendering, others)
    app.state.campaigns = CampaignHub(db, telephony, app.state.rendering, app.state.floor)
    app.state.vault = config.vault or Vault(config.recordings)
    folder = config.files.with_name("evidence")
    app.state.evidence = EvidenceMaker(db, app.state.vault, folder, app.state.rendering)
    app.state.library = Library(app.state.vault, config.link_secret or token_urlsafe(32))
    app.state.vocabulary = Vocabulary(config.never_heard)
    app.state.own_recordings = OwnRecordings(config.prompts, config.own_prompts)
    errors.install(app)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False))
    api = (
        phone.router,
        call_control.router,
        targets.router,
        messages.router,
        notices.router,
        state.router,
        record.router,
        record_lead.router,
        campaign_next.router,
        campaign_talk.router,
        record_nuisance.router,
        case_opening.router,
        customers.router,
        knowledge.router,
    )
    for router in (health.router, live.router, *api, *v1.routers, *pages.routers, *more):
        include(app, router)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(Guard, config=config)
    app.add_middleware(Timed, monitoring=app.state.monitoring)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    hub: DeskHub = app.state.hub
    board: BoardHub = app.state.board
    floor: FloorHub = app.state.floor
    campaigns: CampaignHub = app.state.campaigns
    monitoring: Monitoring = app.state.monitoring
    plays: Plays = app.state.plays
    evidence: EvidenceMaker = app.state.evidence
    others: OtherWorkers = app.state.others
    with suppress(SQLAlchemyError, OSError):
        await app.state.break_reasons.read()
    async with (
        others.running(),
        hub.running(),
        board.running(),
        floor.running(),
        campaigns.running(),
        monitoring.running(),
        plays.running(),
        evidence.running(),
    ):
        yield
