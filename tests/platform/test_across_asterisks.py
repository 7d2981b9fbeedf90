"""What people do with calls, done to calls of the second Asterisk: nothing of it ends in silence."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import soundfile
from playwright.sync_api import Page, expect

from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.surveys.settings import save_survey
from ivr.question_prompts import speak
from tests.integration import scenarios
from tests.integration.ears import Ear, level
from tests.integration.questions import TEXTS
from tests.integration.site import CUSTOMERS, DESK_PHONES, wait_until
from tests.integration.test_dialplan import CUSTOMER_TONE, tone
from tests.integration.test_first_menu import ShortHum
from tests.platform.desk_browser import at_the_floor, heard, voice
from tests.platform.people import SUPERVISOR
from tests.platform.site import REPAIR, Agent, new_number
from tests.platform.test_campaign_calls import a_campaign_for
from tests.platform.test_floor import confirm, hears, until_mode
from tests.platform.two_asterisks import TwoAsterisks

CUSTOMER, FIRST, SECOND, LEADER = 440, 880, 1320, 1760


@contextmanager
def talk(centre: TwoAsterisks, node: str, agent: str, hertz: int) -> Iterator[tuple[Agent, str, Ear, Ear]]:
    """The agent talks with a customer in this Asterisk: agent, customer's number, customer's ear, agent's ear."""
    with ExitStack() as stack:
        customer = stack.enter_context(Ear(CUSTOMERS, CUSTOMER))
        ear = stack.enter_context(Ear(DESK_PHONES, hertz))
        number = centre.caller_in(node, customer)
        centre.telephones.phone(agent, ear.spoken(scenarios.phone_answers()), calls=3)
        signed_in = stack.enter_context(centre.agent(agent))
        assert centre.until_talking(number)["agent"] == agent
        yield signed_in, number, customer, ear


def done(agent: Agent, path: str, **body: object) -> dict[str, Any]:
    answer = agent.ask(f"/api/call/{path}", **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def talks_with(centre: TwoAsterisks, number: str, agent: str) -> None:
    wait_until(lambda: centre.until_talking(number)["agent"] == agent, 15, f"{agent} talks with {number}")


@pytest.mark.timeout(300)
def test_a_colleague_is_asked_joins_and_goes_on_and_gives_the_call_back(centre: TwoAsterisks) -> None:
    with talk(centre, "b", "1001", FIRST) as (first, number, customer, ear), Ear(DESK_PHONES, SECOND) as other:
        centre.telephones.phone("1002", other.spoken(scenarios.phone_answers()), calls=3)
        with centre.agent("1002") as second:
            done(first, "consult", kind="agent", value="1002")
            wait_until(lambda: hears(ear, SECOND), what="the agent hears the colleague")
            assert not hears(customer, FIRST)
            done(first, "conference")
            wait_until(lambda: hears(customer, SECOND), what="the customer hears the colleague")
            assert hears(other, CUSTOMER)
            done(first, "leave")
            talks_with(centre, number, "1002")
            wait_until(lambda: first.state() == "ready", what="the first agent is free")
            done(second, "consult", kind="agent", value="1001")
            wait_until(lambda: hears(ear, SECOND), what="the first agent is asked")
            done(second, "hand-over")
            talks_with(centre, number, "1001")
            wait_until(lambda: hears(customer, FIRST), what="the customer hears the first agent again")
            done(first, "hang-up")
    row = centre.contact(number)
    assert (row["outcome"], row["id"][:2]) == ("answered", "b-")
    assert [leg["agent"] for leg in centre.legs(row["id"]) if leg["result"] == "answered"] == ["1001", "1002", "1001"]
    assert not centre.logged("HLCONSULT")[""], "nothing of it was in the first Asterisk"


@pytest.mark.timeout(300)
def test_a_call_is_given_to_an_agent_parked_picked_up_and_given_outside(centre: TwoAsterisks) -> None:
    with talk(centre, "b", "1001", FIRST) as (first, number, customer, _), Ear(DESK_PHONES, SECOND) as other:
        centre.telephones.phone("1002", other.spoken(scenarios.phone_answers()), calls=3)
        with centre.agent("1002") as second:
            done(first, "transfer", kind="agent", value="1002")
            talks_with(centre, number, "1002")
            wait_until(lambda: hears(customer, SECOND), what="the customer hears the second agent")
            slot = done(second, "park")["slot"]
            wait_until(lambda: first.state() == "ready", what="the first agent is free")
            done(first, "pick-up", slot=slot)
            talks_with(centre, number, "1001")
            wait_until(lambda: hears(customer, FIRST), what="the customer hears who picked up")
            outside = centre.telephones.outside_phone(scenarios.phone_answers(hang_up_after=1.0))
            done(first, "transfer", kind="number", value="13800138000")
            assert outside.wait() == 0, outside.complaints()
    assert centre.contact(number)["id"].startswith("b-")


@pytest.mark.timeout(300)
def test_a_colleague_who_talks_in_the_other_asterisk_is_refused_with_a_sentence(centre: TwoAsterisks) -> None:
    with talk(centre, "", "1001", FIRST) as (first, number, *_), talk(centre, "b", "1002", SECOND):
        refused = first.ask("/api/call/consult", kind="agent", value="1002")
        assert (refused.status_code, "1002" in refused.json()["message"]) == (409, True), refused.text
        assert first.state() == "talking"
        done(first, "hang-up")
        centre.contact(number)


@pytest.mark.timeout(300)
def test_a_talk_in_the_second_is_recorded_on_both_sides_and_its_pause_is_kept(centre: TwoAsterisks) -> None:
    with talk(centre, "b", "1001", FIRST) as (agent, number, customer, _):
        wait_until(lambda: hears(customer, FIRST), what="they talk")
        done(agent, "recording", paused=True)
        time.sleep(1.0)  # of the talk, which nobody shall hear again
        done(agent, "recording", paused=False)
        assert hears(customer, FIRST)
        done(agent, "hang-up")
        row = centre.contact(number)
    rows = "SELECT * FROM recording WHERE contact_id = ? AND status = 'ready'"
    wait_until(lambda: bool(centre.rows(rows, row["id"])), 20, "the recording is kept")
    [kept] = centre.rows(rows, row["id"])
    assert (kept["agent"], kept["leg_id"].startswith("b-")) == ("1001", True)
    samples, rate = soundfile.read(centre.run_dir / "recordings" / kept["file"])
    left, right = samples[-rate // 2 :].T
    assert (level(left, CUSTOMER) > 0.03, level(right, FIRST) > 0.03) == (True, True)
    assert (level(left, FIRST) < 0.01, level(right, CUSTOMER) < 0.01) == (True, True)
    [pause] = centre.rows("SELECT * FROM recording_mark WHERE recording_id = ? AND kind = 'pause'", kept["id"])
    assert pause["ended_at"] is not None


@pytest.fixture
def floor(centre: TwoAsterisks, tmp_path: Path) -> Iterator[Page]:
    """The supervisor's page, its phone registered with both."""
    with at_the_floor(centre.address, voice(tmp_path / "supervisor.wav", LEADER)) as page:
        wait_until(lambda: centre.registered_with(SUPERVISOR) == {"", "b"}, 10, "the phone is registered with both")
        yield page


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_supervisor_goes_from_a_talk_in_one_asterisk_to_a_talk_in_the_other(
    centre: TwoAsterisks, floor: Page
) -> None:
    with (
        talk(centre, "", "1001", FIRST) as (_, near, near_ear, _first),
        talk(centre, "b", "1002", SECOND) as (_, far, far_ear, second),
    ):
        choose(floor, "1001")
        floor.keyboard.press("l")
        until_mode(floor, "listen")
        choose(floor, "1002")
        floor.keyboard.press("l")
        wait_until(lambda: _listens_to(centre, "1002"), 15, "the phone is rung by the other Asterisk")
        until_mode(floor, "listen")
        before = heard(floor)
        assert not hears(far_ear, LEADER)
        assert heard(floor)["energy"] - before["energy"] > 0.0005
        confirm(floor, "whisper")
        until_mode(floor, "whisper")
        wait_until(lambda: hears(second, LEADER), what="the agent hears the whisper")
        assert not hears(far_ear, LEADER)
        confirm(floor, "barge")
        until_mode(floor, "barge")
        wait_until(lambda: hears(far_ear, LEADER), what="the customer hears the supervisor")
        assert not hears(near_ear, LEADER)
        confirm(floor, "take")
        wait_until(lambda: centre.until_talking(far)["agent"] == SUPERVISOR, what="the talk is the supervisor's")
        wait_until(lambda: hears(far_ear, LEADER), what="the customer hears the supervisor")
        expect(floor.locator("#mycall")).to_have_attribute("data-phase", "talking")
        floor.click("[data-do=hang-up]")
        assert centre.contact(far)["agent"] == SUPERVISOR
        assert centre.until_talking(near)["agent"] == "1001"


def choose(floor: Page, agent: str) -> None:
    floor.click(f"#r-{agent}")
    expect(floor.locator("#insp h2")).to_contain_text(agent)


def _listens_to(centre: TwoAsterisks, agent: str) -> bool:
    """In the second Asterisk, and nothing of it is left in the first."""
    first, second = (node.rx("core show channels concise") for node in centre.both.values())
    return f"PJSIP/{SUPERVISOR}-" not in first and "ChanSpy" in second and agent in second


@pytest.mark.timeout(300)
def test_campaigns_call_through_both_asterisks(centre: TwoAsterisks) -> None:
    for first, mode in enumerate(("progressive", "preview")):
        url = f"sqlite+aiosqlite:///{centre.database}"
        campaign = asyncio.run(a_campaign_for(url, 2, mode, first=100 * first))
        centre.telephones.phone("1001", scenarios.phone_answers(), calls=2)
        centre.telephones.outside_phone(scenarios.phone_answers(ring=0.2, hang_up_after=1.0), calls=2)
        before = _placed(centre)
        with centre.agent("1001") as agent:
            over = partial(_over, centre, campaign, agent, mode)
            wait_until(lambda over=over: over() == 2, 60, f"two calls, {mode}")
        rows = centre.rows("SELECT result, agent FROM campaign_attempt WHERE campaign_id = ?", campaign)
        assert {(row["result"], row["agent"]) for row in rows} == {("answered", "1001")}
        assert all(count > before[name] for name, count in _placed(centre).items()), "each Asterisk placed a call"
        centre.telephones.unplug_everything()


def _placed(centre: TwoAsterisks) -> dict[str, int]:
    logs = {name: (node.site.folder / "log" / "cel.csv").read_text() for name, node in centre.both.items()}
    return {name: log.count('"ob-') for name, log in logs.items()}


def _over(centre: TwoAsterisks, campaign: int, agent: Agent, mode: str) -> int:
    """How many attempts have ended; whose record is shown is called, as by the button."""
    if mode == "preview" and agent.state() == "ready":
        shown = re.search(r'data-entry="(\d+)"', agent.web.get("/api/campaign-next").text)
        if shown:
            agent.ask(f"/api/campaign-next/{shown[1]}/dial")
    rows = centre.rows("SELECT result FROM campaign_attempt WHERE campaign_id = ?", campaign)
    return sum(bool(row["result"]) for row in rows)


@pytest.mark.timeout(300)
def test_who_books_a_callback_or_leaves_a_message_in_the_second_is_called_and_heard(centre: TwoAsterisks) -> None:
    number = leaves(centre, ((3.0, "1"), (1.5, "1")))
    assert centre.contact(number)["outcome"] == "callback"
    centre.telephones.phone("1001", scenarios.phone_answers())
    called = centre.telephones.outside_phone(scenarios.phone_answers(hang_up_after=1.0))
    with centre.agent("1001"):
        assert called.wait() == 0, called.complaints()
        wait_until(lambda: len(centre.contacts(number)) == 2, what="the return call")
        wait_until(lambda: all(row["ended_at"] for row in centre.contacts(number)), what="its end")
    assert [(row["outcome"], row["agent"]) for row in centre.contacts(number)] == [
        ("callback", ""), ("reached", "1001"),
    ]  # fmt: skip
    spoken = leaves(centre, ((3.0, "2"),), hang_up_after=4.0, audio=tone(centre.folder, CUSTOMER_TONE))
    row = centre.contact(spoken)
    assert row["outcome"] == "voicemail"
    kept = "SELECT * FROM recording WHERE contact_id = ? AND status = 'ready'"
    wait_until(lambda: bool(centre.rows(kept, row["id"])), 20, "the message can be played")
    [message] = centre.rows(kept, row["id"])
    assert message["seconds"] > 1.0


def leaves(centre: TwoAsterisks, keys: tuple[tuple[float, str], ...], **more: Any) -> str:
    """A customer of the second Asterisk who presses these while waiting, and is off the line again."""
    while True:
        number = new_number()
        sipp = centre.call(number, scenarios.caller(number, keys=(*REPAIR, *keys), **more))
        if centre.node_of(number) == "b":
            assert sipp.wait() == 0, sipp.complaints()
            return number
        centre.hang_up(centre.contacts(number)[0]["id"])


@pytest.mark.timeout(300)
def test_a_customer_of_the_second_is_asked_after_the_talk(centre: TwoAsterisks, cache: Path) -> None:
    speak(cache / "prompts", TEXTS, voices=lambda *_: [ShortHum()])
    asyncio.run(ask_after_talks(centre, on=True))
    try:
        centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=1.0), calls=2)
        with centre.agent("1001"):
            number = leaves(centre, ((5.0, "1"), (2.0, "4"), (2.0, "2")))
        row = centre.contact(number)
    finally:
        asyncio.run(ask_after_talks(centre, on=False))
    scores = "SELECT question, value FROM survey_score WHERE contact_id = ? ORDER BY question"
    wait_until(lambda: len(centre.rows(scores, row["id"])) == 2, 10, "two answers")
    assert [one["value"] for one in centre.rows(scores, row["id"])] == [4, 2]


async def ask_after_talks(centre: TwoAsterisks, *, on: bool) -> None:
    """Two questions for callers about repairs."""
    database = Database(make_engine(f"sqlite+aiosqlite:///{centre.database}"))
    pairs = zip(TEXTS["zh-CN"], TEXTS["en"], strict=True)
    questions = [{"id": f"q{place}", "zh": zh, "en": en} for place, (zh, en) in enumerate(pairs, 1)]
    try:
        async with database.begin() as session:
            state = {"on": on, "share": 100, "low": 2, "questions": questions}
            await save_survey(session, "repair", state, base=None, actor="test", at=now())
    finally:
        await database.close()
