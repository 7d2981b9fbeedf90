"""The book against what one Asterisk shows now: asked after every connect, and when something did not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from cti.errors import AsteriskRefused, AsteriskUnreachable
from cti.ghosts import lay
from cti.menu_story import MenuStory
from cti.node_marks import node_of
from cti.node_state import Nodes, NodeState
from cti.node_watch import NodeWatch
from cti.resync import UNAVAILABLE, EventLog, Picture, catch_up, look
from cti.supervision import SUPERVISING, Supervisions
from cti.switchboard import Switchboard

log = structlog.get_logger(__name__)


class Comparison:
    """The loop's inbox waits during `run` and `give_up`. Afterwards the supervisors' legs may need something."""

    def __init__(
        self,
        *,
        nodes: Nodes,
        board: Switchboard,
        watch: NodeWatch,
        supervisions: Supervisions,
        story: MenuStory,
        clock: Callable[[], float],
    ) -> None:
        self._nodes, self._board, self._watch = nodes, board, watch
        self._supervisions, self._story, self._clock = supervisions, story, clock

    async def run(self, node: NodeState, *, fresh_link: bool) -> bool | None:
        """Ask this Asterisk for everything and correct the book. None = it did not answer, and is connected to anew.

        True = it was restarted since we last knew it, and every call of before ended with it.
        """
        now, board = self._clock(), self._board
        try:
            picture = await look(node.link, now)
        except (AsteriskUnreachable, AsteriskRefused) as failed:
            log.error("resync_failed", node=node.name, reason=str(failed))
            node.link.reconnect()
            return None
        interrupted = node.started not in ("", picture.started)
        if interrupted:
            contacts = len(board.book.contacts)
            (log.error if contacts else log.info)("asterisk_was_restarted", node=node.name, contacts=contacts)
        node.started = picture.started
        if fresh_link:
            node.contact_uris.clear()  # what ended while nobody listened is not told; who is there is told again
        await self._correct(node, picture, now, fresh_link=fresh_link, interrupted=interrupted)
        for call in list(board.book.contacts):
            board.carry_out(self._story.catch_up(call))
        board.waiting.settle(self._clock())
        log.info("resynced", node=node.name, calls=len(picture.calls), seconds=round(self._clock() - now, 3))
        return interrupted

    async def give_up(self, node: NodeState) -> None:
        """It has been away for long: its calls are over, whatever its log last said of them."""
        log.error("node_given_up", node=node.name)
        await self._correct(node, Picture([], {}), self._clock(), fresh_link=True, interrupted=True)
        node.given_up = True

    async def _correct(
        self, node: NodeState, picture: Picture, now: float, *, fresh_link: bool, interrupted: bool
    ) -> None:
        board = self._board
        steps, position = await catch_up(
            board.book,
            picture,
            EventLog(node.cel_file, node.cel_marks[0], node.name),
            now,
            fresh_link=fresh_link,
            interrupted=interrupted,
            is_mine=partial(self._nodes.is_on, node=node),
            given_up=node.given_up,
        )
        node.cel_marks.clear()
        node.cel_marks.append(position)
        with board.feed.together():
            for device, state in picture.devices.items():
                self._watch.reachable(node, device, now, state not in UNAVAILABLE)
            board.carry_out(steps)
            board.carry_out(lay(board.engine.snapshot().agents, board.book.contacts, now))
        resting = [agent for agent, then in board.agents.items() if (then.state, then.reason) == ("break", SUPERVISING)]
        self._supervisions.compare(picture.supervisions, now, resting, lambda channel: node_of(channel) == node.name)
