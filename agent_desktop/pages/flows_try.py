"""Walking a menu in the page: what a caller would hear and press, and the way kept as a test case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Session, needs
from agent_desktop.flows import words
from agent_desktop.flows.reading import FIRST, Opened, open_flow, spoken, title
from agent_desktop.naming import names_for
from agent_desktop.pages.flows import may_edit
from agent_desktop.rendering import language_of, page, viewer_of
from crm_core.access.roles import Permission, Role, may
from crm_core.errors import PlatformError
from crm_core.flows.actions import remove_test, save_draft, save_test
from crm_core.workforce.queries import agent, names, queues
from ivr.flow import Flow, Leave, step
from ivr.line import Heard
from ivr.operations import Answer
from ivr.position import Action, State
from ivr.questions import Prompts, SpokenFact
from ivr.trial import HANG_UP, Course, Trial, first_turn, walk
from ivr.trial_file import read_trial

router = APIRouter(prefix="/flows", dependencies=[needs(Permission.SEE_FLOWS)])
_EDITING = [needs(Permission.EDIT_FLOWS)]
MOST_ANSWERS = 60
Answers = Annotated[list[str], Query(max_length=MOST_ANSWERS)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who walks: the language, whether the hotline is open, the customer's class, the number dialled."""

    language: str = "zh-CN"
    closed: bool = False
    customer_class: str = ""
    entry: str = ""
    listens: bool = False

    def trial(self, answers: list[str]) -> dict[str, Any]:
        """The test case that this walk is, without its path."""
        case: dict[str, Any] = {"language": self.language, "open": not self.closed, "answers": answers}
        if self.customer_class:
            case["facts"] = {"class": self.customer_class}
        if self.entry:
            case["entry"] = self.entry
        return case | ({"listens": True} if self.listens else {})


def the_caller(
    language: str = "zh-CN", *, closed: bool = False, customer_class: str = "", entry: str = "", listens: bool = False
) -> Caller:
    return Caller(language, closed, customer_class[:16], entry[:20], listens)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing the caller meets: what is said and what was answered. `answer` None = here the walk stands."""

    node: str
    said: str
    answer: str | None


@router.get("/{flow}/try")
async def walk_flow(
    request: Request,
    session: Session,
    flow: str,
    caller: Annotated[Caller, Depends(the_caller)],
    answers: Answers = [],  # noqa: B006
) -> Response:
    """`answers` are those given so far: keys, "say ...", "-" for nothing."""
    return await _page(request, session, await open_flow(session, flow), caller, answers)


@router.post("/{flow}/tests", dependencies=_EDITING)
async def keep_test(
    edit: Edit,
    flow: str,
    caller: Annotated[Caller, Depends(the_caller)],
    name: Annotated[str, Form(max_length=60)] = "",
    answers: Answers = [],  # noqa: B006
) -> Response:
    """The walk as a test case: the nodes it came through must be met again, in this order."""
    opened = await open_flow(edit.session, flow)
    case = caller.trial(answers)
    if opened.flow:
        case["path"] = list(walk(opened.flow, read_trial(case)).nodes)

    async def work(session: AsyncSession) -> None:
        if opened.unreadable is not None:
            raise opened.unreadable
        if opened.version is None:  # as delivered: a test case belongs to a flow that is on record
            await save_draft(session, flow, opened.text, base=0, **edit.by)
        await save_test(session, flow, name, case, **edit.by)

    try:
        await edit.save(work, tell=False)
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _page(edit.request, edit.session, opened, caller, answers, errors=told, status=refused.status)
    return RedirectResponse(f"/flows/{flow}", 303)


@router.post("/{flow}/tests/{name}/remove", dependencies=_EDITING)
async def forget_test(edit: Edit, flow: str, name: str) -> Response:
    await edit.save(lambda session: remove_test(session, flow, name, **edit.by), tell=False)
    return RedirectResponse(f"/flows/{flow}", 303)


async def _page(
    request: Request,
    session: Session,
    opened: Opened,
    caller: Caller,
    answers: list[str],
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    flow, told, course = opened.flow, [], None
    if flow:
        trial = read_trial(caller.trial([*answers, HANG_UP]))
        course = walk(flow, trial)
        told = _story(flow, trial, course, language_of(request))
    return page(
        request,
        "flows/try.html",
        status_code=status,
        opened=opened,
        flow=flow,
        told=told,
        end=course.end if course else None,
        nodes=course.nodes if course else (),
        walker=caller,
        answers=answers,
        errors=errors or {},
        words=words,
        title=(lambda name: title(flow, name, language_of(request))) if flow else str,
        is_first=opened.name == FIRST,
        named=names_for(language_of(request), await names(session), await queues(session)),
        may_edit=may_edit(request),
        phone=await _phone(request, session),
    )


async def _phone(request: Request, session: AsyncSession) -> str:
    """Of the person who may hear the draft: "" = may not, "none", "fixed" or "connecting"."""
    viewer = viewer_of(request)
    if viewer is None or not may_edit(request) or not may(map(Role, viewer.roles), Permission.TAKE_CALLS):
        return ""
    own = await agent(session, viewer.number)
    return "none" if own is None else "fixed" if own.phone_contact else "connecting"


def _story(flow: Flow, trial: Trial, course: Course, language: str) -> list[Told]:
    told = [Told(met.state.node, _heard(flow, met.state, met.action), _answer(met.reply)) for met in course.met]
    last = course.met[-1] if course.met else None
    state, action = step(flow, last.state, last.reply) if last else first_turn(flow, trial)
    return [*told, Told(state.node, _heard(flow, state, action), None)]


def _heard(flow: Flow, state: State, action: Action) -> str:
    prompts: Prompts = () if isinstance(action, Leave) and not action.prompts else action.prompts
    pieces = (
        state.facts.get(one.fact, f"{{{one.fact}}}")
        if isinstance(one, SpokenFact)
        else spoken(flow, one, state.language) or one
        for one in prompts
    )
    return " ".join(pieces)


def _answer(reply: Any) -> str:
    """A key, words, a result; "" = nothing was asked or answered."""
    match reply:
        case str():
            return reply
        case Answer(result=result):
            return result
        case Heard(keys=keys, words=said):
            return keys or said
        case _:
            return ""
