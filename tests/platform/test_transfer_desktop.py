"""Two agents with browsers and one customer with a telephone: the card, the case and the notes travel with the call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.integration.site import wait_until
from tests.platform.desk_browser import another_desk, desk_browser, sign_in, sign_out, voice
from tests.platform.site import CallCentre
from tests.platform.test_end_to_end import AGENT_HERTZ, CHEN, hears_the_customer, ring

pytestmark = pytest.mark.browser


@contextmanager
def two_desks(call_centre: CallCentre, folder: Path) -> Iterator[tuple[Page, Page]]:
    """林晓梅 and 王芳 at their desks, both ready; Chen spoke with 林晓梅 last."""
    with desk_browser(voice(folder / "agent.wav", AGENT_HERTZ)) as asks:
        asked = another_desk(asks)
        sign_in(asks, call_centre.address, people.AGENT)
        sign_in(asked, call_centre.address, people.ENGLISH_AGENT)
        yield asks, asked
        for page in (asks, asked):
            sign_out(page)


def ask(asks: Page, asked: Page) -> None:
    """By keys: F9, initials, Enter; the colleague answers by F2."""
    asks.keyboard.press("F9")
    asks.wait_for_selector(".target")
    asks.keyboard.type("wf")
    asks.keyboard.press("Enter")
    asks.wait_for_selector("body[data-call=consulting]")
    asked.wait_for_selector("body[data-call=ringing]")
    expect(asked.locator(".cb-call")).to_contain_text("Colleague asks: Lin Xiaomei")
    asked.keyboard.press("F2")
    asked.wait_for_selector("body[data-call=consulting]")
    asks.wait_for_selector("[data-do=hand-over]")


def talking_with_a_note(call_centre: CallCentre, asks: Page) -> Any:
    customer = ring(call_centre, asks)
    asks.keyboard.press("F2")
    asks.wait_for_selector("body[data-call=talking]")
    asks.check("input[name=kind][value=repair]", force=True)
    asks.fill("textarea[name=note]", "上坡时有声")
    return customer


def test_an_asked_colleague_takes_over_with_card_case_and_notes(call_centre: CallCentre, tmp_path: Path) -> None:
    with two_desks(call_centre, tmp_path) as (asks, asked):
        customer = talking_with_a_note(call_centre, asks)
        ask(asks, asked)
        expect(asked.locator("#customer h2")).to_have_text("陈建国")
        expect(asked.locator("#record")).to_contain_text("上坡时有声")
        expect(asked.locator("#record")).to_contain_text("空调压缩机异响")
        expect(asked.locator("#record-form")).to_have_count(0)
        asks.keyboard.press("Shift+F9")
        asks.wait_for_selector("body[data-call=wrap_up]")
        asked.wait_for_selector("body[data-call=talking]")
        expect(asks.locator(".cb-call")).to_contain_text("已转给 王芳")
        hears_the_customer(asked)
        asked.fill("textarea[name=note]", "已约明天进店")
        asked.select_option("select[name=disposition]", "answered")
        asked.keyboard.press("Control+Enter")
        expect(asked.locator("#saved")).to_be_visible()
        asked.keyboard.press("Shift+F2")
        asked.keyboard.press("Shift+F2")
        assert customer.wait(10) == 0, customer.complaints()
        row = call_centre.contact(CHEN)
    assert (row["agent"], row["kind"], row["disposition"]) == (people.ENGLISH_AGENT, "repair", "answered")
    assert row["note"] == "林晓梅：上坡时有声\n王芳：已约明天进店"
    talks = [leg for leg in call_centre.legs(row["id"]) if leg["result"] == "answered"]
    assert [leg["agent"] for leg in talks] == [people.AGENT, people.ENGLISH_AGENT]
    assert talks[0]["ended_at"] <= talks[1]["ended_at"]
    recordings = "SELECT leg_id FROM recording WHERE contact_id = ? AND status IN ('ready', 'cut')"
    wait_until(lambda: len(call_centre.rows(recordings, row["id"])) == 2, 20, "a recording for each agent's leg")


def test_the_agent_goes_back_to_a_customer_who_heard_music(call_centre: CallCentre, tmp_path: Path) -> None:
    with two_desks(call_centre, tmp_path) as (asks, asked):
        customer = talking_with_a_note(call_centre, asks)
        ask(asks, asked)
        asks.click("[data-do=back]")
        asks.wait_for_selector("body[data-call=talking]")
        asked.wait_for_selector("body[data-call=ready], body[data-call=wrap_up]")
        hears_the_customer(asks)
        expect(asks.locator("textarea[name=note]")).to_have_value("上坡时有声")
        asks.keyboard.press("Shift+F2")
        asks.keyboard.press("Shift+F2")
        assert customer.wait(10) == 0, customer.complaints()
