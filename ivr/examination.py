"""Whether a text may be published: it can be read, has no fault, and all its test cases go as they should."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from crm_core.errors import Invalid, Sentence
from crm_core.flows.actions import OTHER_FLOW, Examination, Examine
from ivr.catalogue import catalogue
from ivr.checker import check_flow
from ivr.findings import SENTENCES, Finding
from ivr.flow import Flow
from ivr.flow_file import read_flow
from ivr.trial import failure_of
from ivr.trial_file import read_trial

Also = Callable[[Flow], Iterable[Finding]]
"""What else is wrong with a flow at this site: `ivr.site_findings`."""


def examiner(queues: Collection[str], also: Also = lambda _flow: ()) -> Examine:
    """The look at a text before it is published, for a site with these queues."""

    def examine(flow: str, text: str, cases: Sequence[tuple[str, Mapping[str, Any]]]) -> Examination:
        try:
            read = read_flow(text)
        except Invalid as refused:
            return Examination(errors=(Sentence(refused.message_id, refused.values),))
        findings = [*findings_of(read, queues), *also(read)]
        errors = [_told(finding) for finding in findings if finding.is_error]
        if read.name != flow:
            errors.append(Sentence(OTHER_FLOW, {"found": read.name, "flow": flow}))
        failing = () if errors else tuple(name for name, case in cases if _fails(read, case))
        warnings = tuple(_told(finding) for finding in findings if not finding.is_error)
        return Examination(errors=tuple(errors), warnings=warnings, failing=failing)

    return examine


def _told(finding: Finding) -> Sentence:
    return Sentence(SENTENCES[finding.problem], finding.values())


def findings_of(flow: Flow, queues: Collection[str]) -> list[Finding]:
    """All findings against the prompts of this product."""
    return check_flow(flow, catalogue(), queues)


def _fails(flow: Flow, case: Mapping[str, Any]) -> bool:
    try:
        return bool(failure_of(flow, read_trial(case)))
    except Invalid:
        return True
