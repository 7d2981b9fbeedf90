"""What segments do by themselves: every night for everybody, every minute for whoever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from crm_core.jobs.runner import Handler
from crm_core.segments.changes import KIND as CHANGES
from crm_core.segments.changes import following
from crm_core.segments.nightly import nightly
from crm_core.segments.rules import NIGHTLY

WORTH_JOBS = (NIGHTLY, CHANGES)


def worth_handlers(zone: tzinfo) -> Mapping[str, Handler]:
    return {NIGHTLY: nightly(zone), CHANGES: following(zone)}
