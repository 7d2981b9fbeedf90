"""Several workers read the board's figures once for all of them; none of them is needed for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_desktop.board import figures
from agent_desktop.board.figures import SharedFigures
from agent_desktop.board.wire import Beside
from agent_desktop.other_workers import OtherWorkers
from agent_desktop.site import Site
from crm_core.db import Database
from cti.wire.bus import InProcessBus
from cti.wire.mirror import NOTHING
from hotline.background import at_work
from tests.settled_databases import settled_database
from tests.unit.cti.wire.site import until

SITE = Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai"))


class Worker:
    """Counts its own readings, and what it told its boards."""

    def __init__(self, db: Database, others: OtherWorkers) -> None:
        self.read = self.told = 0
        self.figures = SharedFigures(db, SITE, self._tell, lambda: NOTHING, others)
        counted = self.figures._counted

        async def counting(*given: object) -> object:
            self.read += 1
            return await counted(*given)  # type: ignore[arg-type]

        self.figures._counted = counting

    def _tell(self) -> None:
        self.told += 1


def reading(*workers: Worker) -> AbstractAsyncContextManager[None]:
    return at_work({f"figures-{place}": worker.figures.run() for place, worker in enumerate(workers)})


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = await settled_database(tmp_path / "board.db")
    yield db
    await db.close()


async def test_what_one_worker_has_read_is_shown_by_the_others_which_rest(db: Database):
    bus = InProcessBus()
    one, other = Worker(db, OtherWorkers(bus)), Worker(db, OtherWorkers(bus))
    async with one.figures._others.running(), other.figures._others.running(), reading(one):
        await until(lambda: other.told > 0)
        async with reading(other):
            await until(lambda: other.figures.beside == one.figures.beside != Beside())
    assert (one.read, other.read) == (1, 0)


async def test_a_worker_that_hears_of_nobody_reads_for_itself(db: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(figures, "FIGURES_SECONDS", 0.2)
    monkeypatch.setattr(figures, "LEAST_APART", 0.1)
    monkeypatch.setattr(figures, "LOOK_SECONDS", 0.05)
    bus = InProcessBus()
    one, other = Worker(db, OtherWorkers(bus)), Worker(db, OtherWorkers(bus))
    async with one.figures._others.running(), other.figures._others.running(), reading(other):
        async with reading(one):
            await until(lambda: one.read + other.read > 4)
        before = other.read
        await until(lambda: other.read > before + 1)


async def test_older_figures_of_another_worker_do_not_replace_younger_ones(db: Database):
    alone = Worker(db, OtherWorkers())
    async with reading(alone):
        await until(lambda: alone.read == 1 and alone.told > 0)
    shown = alone.figures.beside
    old = figures.Counted(
        at=1.0, seconds=0.1, day=replace(shown.day, messages=77), outreach=shown.outreach, responses=shown.responses
    )
    alone.figures._take("", figures._COUNTED.dump_json(old).decode())
    alone.figures._take("", "no figures")
    assert alone.figures.beside == shown
