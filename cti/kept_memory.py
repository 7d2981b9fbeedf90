"""The memory on disk, and up to when we know all that happened: what a process after this one goes on from."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from acd.model import AgentId
from cti.cel import end_of
from cti.memory import Memory, NodeThen, as_bytes, put, save
from cti.node_state import Nodes
from cti.switchboard import Switchboard

log = structlog.get_logger(__name__)

SAVE_SECONDS = 1.0


class KeptMemory:
    """`known_until` in seconds since 1970, 0 = we never knew all."""

    def __init__(self, board: Switchboard, nodes: Nodes, file: Path, known_until: float) -> None:
        self._board, self._nodes, self._file = board, nodes, file
        self.known_until = known_until

    def in_step(self) -> float:
        """Every answer to a ping shows that nothing was lost before it was asked."""
        if linked := self._nodes.linked:
            self.known_until = max(self.known_until, min(node.link.answered_at for node in linked))
        return self.known_until

    async def keep(self) -> None:
        """Write it about once a second, beside the loop: no call waits for a disk. Runs until cancelled."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            try:
                for node in self._nodes.linked:
                    node.cel_marks.append(end_of(node.cel_file))
                await asyncio.to_thread(put, as_bytes(self._now()), self._file, by="kept")
            except OSError:
                log.exception("memory_not_saved")

    def save(self) -> None:
        save(self._now(), self._file)

    def _now(self) -> Memory:
        board = self._board
        for agent, then in board.agents.items():
            if (view := board.engine.agent(AgentId(agent))) is not None:
                then.next_state, then.next_reason = str(view.next_state), view.next_reason
        return Memory(
            number=board.feed.number,
            contacts=board.book.contacts,
            agents=board.agents,
            ended=dict.fromkeys(board.book.ended),
            nodes={node.name: NodeThen(node.cel_marks[0], node.started) for node in self._nodes.all},
            in_step_until=self.in_step(),
            places=board.waiting.places.places,
        )
