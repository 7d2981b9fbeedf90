"""The loop of a rescue (B-251) as an automaton: a station is sent, goes, arrives, helps; the customer confirms.

Minutes count, around the clock. A station that cannot go gives it back, and the next nearest is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from crm_core.errors import Refused


class RescueStage(StrEnum):
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    UNDER_WAY = "under_way"
    ARRIVE = "arrive"
    HELP = "help"
    CONFIRM = "confirm"


class RescueAct(StrEnum):
    DISPATCH = "dispatch"
    DECLINE = "decline"
    ACCEPT = "accept"
    UNDER_WAY = "under_way"
    ARRIVED = "arrived"
    HELPED = "helped"
    CONFIRMED = "confirmed"
    NOT_HELPED = "not_helped"


RESCUE_STAGES = tuple(RescueStage)
_S, _A = RescueStage, RescueAct
RESCUE_TABLE: Mapping[tuple[RescueStage, RescueAct], RescueStage | None] = {
    (_S.DISPATCH, _A.DISPATCH): _S.ACCEPT,
    (_S.ACCEPT, _A.ACCEPT): _S.UNDER_WAY,
    (_S.ACCEPT, _A.DECLINE): _S.DISPATCH,
    (_S.UNDER_WAY, _A.UNDER_WAY): _S.ARRIVE,
    (_S.UNDER_WAY, _A.DECLINE): _S.DISPATCH,
    (_S.ARRIVE, _A.UNDER_WAY): _S.ARRIVE,  # another estimate of the arrival
    (_S.ARRIVE, _A.ARRIVED): _S.HELP,
    (_S.ARRIVE, _A.DECLINE): _S.DISPATCH,
    (_S.HELP, _A.HELPED): _S.CONFIRM,
    (_S.HELP, _A.DECLINE): _S.DISPATCH,  # e.g. a tow truck is needed after all
    (_S.CONFIRM, _A.CONFIRMED): None,
    (_S.CONFIRM, _A.NOT_HELPED): _S.DISPATCH,
}
_NEXT: Mapping[RescueStage, str] = {
    _S.DISPATCH: "No station is sent yet. Choose one first.",
    _S.ACCEPT: "The station has not accepted yet.",
    _S.UNDER_WAY: "The station has not said that help is under way.",
    _S.ARRIVE: "Help is under way and has not arrived yet.",
    _S.HELP: "Help is there; say what was done first.",
    _S.CONFIRM: "Only the customer's word is missing.",
}


class IllegalRescueStep(Refused):
    """The act does not fit the stage; the sentence says what does."""


def after_rescue(stage: RescueStage, act: RescueAct) -> RescueStage | None:
    """The stage after the act; None = the rescue is over. Raises IllegalRescueStep."""
    if (stage, act) not in RESCUE_TABLE:
        raise IllegalRescueStep(_NEXT[stage])
    return RESCUE_TABLE[stage, act]
