"""What of a flow works in general and not at this site, as this process knows it."""

from __future__ import annotations

from fastapi import Request

from agent_desktop.flows.reading import Opened
from ivr.findings import Finding
from ivr.flow import Flow
from ivr.site_findings import site_findings
from ivr.vocabulary import Vocabulary


async def warnings_of(request: Request, flow: Flow | None) -> list[Finding]:
    if flow is None:
        return []
    vocabulary: Vocabulary = request.app.state.vocabulary
    return site_findings(flow, await vocabulary.unknown(flow), public=request.app.state.config.public)


async def all_findings(request: Request, opened: Opened) -> list[Finding]:
    """The checker's, then the site's; errors first."""
    found = [*opened.findings, *await warnings_of(request, opened.flow)]
    return sorted(found, key=lambda one: not one.is_error)
