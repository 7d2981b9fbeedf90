"""Menus: their list, and one of them drawn, with the chosen node, the checker's findings and the test cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Session, needs
from agent_desktop.flows import board, forms, words
from agent_desktop.flows.at_site import all_findings
from agent_desktop.flows.paths import PERIODS, PathFigures, period_of
from agent_desktop.flows.reading import FIRST, Opened, open_flow, spoken, text_before, title
from agent_desktop.flows.sounds import shelf_of, sounds_of
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page, viewer_of
from crm_core import clock
from crm_core.access.roles import Permission, Role, may
from crm_core.errors import NotFound
from crm_core.flows.queries import FlowLine, flow_lines, versions_of
from crm_core.workforce.queries import names, queues
from ivr.catalogue import catalogue
from ivr.differences import SENTENCES as DIFFERENCES
from ivr.differences import differences
from ivr.findings import SENTENCES
from ivr.flow import Flow
from ivr.flow_file import read_flow
from ivr.saying import how_said
from reports.menu_paths import PathCount

router = APIRouter(prefix="/flows", dependencies=[needs(Permission.SEE_FLOWS)])


@router.get("")
async def show_flows(request: Request, session: Session) -> Response:
    lines = await flow_lines(session)
    if all(line.flow != FIRST for line in lines):
        lines = [FlowLine(FIRST, 0, None, "", 0, 0), *lines]
    return page(
        request,
        "flows/list.html",
        lines=lines,
        named=names_for(language_of(request), await names(session), await queues(session)),
        may_edit=may_edit(request),
    )


@router.get("/{flow}")
async def show_flow(
    request: Request,
    session: Session,
    flow: str,
    *,
    node: str = "",
    version: int = 0,
    days: Annotated[int, Query(ge=1, le=90)] = 7,
) -> Response:
    """`node` is the chosen one; `version` 0 = the draft, else what is in force."""
    opened = await open_flow(session, flow, version)
    return await editor(request, session, opened, node=node, days=days)


@router.get("/{flow}/text.yaml")
async def the_text(session: Session, flow: str, version: int = 0) -> Response:
    """The file, to be kept or sent to another site."""
    opened = await open_flow(session, flow, version)
    named = {"Content-Disposition": f'attachment; filename="{opened.name}.yaml"'}
    return PlainTextResponse(opened.text, headers=named, media_type="application/yaml")


@router.get("/{flow}/versions")
async def show_versions(request: Request, session: Session, flow: str, *, left: int = 0, right: int = 0) -> Response:
    """All versions; of two of them, what differs."""
    found = await versions_of(session, flow, limit=500)
    by_number = {one.number: one for one in found}
    compared = None
    if left and right:
        if left not in by_number or right not in by_number:
            raise NotFound("There is no version {number} of the flow {flow}.", number=left, flow=flow)
        compared = differences(read_flow(by_number[left].text), read_flow(by_number[right].text))
    return page(
        request,
        "flows/versions.html",
        flow=flow,
        versions=found,
        left=left,
        right=right,
        compared=compared,
        differences=DIFFERENCES,
        named=names_for(language_of(request), await names(session), await queues(session)),
        may_edit=may_edit(request),
    )


def may_edit(request: Request) -> bool:
    viewer = viewer_of(request)
    return viewer is not None and may(map(Role, viewer.roles), Permission.EDIT_FLOWS)


async def editor(
    request: Request,
    session: AsyncSession,
    opened: Opened,
    *,
    node: str = "",
    days: int = 7,
    status: int = 200,
    **more: Any,
) -> Response:
    """The page of a flow. `more` is what a refused save says: `errors` by field and the `typed` form."""
    opened = replace(opened, findings=await all_findings(request, opened))
    language, flow = language_of(request), opened.flow
    counted = await _counted(request, session, opened, days)
    chosen = node if flow and node in flow.nodes else next(iter(flow.nodes), "") if flow else ""
    told: dict[str, Any] = {"errors": {}, "typed": None, "text": opened.text, **more}
    rows, node_fields = await queues(session), opened.fields.get("nodes", {}).get(chosen, {}) if chosen else {}
    return page(
        request,
        "flows/editor.html",
        status_code=status,
        opened=opened,
        flow=flow,
        chosen=chosen,
        node=node_fields,
        fields=forms.shown(node_fields, flow.languages) if flow and chosen else [],
        texts=opened.fields.get("texts", {}),
        titles=opened.fields.get("titles", {}),
        drawn=_drawn(flow, counted),
        counted={one.node: one for one in counted.nodes} if counted else {},
        paths=counted,
        days=days,
        show=request.query_params.get("show", ""),
        periods=PERIODS,
        title=(lambda name: title(flow, name, language)) if flow else str,
        said=(lambda prompt, spoken_in=language: spoken(flow, prompt, spoken_in)) if flow else str,
        prompts=prompt_names(flow) if flow else [],
        sounds=sounds_of(flow, node_fields, shelf_of(request)) if flow else [],
        facts=sorted(how_said(flow)) if flow else [],
        queues=rows,
        words=words,
        Input=forms.Input,
        sentences=SENTENCES,
        named=names_for(language, await names(session), rows),
        may_edit=may_edit(request) and (opened.version is None or opened.version.state != "replaced"),
        **told,
    )


def prompt_names(flow: Flow) -> list[str]:
    """The flow's own prompts first, then the product's that are whole sentences."""
    own = dict.fromkeys(name for texts in flow.texts.values() for name in texts)
    product = (name for name in catalogue()[flow.languages[0]] if not name[-1].isdigit())
    return [*own, *(name for name in product if name not in own)]


def version_met(opened: Opened) -> int:
    """The number under which the visits of the shown version are kept; of a draft, those of the one in force."""
    version = opened.version if opened.version and opened.version.state != "draft" else opened.published
    return version.number if version else 0


def figures_of(request: Request) -> PathFigures:
    """Those of this process."""
    state = request.app.state
    if not hasattr(state, "path_figures"):
        state.path_figures = PathFigures()
    figures: PathFigures = state.path_figures
    return figures


async def _counted(request: Request, session: AsyncSession, opened: Opened, days: int) -> PathCount | None:
    """Of the shown version; a draft shows what callers did in the version in force."""
    if opened.flow is None:
        return None
    zone = request.app.state.site.zone
    period = period_of("", "", days, clock.now().astimezone(zone).date())
    found = await figures_of(request).of(session, opened.flow, version_met(opened), period.bounds(zone))
    return found if found.calls else None


def _drawn(flow: Flow | None, counted: PathCount | None) -> board.Board | None:
    if flow is None:
        return None
    if counted is None:
        return board.draw(flow)
    walked: dict[tuple[str, str], int] = {}
    for way in counted.ways:
        walked[(way.node, way.to)] = walked.get((way.node, way.to), 0) + way.times
    return board.draw(flow, {one.node: one.entered for one in counted.nodes}, walked)


def what_changes(opened: Opened) -> list[Any]:
    """Between what callers meet now and the draft."""
    before = text_before(opened)
    if opened.flow is None or not before:
        return []
    return differences(read_flow(before), opened.flow)
