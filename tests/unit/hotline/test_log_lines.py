"""What is written to the log can be read by machines, and tells no secret and no telephone number."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm_core.db import make_engine
from cti.agi import AgiServer
from hotline.log_lines import log_plainly, without_numbers

MOBILE, ABROAD, LANDLINE = "13812345678", "+4915112345678", "043185551234"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    log_plainly(request.param)
    return str(request.param)


def test_secrets_and_numbers_are_hidden_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]):
    log = structlog.get_logger()
    log.error(
        "step_failed",
        call="1764230400.12",
        step=f"Offer(caller='{MOBILE}', to='{LANDLINE}')",
        numbers=[ABROAD],
        sent={"Secret": "hush", "to": MOBILE},
        ami_secret="hush-hush",
    )
    try:
        raise ValueError(f"no such customer: {ABROAD}")
    except ValueError:
        log.exception("look_up_failed")
    told = capsys.readouterr().out
    for hidden in (MOBILE, ABROAD, LANDLINE, "hush"):
        assert hidden not in told
    for shown in ("1764230400.12", "…5678", "…1234", "***", "no such customer"):
        assert shown in told


def test_json_has_one_object_a_line_also_of_what_libraries_log(capsys: pytest.CaptureFixture[str]):
    log_plainly("json")
    structlog.get_logger().info("resynced", calls=3)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request from %s", MOBILE)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("resynced", "info"),
        ("Invalid HTTP request from …5678", "warning"),
    ]
    assert lines[0]["calls"] == 3
    assert all(line["timestamp"].endswith("Z") for line in lines)


@pytest.mark.parametrize(
    "kept",
    ["1764230400.12", "2026-11-27T08:00:00", "1018", "4001718888", "c1-1.flac", "0.123456789012", "record 120045"],
)
def test_what_is_no_telephone_number_of_a_person_stays(kept: str):
    assert without_numbers(kept) == kept


async def test_an_error_of_the_database_names_no_customer():
    engine = make_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        with pytest.raises(SQLAlchemyError) as failed:
            await connection.execute(text("SELECT :name FROM nowhere"), {"name": "陈建国"})
    await engine.dispose()
    assert "陈建国" not in str(failed.value)


async def test_whatever_is_logged_while_a_caller_is_served_names_the_call(capsys: pytest.CaptureFixture[str]):
    log_plainly("json")
    served = asyncio.Event()

    async def serve(_session: object) -> None:
        structlog.get_logger().info("asked_by_keys")
        served.set()

    server = AgiServer({"menu": serve})
    port = await server.start("127.0.0.1", 0)
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"agi_network_script: menu\nagi_uniqueid: 1764230400.12\n\n")
        await asyncio.wait_for(served.wait(), 5)
        writer.close()
    finally:
        await server.stop()
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["event"], line["call"]) == ("asked_by_keys", "1764230400.12")
