"""Every table of the product, so that the metadata is whole wherever it is asked for."""

from __future__ import annotations

from crm_core.access import factor_model as factor
from crm_core.access import model as access
from crm_core.boards import model as boards
from crm_core.bulletins import model as bulletins
from crm_core.callbacks import model as callbacks
from crm_core.campaigns import model as campaigns
from crm_core.care import model as care
from crm_core.cases import model as cases
from crm_core.consent import model as consent
from crm_core.customers import identity_model as identity
from crm_core.customers import model as customers
from crm_core.db import Base
from crm_core.dealers import model as dealers
from crm_core.dealers import network_model as network
from crm_core.disclosure import model as disclosure
from crm_core.erasure import model as erasure
from crm_core.figures import model as figures
from crm_core.files import model as files
from crm_core.flows import model as flows
from crm_core.forecasts import model as forecasts
from crm_core.history import model as history
from crm_core.imports import model as imports
from crm_core.integration import model as integration
from crm_core.jobs import model as jobs
from crm_core.knowledge import model as knowledge
from crm_core.leading import model as leading
from crm_core.leads import model as leads
from crm_core.ledger import model as ledger
from crm_core.lines import model as lines
from crm_core.media import model as media
from crm_core.notices import model as notices
from crm_core.nuisance import model as nuisance
from crm_core.quality import model as quality
from crm_core.questionnaires import model as questionnaires
from crm_core.retention import model as retention
from crm_core.saved_reports import model as saved_reports
from crm_core.seals import model as seals
from crm_core.segments import model as segments
from crm_core.self_service import model as self_service
from crm_core.shifts import model as shifts
from crm_core.surveys import model as surveys
from crm_core.transcripts import model as transcripts
from crm_core.vehicles import model as vehicles
from crm_core.vehicles import recalls
from crm_core.workforce import hours_model as hours
from crm_core.workforce import model as workforce

MODULES = (
    access,
    boards,
    bulletins,
    callbacks,
    campaigns,
    care,
    cases,
    consent,
    customers,
    dealers,
    erasure,
    factor,
    disclosure,
    figures,
    files,
    flows,
    forecasts,
    history,
    hours,
    identity,
    imports,
    integration,
    jobs,
    knowledge,
    leading,
    leads,
    ledger,
    lines,
    media,
    network,
    notices,
    nuisance,
    quality,
    questionnaires,
    recalls,
    retention,
    saved_reports,
    seals,
    segments,
    self_service,
    shifts,
    surveys,
    transcripts,
    vehicles,
    workforce,
)
METADATA = Base.metadata


def described(name: str | None, kind: str, parents: object) -> bool:
    """For Alembic: what a database adds for full-text search is in no model, see crm_core.knowledge.index."""
    return not (name or "").startswith("fts_")
