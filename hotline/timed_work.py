"""What the platform does by itself at its time, and by which code: one line for each kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from agent_desktop.reports.bulletin_jobs import BULLETIN_JOBS
from crm_core.access import anchors
from crm_core.callbacks.watch import WATCH, watch_messages
from crm_core.care.jobs import care_handlers
from crm_core.care.soon import CARE_PLAN
from crm_core.cases.clock_jobs import watch_clock
from crm_core.cases.timing import JOB as CASE_CLOCK
from crm_core.customers.identity_jobs import CHECK, IDENTITY_JOBS
from crm_core.db import Database
from crm_core.dealers.daily_actions import REMINDER, reminder
from crm_core.dealers.spoken_names import STATION_PROMPTS
from crm_core.erasure.actions import JOB as ERASURE
from crm_core.files.sweep import SWEEP, file_sweeper
from crm_core.integration import deliver
from crm_core.jobs.actions import ensure
from crm_core.jobs.runner import Handler
from crm_core.knowledge.publishing import REVIEW, reviewer
from crm_core.leads.jobs import SENDING_JOB, lead_handlers
from crm_core.questionnaires.actions import SPEAKING
from crm_core.questionnaires.links import SENDING as LINKS
from crm_core.questionnaires.links import link_sender
from crm_core.questionnaires.low_answers import WATCH as LOW_ANSWERS
from crm_core.questionnaires.low_answers import low_answer_watch
from crm_core.segments.timed import WORTH_JOBS, worth_handlers
from crm_core.surveys.settings import PROMPTS
from crm_core.surveys.watch import SCORES, watch_scores
from hotline.ledger_check import NIGHTLY, nightly
from hotline.quality_night import DRAWS, quality_night
from hotline.settings import Settings
from hotline.survey_prompts import question_speaker, questionnaire_speaker
from recording.erasing_customers import erasure_job
from recording.lost_messages import SEARCH, message_search
from recording.retention import RETENTION, retention_job
from recording.vault import Vault

RECURRING: tuple[str, ...] = (
    SWEEP,
    SENDING_JOB,
    CARE_PLAN,
    REMINDER,
    *WORTH_JOBS,
    CHECK,
    anchors.KIND,
    deliver.ORDER,
    deliver.SWEEP,
    STATION_PROMPTS,
    WATCH,
    SEARCH,
    SCORES,
    PROMPTS,
    SPEAKING,
    LOW_ANSWERS,
    LINKS,
    NIGHTLY,
    RETENTION,
    DRAWS,
    *BULLETIN_JOBS,
)
"""Kinds that are always on the list, under the key "site"; their handler says when they are due again."""


def handlers(settings: Settings, database: Database, vault: Vault) -> Mapping[str, Handler]:
    """By the kind of the job; what takes minutes is done by hotline.long_work, reports by hotline.report_jobs."""
    return {
        CASE_CLOCK: watch_clock,
        WATCH: watch_messages,
        SCORES: watch_scores,
        PROMPTS: question_speaker(settings.prompts_dir),
        LINKS: link_sender(ZoneInfo(settings.site_zone), settings.callers_address, settings.site_name),
        LOW_ANSWERS: low_answer_watch(ZoneInfo(settings.site_zone)),
        SPEAKING: questionnaire_speaker(settings.prompts_dir),
        SEARCH: message_search(settings.recordings_dir),
        SWEEP: file_sweeper(settings.files_folder),
        DRAWS: quality_night(ZoneInfo(settings.site_zone)),
        ERASURE: erasure_job(vault),
        RETENTION: retention_job(vault, ZoneInfo(settings.site_zone)),
        **care_handlers(ZoneInfo(settings.site_zone)),
        REMINDER: reminder(ZoneInfo(settings.site_zone)),
        **lead_handlers(ZoneInfo(settings.site_zone)),
        **worth_handlers(ZoneInfo(settings.site_zone)),
        REVIEW: reviewer(ZoneInfo(settings.site_zone)),
        **IDENTITY_JOBS,
        anchors.KIND: anchors.handler(settings.anchors_file),
        NIGHTLY: nightly(settings),
    }


def tellers(settings: Settings, database: Database) -> Mapping[str, Handler]:
    """What waits for other systems; for a runner of its own, so that a slow one holds up nobody's reminder."""
    return deliver.handlers(database, settings.webhooks)


async def put_recurring(database: Database, at: datetime) -> None:
    """A new kind is due at once; one that is on the list keeps its time."""
    async with database.begin() as session:
        for kind in RECURRING:
            await ensure(session, kind, "site", at)
