import asyncio
import re
from pathlib import Path

import pytest

from hotline.fast_loop import run_fast

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


def test_no_program_is_started_with_an_environment_that_libuv_refuses():
    rooms = ("hotline", "cti", "recording", "crm_core", "agent_desktop", "ivr", "asterisk_conf")
    root = Path(__file__).parents[3]
    texts = {file: file.read_text(encoding="utf-8") for room in rooms for file in (root / room).rglob("*.py")}
    assert not [file for file, text in texts.items() if re.search(r"env=os\.environ\b(?! \|)", text)]
