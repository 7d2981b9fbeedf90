"""The whole telephone side as one object: give it its places and neighbours, start it, stop it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from acd.engine import RoutingEngine
from cti.accounts import CommandLine, PhoneAccounts
from cti.actions import ChannelActions
from cti.agi import AgiServer
from cti.agi_scripts import Scripts
from cti.ami import AmiLink, AsteriskLink
from cti.book import ContactBook
from cti.bridge_config import BridgeConfig
from cti.campaign_line import AsteriskCampaignLine
from cti.campaign_ports import PreviewCalls
from cti.cel import end_of
from cti.desk import Desk
from cti.directory import CallerDirectory, DealerDirectory, NoDealers
from cti.feed import Feed, FeedJournal
from cti.inbox import OfferFailed
from cti.kept_places import KeptPlaces
from cti.line_plan import LineSource, SettingsOnly
from cti.lines import Lines
from cti.live_texts import LiveTexts
from cti.memory import Memory, NodeThen, load
from cti.menu import Menu
from cti.node_state import NodeState
from cti.nodes import NodeLinks
from cti.prompt_line import PromptFolder
from cti.put_through import PuttingThrough
from cti.questionnaire import NoQuestionnaires, QuestionnaireSource
from cti.recording_guard import RecordingGuard
from cti.runtime import Runtime
from cti.sign_of_life import show_life
from cti.signing_in_again import sign_in_again
from cti.speech_line import Ears
from cti.survey import NoSurveys, SurveySource
from cti.switchboard import Switchboard
from cti.workforce import Workforce, WorkforceSource
from ivr.recogniser import RecogniserLost

log = structlog.get_logger(__name__)


class Bridge:
    """`desk` answers agent_desktop.ports.Telephony and `feed` gives the records, both from `start` on."""

    desk: Desk
    campaign_line: AsteriskCampaignLine
    previews: PreviewCalls
    feed: Feed
    runtime: Runtime
    lines: Lines

    def __init__(
        self,
        config: BridgeConfig,
        *,
        journal: FeedJournal,
        workforce: WorkforceSource,
        directory: CallerDirectory,
        menu: Menu,
        command_line: CommandLine | None = None,
        dealers: DealerDirectory | None = None,
        ears: Ears | None = None,
        surveys: SurveySource | None = None,
        questionnaires: QuestionnaireSource | None = None,
        texts: LiveTexts | None = None,
        lines: LineSource | None = None,
    ) -> None:
        self._line_source = lines or SettingsOnly(config.lines)
        self._ears, self._texts = ears, texts
        self._surveys = surveys or NoSurveys()
        self._questionnaires = questionnaires or NoQuestionnaires()
        self._dealers = dealers or NoDealers()
        self._config, self._source, self._directory, self._menu = config, workforce, directory, menu
        self._command_line = command_line
        self.feed = Feed(journal)
        self._prompts = PromptFolder(config.prompts, config.prompt_cache)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up where the process before left off. OSError when the FastAGI port is taken.

        Asterisk need not be there yet: `ready` tells when the first comparison with it is done.
        """
        workforce = await self._source.current()
        memory = self._remember()
        self.lines = Lines(self._line_source, await self._line_source.current(), self._command_line)
        runtime = Runtime(
            lambda runtime: self._switchboard(runtime, workforce, memory),
            nodes=[self._node(name, file, memory) for name, file in self._config.cel_files.items()],
            memory_file=self._config.memory_file,
            in_step_until=memory.in_step_until,
        )
        self.runtime = runtime
        runtime.link = runtime.lost_phones.link = self.lines.link = self._link
        runtime.heard, runtime.linked = self.lines.hear, self.lines.linked
        self.desk = Desk(
            runtime,
            self._actions,
            self._accounts(),
            self._source,
            workforce,
            lines=self.lines,
            prompts=self._prompts,
            dealers=self._dealers,
            texts=self._texts,
        )
        self.campaign_line = AsteriskCampaignLine(
            runtime,
            self._actions,
            self._prompts,
            cel_files=self._config.cel_files,
            lines=self.lines,
        )
        sign_in_again(runtime.switchboard, memory, workforce)
        self._agi = AgiServer(self._scripts().by_path(), self._config.ami.require_lead)
        if self._ears is not None:
            await self._ears.start(runtime.ready)
        if self._texts is not None:
            await self._texts.start(self._link, runtime.switchboard.book, self.feed, runtime.ready)
        await self._agi.start(self._config.agi_host, self._config.agi_port)
        loop = asyncio.get_running_loop()
        works = (
            runtime.run(),
            self._link.run(),
            self.feed.keep_flushed(),
            runtime.memory.keep(),
            self._show_life(),
            self.lines.run(),
        )
        self._tasks += [loop.create_task(work) for work in works]
        if self._config.recordings is not None:
            self.desk.guard = guard = RecordingGuard(runtime, self._config.recordings)
            self._tasks.append(loop.create_task(guard.run()))

    def _scripts(self) -> Scripts:
        return Scripts(
            desk=self.desk,
            menu=self._menu,
            directory=self._directory,
            outside=PuttingThrough(self.runtime, self._dealers, self.lines),
            report=self.runtime.put,
            surveys=self._surveys,
            questionnaires=self._questionnaires,
            campaign_line=self.campaign_line,
            feed=self.feed,
            prompts=self._prompts,
            lines=self.lines,
            ears=self._ears,
        )

    def _remember(self) -> Memory:
        self._config.memory_file.parent.mkdir(parents=True, exist_ok=True)
        memory = load(self._config.memory_file)
        forgot = not memory.number
        for record in self.feed.since(memory.number):
            memory.replay(record.event)
        for contact in memory.contacts.values() if forgot else ():
            if contact.attempt is not None:
                contact.attempt.gone = "unseen"  # the part of the log that knows of it is not read
        return memory

    def _switchboard(self, runtime: Runtime, workforce: Workforce, memory: Memory) -> Switchboard:
        self._link = self._links(runtime)
        self._actions = ChannelActions(self._link, lambda call, leg: runtime.put(OfferFailed(call, leg)), self.lines)
        book = ContactBook()
        book.contacts.update(memory.contacts)
        book.ended.update(memory.ended)
        book.not_offered, book.capture = workforce.not_offered, workforce.capture
        book.first_queue = next((queue.id for queue in workforce.queues), "")
        book.published, self.lines.contact_of = self.lines.plan.published, book.contacts.get
        for contact in memory.contacts.values():
            if contact.leg is not None and contact.leg.uniqueid:
                book.by_leg[contact.leg.uniqueid] = contact
        return Switchboard(
            engine=RoutingEngine(workforce.queues),
            book=book,
            feed=self.feed,
            actions=self._actions,
            prompts=self._prompts,
            strange=runtime.strange,
            places=KeptPlaces(self._config.callbacks, memory.places),
        )

    @staticmethod
    def _node(name: str, cel_file: Path, memory: Memory) -> NodeState:
        # Without a memory the event log has no beginning for us: what lives now is found in Asterisk's lists.
        then = (memory.nodes.get(name) if memory.number else None) or NodeThen(end_of(cel_file))
        node = NodeState(name, cel_file, then.started)
        node.cel_marks.append(then.cel)
        return node

    def _links(self, runtime: Runtime) -> AsteriskLink:
        accounts = {"": self._config.ami, **{node.name: node.ami for node in self._config.more}}
        for node in runtime.nodes.all:
            node.link = AmiLink(accounts[node.name], runtime.put, runtime.backlog, node.name)
        links = [node.link for node in runtime.nodes.all]
        return links[0] if len(links) == 1 else NodeLinks(links, lambda name: runtime.nodes[name].given_up)

    async def _show_life(self) -> None:
        await show_life(self._link, lambda: self.runtime.connected)

    def _accounts(self) -> PhoneAccounts:
        return PhoneAccounts(
            self._config.realtime_database,
            domain=self._config.sip_domain,
            websocket_urls=(self._config.websocket_url, *(node.websocket_url for node in self._config.more)),
            visitors=self._config.visitors,
            command_line=self._command_line,
            ice=self._config.ice,
        )

    @property
    def ready(self) -> asyncio.Event:
        """Set after the first comparison with Asterisk."""
        return self.runtime.ready

    async def never_heard(self, language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """The phrases that this site's recogniser can never hear. Raises RecogniserLost where none is ready."""
        if self._ears is None:
            raise RecogniserLost("this site does not listen")
        return await self._ears.recognisers.unknown(language, phrases)

    def health(self) -> dict[str, bool]:
        return {"ami": self.runtime.connected, "agi": True}

    async def stop(self) -> None:
        """Calls go on in Asterisk; what is known of them is on disk."""
        self._link.stop()
        await self._agi.stop()
        if self._ears is not None:
            await self._ears.stop()
        if self._texts is not None:
            await self._texts.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.runtime.memory.save()
        self.feed.close()
