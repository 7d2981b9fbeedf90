"""What the settings say to the web part, for the platform and for the process that counts reports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from agent_desktop.config import WebConfig
from agent_desktop.reports.apart import ReportRoom
from agent_desktop.site import Site
from cti.wire.bus import Bus
from hotline.settings import Settings
from ivr.vocabulary import Ask, nothing_listens
from recording.vault import Vault


def web_config(
    settings: Settings,
    *,
    vault: Vault | None = None,
    never_heard: Ask = nothing_listens,
    report_room: ReportRoom | None = None,
    link_secret: str = "",
    bus: Bus | None = None,
) -> WebConfig:
    site = Site(
        name=settings.site_name,
        zone=ZoneInfo(settings.site_zone),
        hotline_numbers=settings.hotline_numbers,
        demo=settings.demo,
    )
    return WebConfig(
        site=site,
        phone_sockets=settings.phone_sockets,
        secure=settings.is_open,
        recordings=settings.recordings_dir,
        vault=vault,
        files=settings.files_folder,
        anchors=settings.anchors_file,
        webhooks=settings.webhooks,
        imports=settings.imports_folder,
        redis_url=settings.redis_url,
        metrics_token=settings.metrics_token,
        prompts=settings.prompts_dir,
        own_prompts=settings.own_prompts_folder,
        line_key=settings.line_key_file,
        line_addresses=settings.line_addresses,
        nodes=settings.nodes,
        public=bool(settings.public_url),
        never_heard=never_heard,
        mail_domains=settings.mail_domains,
        mails=settings.mail_server.usable,
        report_room=report_room,
        address=settings.peoples_address if settings.is_open else settings.public_url.rstrip("/"),
        sign_in_key=settings.sign_in_key_file,
        openid=settings.openid,
        link_secret=link_secret,
        bus=bus,
    )


def server_config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    """Who asks is who connects; only our own door and the proxies that the operator named may say otherwise."""
    believed = [*settings.trusted_proxies, *([settings.host] if settings.is_open else [])]
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.web_port,
        log_level="warning",
        access_log=False,
        log_config=None,
        proxy_headers=bool(believed),
        forwarded_allow_ips=believed,
    )
