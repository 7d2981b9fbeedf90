"""The text of a flow that a page shows: the draft, else what is in force, else what comes with the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid, NotFound
from crm_core.flows.model import FlowTest, FlowVersion
from crm_core.flows.queries import stored_tests, versions_of
from crm_core.workforce.queries import queues
from ivr.catalogue import catalogue
from ivr.checker import check_flow
from ivr.findings import Finding
from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_text
from ivr.flow_text import read_text
from ivr.saying import text_of
from ivr.trial import failure_of
from ivr.trial_file import read_trial

FIRST = "main"  # the flow that is there before anybody saved one


@dataclass(frozen=True, slots=True)
class Tried:
    """A stored test case; `went` is the way taken instead of the wanted one, "" = it passed."""

    test: FlowTest
    went: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A flow in the editor. `flow` None = the text is no flow: `unreadable` says why. `fields` as the text has them."""

    name: str
    text: str
    version: FlowVersion | None
    published: FlowVersion | None
    draft: FlowVersion | None
    flow: Flow | None
    fields: Mapping[str, Any]
    unreadable: Invalid | None
    findings: Sequence[Finding]
    tests: Sequence[Tried]

    @property
    def base(self) -> int:
        """What a save says it was made from: the draft's revision, 0 = there is none."""
        return self.draft.revision if self.draft else 0

    @property
    def errors(self) -> int:
        return sum(finding.is_error for finding in self.findings)


async def open_flow(session: AsyncSession, name: str, number: int = 0) -> Opened:
    """The newest text, or that of version `number`. Raises NotFound."""
    versions = await versions_of(session, name, limit=500)
    if not versions and name != FIRST:
        raise NotFound("There is no flow {flow}.", flow=name)
    draft = next((one for one in versions if one.state == "draft"), None)
    published = next((one for one in versions if one.state == "published"), None)
    wanted = next((one for one in versions if one.number == number), None) if number else draft or published
    if number and wanted is None:
        raise NotFound("There is no version {number} of the flow {flow}.", number=number, flow=name)
    text = wanted.text if wanted else shipped_text()
    flow, fields, unreadable = _read(text)
    findings = check_flow(flow, catalogue(), [one.id for one in await queues(session)]) if flow else []
    tests = [Tried(test, _went(flow, test)) for test in await stored_tests(session, name)] if flow else []
    return Opened(name, text, wanted, published, draft, flow, fields, unreadable, findings, tests)


def with_text(opened: Opened, text: str) -> Opened:
    """The same flow with another text, which nobody has kept yet."""
    flow, fields, unreadable = _read(text)
    return replace(opened, text=text, flow=flow, fields=fields, unreadable=unreadable)


def text_before(opened: Opened) -> str:
    """What callers meet now, to be compared with what is shown."""
    return opened.published.text if opened.published else shipped_text() if opened.name == FIRST else ""


def spoken(flow: Flow, prompt: str, language: str) -> str:
    """What a caller hears of a prompt: the flow's own text, else the product's; "" = there is none."""
    own = text_of(flow, prompt, language)
    if own:
        return own[1]
    return "".join(part.text for part in catalogue().get(language, {}).get(prompt, ()))


def title(flow: Flow, node: str, language: str) -> str:
    """The node's name for people, else its own name."""
    titles = [flow.titles.get(language, {}), *flow.titles.values()]
    return next((found[node] for found in titles if found.get(node)), node)


def _read(text: str) -> tuple[Flow | None, Mapping[str, Any], Invalid | None]:
    try:
        fields = read_text(text)
        return read_flow(text), fields, None
    except Invalid as wrong:
        return None, {}, wrong


def _went(flow: Flow, test: FlowTest) -> str:
    try:
        return failure_of(flow, read_trial(test.case))
    except Invalid as wrong:
        return str(wrong)
