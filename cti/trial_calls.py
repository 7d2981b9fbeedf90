"""A person tries a menu by telephone: their own phone rings and hears it. The call is no contact and does nothing real.

What is tried waits under a token that is random, known for a moment and taken once; the channel brings it along.
Such a channel has the id `try-...`; nothing of it is in the feed, and so in no figure (decision 0031).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from acd.model import AgentId, AgentState
from crm_core.errors import NotFound, Refused
from cti.actions import ChannelActions
from cti.agi_session import AgiFault, AgiSession
from cti.errors import AsteriskUnreachable
from cti.prompt_line import PromptFolder, PromptLine
from cti.runtime import Runtime
from cti.workforce import AgentProfile
from ivr.heard_trial import HeardTrial, hear
from ivr.line import Line

log = structlog.get_logger(__name__)

TRIALS = "try-"
TOKEN_SECONDS = 45.0  # the phone rings for 30
LONGEST_SECONDS = 600
MOST_WAITING = 20


class ReadyForCalls(Refused):
    def __init__(self) -> None:
        super().__init__("Go on a break first: while you are ready, a caller could be given to this phone.")


class TooManyTrials(Refused):
    def __init__(self) -> None:
        super().__init__("Too many menus are being tried by telephone now. Wait a minute.")


class NoSuchTrial(NotFound):
    def __init__(self) -> None:
        super().__init__("This trial is over.")


@dataclass(slots=True)
class _Waiting:
    by: str
    heard: HeardTrial
    until: float


@dataclass(slots=True)
class TrialCalls:
    """`agent_desktop.ports.MenuTrials`. `profile` refuses who has no phone here."""

    runtime: Runtime
    actions: ChannelActions
    profile: Callable[[str], AgentProfile]
    clock: Callable[[], float] = time.time
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _calls: dict[str, str] = field(default_factory=dict)  # of a person -> the channel's id of the last trial

    async def call(self, by: str, heard: HeardTrial) -> None:
        """Ring the person's own phone. Refusals; AsteriskUnreachable and AsteriskRefused when it does not ring."""
        if not self.runtime.connected:
            raise AsteriskUnreachable("Originate")
        self.profile(by)
        view = self.runtime.switchboard.engine.agent(AgentId(by))
        if view is not None and view.state not in (AgentState.BREAK, AgentState.OFFLINE):
            raise ReadyForCalls
        token, call = self._keep(by, heard), f"{TRIALS}{secrets.token_hex(8)}"
        try:
            await self.actions.ring_for_trial(call, by, token)
        except Exception:
            self._waiting.pop(token, None)
            raise
        self._calls[by] = call

    async def hang_up(self, by: str) -> None:
        """NoSuchTrial when there was none."""
        call = self._calls.pop(by, "")
        if not call:
            raise NoSuchTrial
        self.actions.hang_up(call)

    def _keep(self, by: str, heard: HeardTrial) -> str:
        now = self.clock()
        self._waiting = {token: one for token, one in self._waiting.items() if one.until > now and one.by != by}
        if len(self._waiting) >= MOST_WAITING:
            raise TooManyTrials
        token = secrets.token_urlsafe(24)
        self._waiting[token] = _Waiting(by, heard, now + TOKEN_SECONDS)
        return token

    def take(self, token: str) -> HeardTrial | None:
        """Once, and not after its time."""
        found = self._waiting.pop(token, None)
        return found.heard if found is not None and found.until > self.clock() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDesk:
    trials: TrialCalls
    prompts: PromptFolder
    line: Callable[[AgiSession, PromptFolder], Line] = PromptLine


async def serve_trial(session: AgiSession, desk: TrialDesk) -> None:
    """From the answer to the last word; then the dialplan hangs up. AgiFault for a token that is none."""
    heard = desk.trials.take(session.variables.get("agi_arg_1", ""))
    if heard is None:
        raise AgiFault("no such trial")
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))
    node = await hear(heard, desk.line(session, desk.prompts), lambda *_: None)
    log.info("menu_tried", flow=heard.flow.name, node=node)
