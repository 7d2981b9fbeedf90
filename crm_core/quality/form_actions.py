"""Making, saving, publishing and going back. A review keeps the version it was begun with."""

from __future__ import annotations

from crm_core.drafting import Deeds, Drafting
from crm_core.quality.form_queries import FORMS
from crm_core.quality.forms import Form, problems
from crm_core.quality.stored import load, store


def _names(content: Form) -> tuple[str, str]:
    return content.title.zh, content.title.en


_DEEDS = Deeds(
    subject="quality_form",
    saved="quality_form_saved",
    published="quality_form_published",
    again="quality_form_again",
    dropped="quality_form_dropped",
    removed="quality_form_removed",
)
_DRAFTING = Drafting(versions=FORMS, deeds=_DEEDS, load=load, store=store, names=_names, problems=problems)
create, save_draft, drop_draft = _DRAFTING.create, _DRAFTING.save_draft, _DRAFTING.drop_draft
publish, publish_again, archive = _DRAFTING.publish, _DRAFTING.publish_again, _DRAFTING.archive
