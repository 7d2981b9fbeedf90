"""Settings that are changed while customers wait: in effect for the next offer, and nobody is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx2

from tests.browser.people import ADMIN, PASSWORD
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.people import RING_SECONDS
from tests.platform.site import REPAIR, CallCentre, new_number

NEW_RING_SECONDS = 5


class Administrator:
    """A person with a browser that runs no scripts."""

    def __init__(self, web: httpx2.Client) -> None:
        self.web = web
        assert web.post("/login", data={"number": ADMIN, "password": PASSWORD}).status_code == 303

    def form(self, path: str) -> dict[str, list[str]]:
        """The names and values of a page's editor, as the browser would send them."""
        page = self.web.get(path).text
        inner = page[page.index('<form class="editor') :]
        inner = inner[: inner.index("</form>")]
        found: dict[str, list[str]] = {}
        for tag in re.findall(r"<input [^>]*>", inner):
            attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if attributes.get("type") != "checkbox" or " checked" in tag:
                found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
        for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', inner, re.S):
            chosen = re.search(r'value="([^"]*)" selected', options)
            found.setdefault(name, []).append(chosen[1] if chosen else "")
        return found

    def save_queue(self, queue: str, **changes: str) -> None:
        form = self.form(f"/admin/queues/{queue}") | {name: [value] for name, value in changes.items()}
        answer = self.web.post(f"/admin/queues/{queue}", data=form)
        assert (answer.status_code, "saved=" in answer.headers.get("location", "")) == (303, True), answer.text

    def post(self, path: str, **form: str) -> httpx2.Response:
        return self.web.post(path, data={"csrf_token": self.token, **form})

    def set_skills(self, **skills: dict[str, int]) -> None:
        body = {"changes": {agent.strip("_"): has for agent, has in skills.items()}, "bases": {}}
        headers = {"X-CSRF-Token": self.token, "Accept": "application/json"}
        answer = self.web.post("/admin/skills", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    @property
    def token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', self.web.get("/admin/queues").text)
        assert found
        return found[1]


@contextmanager
def administrator(call_centre: CallCentre) -> Iterator[Administrator]:
    with httpx2.Client(base_url=call_centre.address, trust_env=False, timeout=10) as web:
        yield Administrator(web)


def seconds_of(leg: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(leg[name]) for name in ("offered_at", "ended_at"))
    return (ended - began).total_seconds()


def test_a_queue_and_a_skill_changed_while_a_customer_waits_count_for_the_next_offer(
    own_call_centre: CallCentre,
) -> None:
    """1001 loses the skill, so that 1002 is rung although 1001 is free; and for the new time, not the old one."""
    own_call_centre.up()
    wait_until(own_call_centre.pages_answer, what="the pages")
    own_call_centre.telephones.phone("1002", scenarios.phone_rings())
    number = new_number()
    with (
        administrator(own_call_centre) as admin,
        own_call_centre.agent("1001", ready=False) as first,
        own_call_centre.agent("1002", ready=False) as second,
    ):
        customer = own_call_centre.call(number, scenarios.caller(number, keys=REPAIR, hang_up_after=60))
        contact = own_call_centre.until_waiting(number)["contact_id"]
        admin.save_queue("repair", ring_seconds=str(NEW_RING_SECONDS), strategy="longest_idle")
        admin.set_skills(_1001={"enquiry": 9}, _1002={"repair": 3})
        assert first.ask("/api/state/ready").status_code == 200
        assert second.ask("/api/state/ready").status_code == 200
        wait_until(lambda: any(leg["ended_at"] for leg in own_call_centre.legs(contact)), 20, "the first offer is over")
        leg = own_call_centre.legs(contact)[0]
        assert (leg["agent"], leg["result"]) == ("1002", "no_answer")
        assert NEW_RING_SECONDS - 0.5 < seconds_of(leg) < RING_SECONDS - 0.5
        assert customer.running
        admin.set_skills(_1001={"enquiry": 9, "repair": 9})
        own_call_centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
        wait_until(lambda: any(leg["answered_at"] for leg in own_call_centre.legs(contact)), 30, "answered")
    told = own_call_centre.contact(number)
    assert (told["outcome"], told["agent"]) == ("answered", "1001")


def test_a_queue_removed_with_a_customer_in_it_serves_him_and_is_gone_afterwards(own_call_centre: CallCentre) -> None:
    own_call_centre.up()
    wait_until(own_call_centre.pages_answer, what="the pages")
    number = new_number()
    with administrator(own_call_centre) as admin, own_call_centre.agent("1001", ready=False) as agent:
        admin.save_queue("new", id="fleet", name_zh="车队", name_en="Fleet", skill="repair")
        admin.save_queue("repair", overflow_to="fleet", overflow_after="1")
        customer = own_call_centre.call(number, scenarios.caller(number, keys=REPAIR, hang_up_after=60))
        wait_until(lambda: in_queue(own_call_centre, number, "fleet"), 20, "overflowed")
        admin.save_queue("repair", overflow_to="")
        refused = admin.post("/admin/queues/fleet/remove")
        assert (refused.status_code, "还有 1 位客户在等" in refused.text) == (409, True)
        assert admin.post("/admin/queues/fleet/remove", run_empty="1").status_code == 303
        assert removed(own_call_centre, "fleet") is None
        assert customer.running
        own_call_centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
        assert agent.ask("/api/state/ready").status_code == 200
        told = own_call_centre.contact(number, seconds=30)
        assert (told["outcome"], told["agent"]) == ("answered", "1001")
        wait_until(lambda: removed(own_call_centre, "fleet") is not None, 10, "the queue is gone")


def in_queue(call_centre: CallCentre, number: str, queue: str) -> bool:
    found = call_centre.contacts(number)
    visits = call_centre.visits(found[-1]["id"]) if found else []
    return any(visit["queue"] == queue and not visit["left_at"] for visit in visits)


def removed(call_centre: CallCentre, queue: str) -> str | None:
    [row] = call_centre.rows("SELECT removed_at FROM queue WHERE id = ?", queue)
    found: str | None = row["removed_at"]
    return found


def test_a_closure_and_the_hours_are_in_effect_for_the_next_call(own_call_centre: CallCentre) -> None:
    own_call_centre.up()
    wait_until(own_call_centre.pages_answer, what="the pages")
    early, late = new_number(), new_number()
    with administrator(own_call_centre) as admin, own_call_centre.agent("1001", ready=False) as agent:
        waiting = own_call_centre.call(early, scenarios.caller(early, keys=REPAIR, hang_up_after=60))
        own_call_centre.until_waiting(early)
        closed = {f"{day}": "" for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
        week = admin.post(
            "/admin/hours/general", name_zh="热线", name_en="Hotline", base="0", sun="00:00-00:01", **closed
        )
        assert week.status_code == 303, week.text
        own_call_centre.call(late, scenarios.caller(late, keys=((1.2, "1"),), hang_up_after=20)).wait(40)
        assert own_call_centre.contact(late)["outcome"] in ("out_of_hours", "menu_only")
        assert own_call_centre.visits(own_call_centre.contact(late)["id"]) == []
        assert waiting.running
        own_call_centre.telephones.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
        assert agent.ask("/api/state/ready").status_code == 200
        assert own_call_centre.contact(early, seconds=30)["outcome"] == "answered"
