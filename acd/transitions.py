"""What an agent's state may become, and by what: one table. What is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from acd import events
from acd.commands import OfferCall, ReturnCall
from acd.model import AgentId
from acd.model import AgentState as S
from crm_core.errors import Refused

Trigger = type[events.Event] | type[OfferCall] | type[ReturnCall]

# After the first state stand those that need a reason the engine knows: a planned break, no after-call work set,
# too many missed calls, a person who signed out during the call.
AFTER_RING = (S.READY, S.BREAK, S.OFFLINE)
AFTER_TALK = (S.WRAP_UP, S.READY, S.BREAK, S.OFFLINE)

_BY_STATE: Mapping[S, Mapping[Trigger, tuple[S, ...]]] = {
    S.OFFLINE: {events.AgentSignedIn: (S.BREAK, S.READY)},
    S.READY: {
        OfferCall: (S.RINGING,),
        ReturnCall: (S.TALKING,),
        events.OfferEnded: (S.BREAK,),  # of work beside calls, too many in a row
        events.ConsultBegan: (S.RINGING,),
        events.AgentTookBreak: (S.BREAK,),
        events.AgentBeganCall: (S.TALKING,),
        events.AgentSignedOut: (S.OFFLINE,),
        events.AgentForced: (S.READY, S.BREAK, S.OFFLINE),
    },
    S.RINGING: {
        events.ConsultAnswered: (S.TALKING,),
        events.ConsultEnded: AFTER_RING,
        events.CallHandedOver: (S.TALKING,),
        events.CallMoved: AFTER_RING,
        events.CallAssigned: AFTER_RING,
        events.AgentForced: (S.RINGING, S.BREAK, S.OFFLINE),
        events.CallAnswered: (S.TALKING,),
        events.OfferEnded: AFTER_RING,
        events.CallLeft: AFTER_RING,
        events.CallFoundWaiting: AFTER_RING,
        events.AgentReachabilityChanged: AFTER_RING,
        events.AgentPlannedNext: (S.RINGING,),
        events.AgentSignedIn: (S.RINGING,),
        events.AgentSignedOut: (S.OFFLINE,),
    },
    S.TALKING: {
        events.CallHeld: (S.HOLD,),
        events.TalkEnded: AFTER_TALK,
        events.ConsultEnded: AFTER_TALK,
        events.CallHandedOver: AFTER_TALK,
        events.AgentForced: (S.TALKING,),
        events.CallFoundWaiting: AFTER_RING,
        events.AgentPlannedNext: (S.TALKING,),
        events.AgentSignedIn: (S.TALKING,),
        events.AgentSignedOut: (S.TALKING,),
    },
    S.HOLD: {
        events.CallResumed: (S.TALKING,),
        events.TalkEnded: AFTER_TALK,
        events.ConsultEnded: AFTER_TALK,
        events.CallHandedOver: AFTER_TALK,
        events.AgentForced: (S.HOLD,),
        events.CallFoundWaiting: AFTER_RING,
        events.AgentPlannedNext: (S.HOLD,),
        events.AgentSignedIn: (S.HOLD,),
        events.AgentSignedOut: (S.HOLD,),
    },
    S.WRAP_UP: {
        events.AgentBecameReady: (S.READY,),
        events.AgentTookBreak: (S.BREAK,),
        events.TimerFired: (S.READY, S.BREAK),
        events.WrapUpExtended: (S.WRAP_UP,),
        events.AgentPlannedNext: (S.WRAP_UP,),
        events.AgentBeganCall: (S.TALKING,),
        events.AgentSignedOut: (S.OFFLINE,),
        events.AgentForced: (S.READY, S.BREAK, S.OFFLINE),
    },
    S.BREAK: {
        events.AgentForced: (S.READY, S.BREAK, S.OFFLINE),
        events.AgentBecameReady: (S.READY,),
        events.AgentTookBreak: (S.BREAK,),
        events.AgentBeganCall: (S.TALKING,),
        events.AgentSignedOut: (S.OFFLINE,),
    },
}
# Asterisk is the truth about live calls: what it shows after a restart is taken over from any state, and an agent
# who was thought to have the call and has not goes on to the planned state.
_FOUND: Mapping[Trigger, tuple[S, ...]] = {
    events.CallFoundRinging: (S.RINGING,),
    events.CallFoundTalking: (S.TALKING, S.HOLD),
}
_LET_GO = {S.RINGING: AFTER_RING, S.TALKING: AFTER_RING, S.HOLD: AFTER_RING}
TRANSITIONS: Mapping[tuple[S, Trigger], tuple[S, ...]] = {
    **{(state, trigger): targets for state, row in _BY_STATE.items() for trigger, targets in row.items()},
    **{(state, trigger): targets + _LET_GO.get(state, ()) for state in S for trigger, targets in _FOUND.items()},
}

_REFUSALS: Mapping[S, str] = {
    S.OFFLINE: "You are signed out. Sign in first.",
    S.READY: "You are ready already.",
    S.RINGING: "Your phone is ringing. Answer the call or return it first.",
    S.TALKING: "You are in a call. Finish it first.",
    S.HOLD: "A customer is on hold. Finish the call first.",
    S.WRAP_UP: "You are in after-call work. Finish the record first.",
    S.BREAK: "You are on a break. Go ready first.",
}


class IllegalTransition(Refused):
    """The table has no such step. Nothing was changed."""

    def __init__(self, agent: AgentId, state: S, trigger: Trigger) -> None:
        super().__init__(_REFUSALS[state])
        self.agent, self.state, self.trigger = agent, state, trigger


def is_allowed(state: S, trigger: Trigger) -> bool:
    return (state, trigger) in TRANSITIONS


def require(agent: AgentId, state: S, trigger: Trigger) -> None:
    """Raise IllegalTransition unless the table has the step."""
    if (state, trigger) not in TRANSITIONS:
        raise IllegalTransition(agent, state, trigger)


def as_markdown() -> str:
    """The table as docs/agent-states.md shows it; written by `python -m acd.transitions`."""
    triggers = list(dict.fromkeys(trigger for _, trigger in TRANSITIONS))
    lines = [
        "# What an agent's state may become",
        "",
        "Made from `acd/transitions.py` by `python -m acd.transitions > docs/agent-states.md`.",
        "An empty cell is refused.",
        "The first state is the rule. Those after it need a reason: a planned break, a queue without after-call work,",
        "too many missed calls, a person who signed out during the call.",
        "`OfferCall` and `ReturnCall` are the engine's own wishes; all others are events.",
        "",
        "| | " + " | ".join(state.value for state in S) + " |",
        "|---" * (len(S) + 1) + "|",
    ]
    for trigger in triggers:
        cells = [", ".join(TRANSITIONS.get((state, trigger), ())) for state in S]
        lines.append(f"| {trigger.__name__} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
