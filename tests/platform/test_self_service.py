"""Customers help themselves on the whole running platform, and a menu that is published meets the next caller."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from hotline.settings import Settings
from ivr.flow_file import shipped_text
from ivr.operations import Spoken
from ivr.prompts import make_prompts
from ivr.spoken import say
from tests.browser import people
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.listening_customer import CHINESE, Melodies, customer_calls
from tests.platform.people import SUPERVISOR
from tests.platform.site import Agent, CallCentre, new_number

CHEN = people.CHEN_NUMBER.removeprefix("+86")
AS_DELIVERED = "keys: {1: enquiry, 2: complaint, 3: suggestion, 4: repair,"
REPAIR_IS_TWO = "keys: {1: enquiry, 2: repair, 3: suggestion, 4: complaint,"


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cache: this machine's Asterisk, and a melody for each prompt."""
    cache = tmp_path_factory.mktemp("melodies")
    for part in Settings().cache_dir.iterdir():
        if part.name != "prompts":
            (cache / part.name).symlink_to(part.resolve())
    make_prompts(cache / "prompts", tell=lambda _: None, voices=lambda *_: [Melodies()])
    return cache / "prompts"


@pytest.fixture(scope="module")
def singing(prompts: Path) -> Iterator[CallCentre]:
    centre = CallCentre(prompts.parent)
    try:
        centre.up()
        yield centre
    finally:
        centre.close()


async def test_an_owner_hears_the_own_case_and_the_agent_sees_it_before_the_first_word(
    singing: CallCentre, prompts: Path
) -> None:
    with singing.agent("1001") as agent:
        phone = singing.telephones.phone("1001", scenarios.phone_answers())
        async with customer_calls(singing, CHEN, prompts) as customer:
            await customer.hears("self-offer", seconds=20)
            await customer.presses("6")
            await customer.hears("self-menu")
            await customer.presses("1")
            await customer.hears("proof")
            await customer.presses("30618#")
            await customer.hears("own-menu")
            await customer.presses("1")
            number = say("GD-0713-0183", Spoken.DIGITS, CHINESE)
            await customer.hears("case-number", *number, "case-open")
            await customer.hears("case-due", seconds=20)
            await customer.hears("own-menu", seconds=20)
            await customer.presses("0")
            leg = await asyncio.to_thread(singing.until_talking, CHEN)
            await asyncio.to_thread(wait_until, lambda: told(agent), 5, "the card tells it")
        await asyncio.to_thread(phone.wait)
    assert leg["agent"] == "1001"
    contact = await asyncio.to_thread(singing.contact, CHEN)
    assert contact["queue"] == "enquiry"


async def test_a_published_menu_meets_the_next_caller_and_leaves_the_one_in_the_menu_alone(
    singing: CallCentre, prompts: Path
) -> None:
    earlier, later = new_number(), new_number()
    async with customer_calls(singing, earlier, prompts) as first:
        await first.hears("language", seconds=20)
        await first.presses("1")
        await first.hears("menu", "self-offer")
        await asyncio.to_thread(publish, singing, shipped_text().replace(AS_DELIVERED, REPAIR_IS_TWO))
        await first.presses("4")
        visit = await asyncio.to_thread(singing.until_waiting, earlier)
        async with customer_calls(singing, later, prompts) as second:
            await second.hears("language", seconds=20)
            await second.presses("1")
            await second.hears("menu", "self-offer")
            await second.presses("4")
            later_visit = await asyncio.to_thread(singing.until_waiting, later)
    assert (visit["queue"], later_visit["queue"]) == ("repair", "complaint")


def told(agent: Agent) -> bool:
    """Whether the desk's card says who calls and what was done in the menu."""
    card = agent.web.get("/desk").text
    return all(sentence in card for sentence in ("陈建国", "身份已验证", "听取了 GD-0713-0183 的进展"))


def publish(call_centre: CallCentre, text: str) -> None:
    """By a supervisor, with the pages' own forms."""
    with httpx2.Client(base_url=call_centre.address, trust_env=False, timeout=20) as web:
        form = {"number": SUPERVISOR, "password": people.PASSWORD, "after": "break"}
        assert web.post("/login", data=form).status_code == 303
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', web.get("/flows/main").text)
        assert found
        token = {"csrf_token": found[1]}
        saved = web.post("/flows/main/text", data=token | {"text": text, "base": "0"})
        assert (saved.status_code, saved.headers.get("location", "")[:11]) == (303, "/flows/main")
        published = web.post("/flows/main/publish", data=token | {"base": "1"})
        assert published.headers.get("location") == "/flows/main?done=published", published.text
        assert web.post("/logout", data=token).status_code == 303
