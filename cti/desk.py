"""What the pages may do with the telephone: agent states, calls, telephone accounts, views, the feed."""

from __future__ import annotations

import secrets
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import structlog

from acd import events as acd
from acd.dialer import PacingFigures
from acd.model import AgentId, AgentState, CallId
from crm_core.errors import NotFound, Refused
from cti.accounts import PhoneAccounts
from cti.actions import ChannelActions
from cti.call_control import CallControl, Reach
from cti.callbacks import Callbacks
from cti.campaign_ports import CampaignPaces, PreviewCalls
from cti.control_refusals import CustomerWaits
from cti.desk_views import desk_view, floor_view
from cti.directory import DealerDirectory
from cti.errors import AsteriskUnreachable
from cti.feed import FeedReader
from cti.floor_control import FloorControl
from cti.lines import Lines
from cti.live_texts import LiveTexts, NoTexts
from cti.outgoing import AlreadyOnACall, ColleaguesNumber, begin_dialling, dial_failed
from cti.prompt_line import PromptFolder
from cti.queue_state import queue_state
from cti.recording_control import RecordingControl
from cti.recording_guard import RecordingGuard
from cti.runtime import Runtime
from cti.trial_calls import TrialCalls
from cti.trunk_watch import BAD
from cti.views import DeskView, FloorView, PhoneAccount
from cti.workforce import AgentProfile, Workforce, WorkforceSource
from ivr.position import QueueState

log = structlog.get_logger(__name__)

EXTENSION_SECONDS = 60


class NoCall(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no call to hang up.")


class NotAnAgent(NotFound):
    def __init__(self, agent: str) -> None:
        super().__init__("Agent {agent} takes no calls: no skills are entered.", agent=agent)


class NoDialer:
    """Before the dialer has begun."""

    async def preview(self, campaign: int, entry: int, agent: str) -> bool:
        raise Refused("Campaigns do not call yet. Try again in a minute.")


class Desk:
    """`agent_desktop.ports.Telephony`. `paces` and `previews` are the dialer's, once there is one."""

    paces: CampaignPaces | None = None
    previews: PreviewCalls = NoDialer()
    guard: RecordingGuard | None = None
    proxy_away = False  # set by hotline/asterisk_alarms.py, which asks Kamailio

    def __init__(
        self,
        runtime: Runtime,
        actions: ChannelActions,
        accounts: PhoneAccounts,
        source: WorkforceSource,
        workforce: Workforce,
        *,
        lines: Lines,
        prompts: PromptFolder,
        dealers: DealerDirectory,
        texts: LiveTexts | None = None,
    ) -> None:
        self._runtime, self._actions, self.accounts = runtime, actions, accounts
        self._source, self.workforce, self.lines = source, workforce, lines
        self._board = runtime.switchboard
        reach = Reach(
            lines, lambda: tuple(queue.id for queue in self.workforce.queues), self._is_agent, prompts, dealers
        )
        self.calls = CallControl(runtime, actions, reach)
        self.floor_control = FloorControl(runtime, actions, self._profile)
        self.recordings = RecordingControl(runtime)
        self.callbacks = Callbacks(runtime, lines)
        self.texts = texts or NoTexts()
        self.menu_trials = TrialCalls(runtime, actions, self._profile)

    # ---- states

    async def _tell(self, event: acd.Event) -> None:
        await self._runtime.order(lambda: self._board.tell(event))

    async def sign_in(self, agent: str, *, ready: bool) -> None:
        """Twice is as once: a second page of the same agent changes nothing."""
        if self._board.engine.agent(AgentId(agent)) is not None:
            return
        state = AgentState.READY if ready else AgentState.BREAK
        await self._tell(self._profile(agent).signed_in(agent, time.time(), state))

    def _profile(self, agent: str) -> AgentProfile:
        profile = self.workforce.agents.get(AgentId(agent))
        if profile is None:
            raise NotAnAgent(agent)
        return profile

    def _is_agent(self, number: str) -> bool:
        return AgentId(number) in self.workforce.agents

    async def sign_out(self, agent: str) -> None:
        await self._tell(acd.AgentSignedOut(at=time.time(), agent=AgentId(agent)))

    async def go_ready(self, agent: str) -> None:
        await self._tell(acd.AgentBecameReady(at=time.time(), agent=AgentId(agent)))

    async def take_break(self, agent: str, reason: str) -> None:
        await self._tell(acd.AgentTookBreak(at=time.time(), agent=AgentId(agent), reason=reason))

    async def plan_next(self, agent: str, state: str, reason: str = "") -> None:
        await self._tell(
            acd.AgentPlannedNext(at=time.time(), agent=AgentId(agent), state=AgentState(state), reason=reason)
        )

    async def extend_wrap_up(self, agent: str) -> None:
        await self._tell(acd.WrapUpExtended(at=time.time(), agent=AgentId(agent), seconds=EXTENSION_SECONDS))

    # ---- calls

    async def dial(self, agent: str, number: str, customer_id: int | None = None) -> str:
        """Ring the agent's own phone, then the customer. The desk shows the call before the phone rings."""
        if self._is_agent(number.strip()):
            raise ColleaguesNumber(number.strip())
        digits = self.lines.gate.dialable(agent, number)
        if not self._runtime.connected:
            raise AsteriskUnreachable("Originate")
        call = f"out-{int(time.time() * 1_000)}-{secrets.token_hex(4)}"

        def begin() -> None:
            view = self._board.engine.agent(AgentId(agent))
            if view is not None and view.call is not None and view.state is not AgentState.WRAP_UP:
                raise AlreadyOnACall
            self.calls.count_outside_leg(agent, digits)
            self._board.tell(acd.AgentBeganCall(at=time.time(), call=CallId(call), agent=AgentId(agent)))
            begin_dialling(self._board.book, call, agent, f"+{digits}", customer_id=customer_id, at=time.time())

        brand = await self.lines.brand_of(customer_id)
        await self._runtime.order(begin)
        try:
            await self._actions.originate(call, agent, digits, f"{call}-1", brand=brand)
        except AsteriskUnreachable:
            raise  # perhaps the phone rings all the same: the comparison after the next connect will tell
        except Exception:
            await self._runtime.order(lambda: self._give_up(call))
            raise
        return call

    def _give_up(self, call: str) -> None:
        dial_failed(self._board.book, call, time.time())
        self._board.carry_out(self._board.book.take())

    async def hang_up(self, agent: str) -> None:
        """End the call that this agent has, ringing ones excepted: those are declined on the phone."""

        def end() -> None:
            if self.calls.end_part(agent):
                return
            view = self._board.engine.agent(AgentId(agent))
            contact = self._board.book.contacts.get(view.call or "") if view else None
            leg = contact.leg if contact else None
            if contact is None or leg is None or leg.agent != agent or not leg.channel:
                raise NoCall
            leg.hung_up = True
            self._actions.release_agent(contact.channel if contact.customer_owns else "", leg.channel)

        await self._runtime.order(end)

    # ---- telephone accounts

    async def phone_account(self, agent: str, session: str) -> PhoneAccount:
        self._profile(agent)
        return await self.accounts.issue(agent, session=session)

    async def revoke_phone(self, agent: str) -> None:
        try:
            await self.accounts.revoke(agent)
        finally:
            try:
                await self.hang_up(agent)
            except NoCall:
                log.info("phone_revoked_without_call", agent=agent)
            except CustomerWaits:
                await self._runtime.order(lambda: self.calls.cut_off(agent))

    async def visitor_account(self) -> PhoneAccount:
        return await self.accounts.issue_visitor()

    # ---- workforce

    async def workforce_changed(self) -> None:
        """The engine hears of queues and skills; who is no agent any more is signed out."""
        workforce = await self._source.changed()
        now = time.time()

        def tell() -> None:
            self.workforce = workforce
            self._board.book.not_offered, self._board.book.capture = workforce.not_offered, workforce.capture
            self._board.book.first_queue = next((queue.id for queue in workforce.queues), "")
            self._board.tell(acd.QueuesChanged(at=now, queues=workforce.queues))
            for view in self._board.engine.snapshot().agents:
                profile = workforce.agents.get(view.id)
                if profile is None:
                    self._board.carry_out([acd.AgentSignedOut(at=now, agent=view.id)])
                else:
                    self._board.tell(profile.changed(view.id, now))

        await self._runtime.order(tell)

    async def lines_changed(self) -> None:
        """Trunks, numbers or limits were edited: Asterisk has read its files when this returns; no call is dropped."""
        await self.lines.changed()
        self._board.book.published = self.lines.plan.published

    # ---- views

    def desk(self, agent: str) -> DeskView:
        then = self._board.agents.get(agent)
        view = desk_view(
            self._board.engine, self._board.book, agent, self._board.feed.number, then.call if then else ""
        )
        supervision = self._runtime.supervisions.of(agent)
        return view if supervision is None else replace(view, supervising=supervision.agent)

    def floor(self) -> FloorView:
        view = floor_view(
            self._board.engine,
            self._board.book,
            self._board.feed.number,
            time.time(),
            connected=self._runtime.connected,
            asterisks=len(self._runtime.nodes),
            away=self._runtime.nodes.away,
            places=self._board.waiting.places,
            supervised=self._runtime.supervisions.views(),
            full=self.guard.used if self.guard is not None and self.guard.stopped else 0.0,
        )
        away = tuple(one.way.name or one.way.id for one in self.lines.trunks() if one.state in BAD)
        return replace(view, trunks_away=away, proxy_away=self.proxy_away)

    def queue_state(self, queue: str) -> QueueState | None:
        """How the queue is now, None for one that does not exist."""
        return queue_state(self._board.engine, self.workforce.queues, queue)

    def pacing(self, campaign: int) -> PacingFigures | None:
        return None if self.paces is None else self.paces.pacing(campaign)

    def follow(self) -> AbstractAsyncContextManager[FeedReader]:
        return self._board.feed.follow()
