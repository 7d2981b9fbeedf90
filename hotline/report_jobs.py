"""Reports made by themselves (mail, weekly drafts, news flashes): jobs of the process that counts reports."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from agent_desktop.rendering import Rendering
from agent_desktop.reports.bulletin_jobs import bulletin_handlers
from agent_desktop.reports.bulletin_mailing import BulletinMailer
from agent_desktop.reports.mailing import ReportMailer
from agent_desktop.site import Site
from crm_core.bulletins.actions import MAIL_JOB as BULLETIN_MAIL_JOB
from crm_core.db import Database
from crm_core.jobs.runner import Handler
from crm_core.saved_reports.actions import MAIL_JOB
from hotline.settings import Settings


def report_jobs(settings: Settings, database: Database) -> Mapping[str, Handler]:
    """By the kind of the job; a runner does one after the other."""
    zone = ZoneInfo(settings.site_zone)
    site = Site(name=settings.site_name, zone=zone, hotline_numbers=settings.hotline_numbers)
    rendering, server, address = Rendering(site), settings.mail_server, settings.callers_address
    reports = ReportMailer(database=database, rendering=rendering, server=server, address=address)
    bulletins = BulletinMailer(database=database, rendering=rendering, server=server, address=address)
    return {MAIL_JOB: reports.send, BULLETIN_MAIL_JOB: bulletins.send, **bulletin_handlers(zone)}
