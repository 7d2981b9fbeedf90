"""A menu may name a queue that the site has not made: its caller waits where agents look, and not unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.model import Queue, QueueId, Skill
from cti.menu import MenuDesk, serve_caller
from cti.prompt_line import PromptFolder
from cti.workforce import Workforce
from tests.unit.cti.test_agi import Asterisk, Directory, server, wants_repair


def site_with(*queues: str) -> Workforce:
    return Workforce(tuple(Queue(id=QueueId(queue), skill=Skill(queue)) for queue in queues), {})


@pytest.mark.parametrize(
    ("queues", "waits_in"), [(("sales", "repair"), "repair"), (("sales", "parts"), "sales"), ((), "repair")]
)
async def test_who_wants_a_queue_waits_there_or_in_the_first_one(
    queues: tuple[str, ...], waits_in: str, tmp_path: Path
) -> None:
    asterisk = Asterisk({"GET DATA": "200 result=4"})
    desk = MenuDesk(
        menu=wants_repair,
        directory=Directory(),
        prompts=PromptFolder(tmp_path, tmp_path / "cache"),
        report=lambda _: None,
        clock=lambda: 100.5,
        queue_or_first=site_with(*queues).queue_or_first,
    )
    async with server(lambda session: serve_caller(session, desk)) as port:
        await asterisk.talk(port)
    assert f'"HL_QUEUE={waits_in},' in asterisk.asked[-1]
