"""The loop of a complaint (B-151) as an automaton: six steps, from the centre to the dealer and back to the customer.

record (centre) -> accept (dealer's relations manager) -> name_owner -> solve -> report -> confirm (centre) -> closed.
What is not in the table is refused with a sentence that says what is next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crm_core.errors import Refused


class Stage(StrEnum):
    RECORD = "record"
    ACCEPT = "accept"
    NAME_OWNER = "name_owner"
    SOLVE = "solve"
    REPORT = "report"
    CONFIRM = "confirm"


class Act(StrEnum):
    SEND = "send"
    ACCEPT = "accept"
    NAME_OWNER = "name_owner"
    CONTACTED = "contacted"
    SOLVED = "solved"
    ASK_SUPPORT = "ask_support"
    ANSWER_SUPPORT = "answer_support"
    REPORT = "report"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    WITHDRAW = "withdraw"


STAGES = tuple(Stage)
TABLE: Mapping[tuple[Stage, Act], Stage] = {
    (Stage.RECORD, Act.SEND): Stage.ACCEPT,
    (Stage.RECORD, Act.SATISFIED): Stage.RECORD,  # no dealer's matter: the centre solved it, the customer says so
    (Stage.ACCEPT, Act.ACCEPT): Stage.NAME_OWNER,
    (Stage.ACCEPT, Act.WITHDRAW): Stage.RECORD,
    (Stage.NAME_OWNER, Act.NAME_OWNER): Stage.SOLVE,
    (Stage.NAME_OWNER, Act.ASK_SUPPORT): Stage.NAME_OWNER,
    (Stage.NAME_OWNER, Act.ANSWER_SUPPORT): Stage.NAME_OWNER,
    (Stage.NAME_OWNER, Act.WITHDRAW): Stage.RECORD,
    (Stage.SOLVE, Act.NAME_OWNER): Stage.SOLVE,
    (Stage.SOLVE, Act.CONTACTED): Stage.SOLVE,
    (Stage.SOLVE, Act.ASK_SUPPORT): Stage.SOLVE,
    (Stage.SOLVE, Act.ANSWER_SUPPORT): Stage.SOLVE,
    (Stage.SOLVE, Act.SOLVED): Stage.REPORT,
    (Stage.SOLVE, Act.WITHDRAW): Stage.RECORD,
    (Stage.REPORT, Act.CONTACTED): Stage.REPORT,
    (Stage.REPORT, Act.ASK_SUPPORT): Stage.REPORT,
    (Stage.REPORT, Act.ANSWER_SUPPORT): Stage.REPORT,
    (Stage.REPORT, Act.REPORT): Stage.CONFIRM,
    (Stage.REPORT, Act.WITHDRAW): Stage.RECORD,
    (Stage.CONFIRM, Act.SATISFIED): Stage.CONFIRM,
    (Stage.CONFIRM, Act.NOT_SATISFIED): Stage.SOLVE,
}
_DOES: Mapping[Act, Stage] = {
    Act.SEND: Stage.RECORD,
    Act.ACCEPT: Stage.ACCEPT,
    Act.NAME_OWNER: Stage.NAME_OWNER,
    Act.CONTACTED: Stage.SOLVE,
    Act.SOLVED: Stage.SOLVE,
    Act.REPORT: Stage.REPORT,
    Act.SATISFIED: Stage.CONFIRM,
    Act.NOT_SATISFIED: Stage.CONFIRM,
}
NEXT: Mapping[Stage, str] = {
    Stage.RECORD: "The complaint is with the centre. Send it to a dealer first.",
    Stage.ACCEPT: "The dealer has not accepted the complaint yet. Accept it first.",
    Stage.NAME_OWNER: "Nobody is named for the complaint yet. Name who solves it first.",
    Stage.SOLVE: "The complaint is being solved. Say when it is solved before you go on.",
    Stage.REPORT: "The handling report is due now. Write it before you go on.",
    Stage.CONFIRM: "The report is with the centre, which now asks the customer. Nothing is to be done here.",
}


class IllegalStep(Refused):
    """The act does not fit the stage; the sentence says what does."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Where a complaint stands. `support`: "", asked or answered. `contacted`: the owner spoke with the customer."""

    stage: Stage = Stage.RECORD
    contacted: bool = False
    support: str = ""
    closed: bool = False


def after(loop: Loop, act: Act) -> Loop:
    """The loop after the act. Raises IllegalStep."""
    if loop.closed:
        raise IllegalStep("The complaint is closed. Open it again if the customer calls once more.")
    target = TABLE.get((loop.stage, act))
    if target is None:
        does = _DOES.get(act)
        done = does is not None and STAGES.index(does) < STAGES.index(loop.stage)
        raise IllegalStep("This step is done already. Load the page again." if done else NEXT[loop.stage])
    _check(loop, act)
    if act in (Act.CONTACTED, Act.NAME_OWNER):
        return replace(loop, stage=target, contacted=act is Act.CONTACTED)
    if act is Act.ASK_SUPPORT:
        return replace(loop, support="asked")
    if act is Act.ANSWER_SUPPORT:
        return replace(loop, support="answered")
    if act is Act.SATISFIED:
        return replace(loop, closed=True)
    if act in (Act.NOT_SATISFIED, Act.WITHDRAW):
        return Loop(stage=target)
    return replace(loop, stage=target)


def _check(loop: Loop, act: Act) -> None:
    if act is Act.SOLVED and not loop.contacted:
        raise IllegalStep("Contact the customer first, and write down what was said.")
    if act is Act.ASK_SUPPORT and loop.support == "asked":
        raise IllegalStep("The maker is asked already and has not answered yet.")
    if act is Act.ANSWER_SUPPORT and loop.support != "asked":
        raise IllegalStep("The dealer waits for no answer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stay in one stage; a stage that is done again has one more visit."""

    stage: Stage
    began_at: datetime
    done_at: datetime | None = None
    done_by: str = ""


def walk(visits: tuple[Visit, ...], before: Loop, now: Loop, *, at: datetime, by: str) -> tuple[Visit, ...]:
    """The visits after a step of the loop: the current one ends, the next begins; a time never runs backwards."""
    current = visits[-1]
    if now.stage is before.stage and not now.closed:
        return visits
    at = max(at, current.began_at)
    ended = (*visits[:-1], replace(current, done_at=at, done_by=by))
    return ended if now.closed else (*ended, Visit(stage=now.stage, began_at=at))
