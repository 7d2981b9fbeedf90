"""`hotline status` warns of what is no fault and yet surprises."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from cti.wire.mirror import NOTHING
from cti.wire.redis_bus import RedisBus
from cti.wire.roll import answer_rolls
from hotline.settings import Settings
from hotline.status import WARNING, look
from tests import redis_servers
from tests.ports import free_port

redis_command, redis_url = redis_servers.redis_command, redis_servers.redis_url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "only on this machine"),
        ("http://hotline.example.com", "https only"),
        ("https://hotline.example.com", "used in messages"),
    ],
)
def test_links_that_no_telephone_can_open_are_a_warning_and_no_fault(url: str, said: str, tmp_path):
    settings = Settings(public_url=url, run_dir=tmp_path, web_port=1, sip_port=1, ami_port=1, agi_port=1)
    part = next(one for one in asyncio.run(look(settings)) if one.name == "public address")
    assert part.ok
    assert said in part.detail
    assert part.detail.startswith(WARNING) == (not url.startswith("https"))


async def test_redis_and_each_web_worker_are_told_and_one_that_is_missing_is_down(redis_url: str, tmp_path):
    settings = Settings(redis_url=redis_url, web_workers=2, run_dir=tmp_path, web_port=1, sip_port=1, ami_port=1)
    bus = RedisBus(redis_url)
    worker = asyncio.create_task(answer_rolls(bus, lambda: replace(NOTHING, connected=True)))
    try:
        told = {one.name: one for one in await look(settings)}
        assert told["redis"].detail.startswith("Redis ")
        assert (told["web workers"].ok, told["web workers"].detail) == (False, "1 of 2 answer")
        told = {one.name: one for one in await look(settings.model_copy(update={"web_workers": 1}))}
        assert told["web workers"].ok
        assert f"/{os.getpid()}" in told["web workers"].detail
    finally:
        worker.cancel()
        await bus.close()


async def test_while_redis_is_away_nothing_is_said_of_the_web_workers_that_nobody_knows(tmp_path):
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings = Settings(redis_url=url, run_dir=tmp_path, web_port=1, sip_port=1, ami_port=1, agi_port=1)
    told = {one.name: one for one in await look(settings)}
    assert (told["redis"].ok, told["web workers"].ok) == (False, False)
    assert told["redis"].detail.startswith("Redis cannot be used: ")
    assert ".." not in told["redis"].detail.replace("127.0.0.1", "")
