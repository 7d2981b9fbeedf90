import asyncio
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from hotline.fast_loop import run_fast
from hotline.report_room import ReportProcess

CARRY_CALLS_AND_PAGES = ("hotline/compose.py", "hotline/web_worker.py", "hotline/door/process.py")


def test_the_loop_of_calls_and_pages_is_libuvs_and_gives_what_the_work_gave() -> None:
    async def work() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run_fast(work()) == "uvloop"


def test_work_that_fails_on_it_fails_at_its_caller() -> None:
    async def work() -> None:
        raise ConnectionError("the exchange is away")

    with pytest.raises(ConnectionError, match="away"):
        run_fast(work())


@pytest.mark.parametrize("process", CARRY_CALLS_AND_PAGES)
def test_each_process_that_carries_calls_or_pages_runs_on_it(process: str) -> None:
    text = (Path(__file__).parents[3] / process).read_text()
    assert "run_fast(" in text
    assert "asyncio.run(" not in text


def wait_for_begun(folder: Path, running: asyncio.Task[None]) -> None:
    until = time.monotonic() + 20
    while not running.done() and not list(folder.rglob("*.begun")) and time.monotonic() < until:
        time.sleep(0.05)


def test_the_process_that_counts_reports_is_started_on_it(tmp_path: Path) -> None:
    begins = (sys.executable, "-c", "import pathlib, sys; pathlib.Path(sys.argv[1] + '.begun').touch()")

    async def work() -> None:
        running = asyncio.create_task(ReportProcess(tmp_path, begins, warm_up=0.0).run())
        try:
            await asyncio.to_thread(wait_for_begun, tmp_path, running)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    run_fast(work())
    assert list(tmp_path.rglob("*.begun"))


def test_no_program_is_started_with_an_environment_that_libuv_refuses():
    rooms = ("hotline", "cti", "recording", "crm_core", "agent_desktop", "ivr", "asterisk_conf")
    root = Path(__file__).parents[3]
    texts = {file: file.read_text(encoding="utf-8") for room in rooms for file in (root / room).rglob("*.py")}
    assert not [file for file, text in texts.items() if re.search(r"env=os\.environ\b(?! \|)", text)]
