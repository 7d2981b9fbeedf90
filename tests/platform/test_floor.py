"""A supervisor at the floor page, with a real talk: listens, whispers, barges in, takes over; steers and places."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.integration import scenarios
from tests.integration.ears import Ear, level
from tests.integration.site import CUSTOMERS, DESK_PHONES, wait_until
from tests.platform.desk_browser import at_the_floor, heard, voice
from tests.platform.people import SUPERVISOR
from tests.platform.site import REPAIR, CallCentre, new_number

pytestmark = pytest.mark.browser
CUSTOMER_HERTZ, AGENT_HERTZ, SUPERVISOR_HERTZ = 440, 880, 1320
HEARD = 0.03  # of the 0.2 with which an ear speaks, and about as much of the browser's microphone


@pytest.fixture
def floor(call_centre: CallCentre, tmp_path: Path) -> Iterator[Page]:
    """The supervisor's page, its phone registered."""
    with at_the_floor(call_centre.address, voice(tmp_path / "supervisor.wav", SUPERVISOR_HERTZ)) as page:
        yield page


def picture(page: Page, name: str) -> None:
    """For the documents, where HOTLINE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("HOTLINE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"floor-{name}.png")


def hears(ear: Ear, hertz: int) -> bool:
    return level(ear.hears(1.0), hertz) > HEARD


def until_mode(page: Page, mode: str) -> None:
    """The platform says that the phone is in, and the panel shows the mode."""
    page.wait_for_selector(f".modes [data-mode={mode}][aria-checked=true]")
    page.wait_for_selector(".mon .now [role=timer]")


def confirm(page: Page, mode: str) -> None:
    page.click(f".modes [data-mode={mode}]")
    page.click(f".ask[data-for={mode}] [data-do=mode-yes]")


def test_a_supervisor_listens_whispers_barges_in_and_takes_over(call_centre: CallCentre, floor: Page) -> None:
    number = new_number()
    with ExitStack() as stack:
        customer = stack.enter_context(Ear(CUSTOMERS, CUSTOMER_HERTZ))
        agent = stack.enter_context(Ear(DESK_PHONES, AGENT_HERTZ))
        stack.enter_context(call_centre.agent("1001"))
        call_centre.telephones.phone("1001", agent.spoken(scenarios.phone_answers()))
        call_centre.call(number, customer.spoken(scenarios.caller(number, keys=REPAIR)))
        leg = call_centre.until_talking(number)
        floor.click("#r-1001")
        expect(floor.locator("#insp h2")).to_contain_text("1001")

        floor.keyboard.press("l")
        until_mode(floor, "listen")
        wait_until(lambda: bool(floor.evaluate("window.connections.length > 0")), what="the leader's phone")
        before = heard(floor)
        assert not hears(agent, SUPERVISOR_HERTZ)
        assert heard(floor)["energy"] - before["energy"] > 0.0005
        picture(floor, "listen")

        confirm(floor, "whisper")
        until_mode(floor, "whisper")
        wait_until(lambda: hears(agent, SUPERVISOR_HERTZ), what="the agent hears the whisper")
        assert not hears(customer, SUPERVISOR_HERTZ)

        confirm(floor, "barge")
        until_mode(floor, "barge")
        wait_until(lambda: hears(customer, SUPERVISOR_HERTZ), what="the customer hears the supervisor")
        assert hears(agent, SUPERVISOR_HERTZ)

        confirm(floor, "take")
        floor.wait_for_selector("#mycall[data-phase=talking]")
        wait_until(lambda: call_centre.until_talking(number)["agent"] == SUPERVISOR, what="the supervisor's leg")
        wait_until(lambda: hears(customer, SUPERVISOR_HERTZ), what="the customer hears the supervisor")
        expect(floor.locator("#r-1001 .st")).to_have_class("st wrap_up")
        picture(floor, "taken")
        floor.click("[data-do=hang-up]")
    row = call_centre.contact(number)
    assert (row["outcome"], row["agent"]) == ("answered", SUPERVISOR)
    first, second = call_centre.legs(row["id"])
    assert (first["id"], first["agent"], second["agent"]) == (leg["id"], "1001", SUPERVISOR)
    assert first["ended_at"] <= second["answered_at"]
    wait_until(
        lambda: (
            len(call_centre.rows("SELECT 1 FROM recording WHERE contact_id = ? AND status = 'ready'", row["id"])) == 2
        ),
        20,
        "both recordings",
    )
    acts = [entry["action"] for entry in call_centre.rows("SELECT action FROM audit_entry WHERE actor = ?", SUPERVISOR)]
    assert [act for act in acts if act.startswith("floor_") and act != "floor_read"] == [
        "floor_listen", "floor_whisper", "floor_barge", "floor_take_over",
    ]  # fmt: skip
    assert "floor_read" in acts  # who listens reads the words along, and that is noted, too


def test_a_supervisor_sets_an_agent_to_a_break(call_centre: CallCentre, floor: Page) -> None:
    with call_centre.agent("1002") as agent:
        call_centre.telephones.phone("1002", scenarios.phone_answers())
        floor.click("#r-1002")
        floor.click("#force-break summary")
        floor.click("#force-break [data-reason=rest]")
        wait_until(lambda: agent.state() == "break", what="the break")
        expect(floor.locator("#r-1002 .st")).to_have_class("st break")


def test_a_supervisor_moves_a_waiting_caller_to_another_queue(call_centre: CallCentre, floor: Page) -> None:
    number = new_number()
    call_centre.call(number, scenarios.caller(number, keys=REPAIR))
    visit = call_centre.until_waiting(number)
    row = f"#w-{visit['contact_id']}".replace(".", "\\.")
    floor.hover(row)
    floor.click(f"{row} [id^=m-] summary")
    floor.click(f"{row} [data-do=move][data-queue=enquiry]")
    wait_until(lambda: call_centre.until_waiting(number)["queue"] == "enquiry", what="the other queue")
    expect(floor.locator(row)).to_contain_text("产品咨询")
    visits = call_centre.visits(visit["contact_id"])
    assert [(one["queue"], one["result"]) for one in visits] == [("repair", "overflow"), ("enquiry", None)]


def test_a_caller_who_is_put_first_is_served_first(call_centre: CallCentre, floor: Page) -> None:
    early, late = new_number(), new_number()
    call_centre.call(early, scenarios.caller(early, keys=REPAIR))
    call_centre.until_waiting(early)
    call_centre.call(late, scenarios.caller(late, keys=REPAIR))
    visit = call_centre.until_waiting(late)
    row = f"#w-{visit['contact_id']}".replace(".", "\\.")
    floor.wait_for_selector(row)
    floor.hover(row)
    floor.click(f"{row} [data-do=promote]")
    floor.mouse.move(5, 5)
    expect(floor.locator("#waiting tbody tr").first).to_have_id(f"w-{visit['contact_id']}")
    call_centre.telephones.phone("1003", scenarios.phone_answers())
    with call_centre.agent("1003"):
        call_centre.until_talking(late)
