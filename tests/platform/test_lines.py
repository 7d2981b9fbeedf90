"""An administrator connects a telephone company and publishes numbers, by the pages; then its customers call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import scenarios
from tests.integration.carrier import SECRET, USER, Carrier, running_carrier
from tests.integration.site import wait_until
from tests.platform.site import CallCentre
from tests.platform.test_administration import Administrator, administrator
from tests.platform.two_asterisks import TwoAsterisks

pytestmark = pytest.mark.timeout(400)
MAIN, BRAND = "4001718888", "043188883318"
CALLER, ANOTHER, STRAY = "13900000009", "13900000007", "13900000008"
CUSTOMER, ABROAD = "13900000006", "+4930123456"
FOR_A_REPAIR = "wwww1wwww4"  # Chinese, then the repair
WAITS = "w" * 12  # half a second each


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    with running_carrier() as one:
        yield one


def enter_trunk(admin: Administrator, carrier: Carrier) -> None:
    form = admin.form("/admin/lines/trunks/new") | {
        "id": ["mobile"], "name": ["移动"], "host": [carrier.host], "port": [str(carrier.port)], "username": [USER],
        "secret": [SECRET], "number_form": ["national"], "codecs": ["alaw,ulaw"],
    }  # fmt: skip
    answer = admin.web.post("/admin/lines/trunks/new", data=form)
    assert answer.status_code == 303, answer.text


def publish(admin: Administrator, number: str, **answers: str) -> None:
    form = admin.form("/admin/lines/numbers/new") | {"number": [number]} | {key: [one] for key, one in answers.items()}
    answer = admin.web.post("/admin/lines/numbers/new", data=form)
    assert answer.status_code == 303, answer.text


def logged_in(admin: Administrator) -> bool:
    return "已登录" in admin.web.get("/admin/lines/trunks").text


@pytest.fixture(scope="module")
def connected(cache: Path, carrier: Carrier) -> Iterator[CallCentre]:
    """A call centre at which an administrator has entered the company's line and two numbers."""
    centre = CallCentre(cache)
    try:
        centre.up()
        with administrator(centre) as admin:
            enter_trunk(admin, carrier)
            publish(admin, MAIN, menu="main")
            publish(admin, BRAND, queue="enquiry", trunks="mobile")
            wait_until(lambda: logged_in(admin), 20, "the login")
        yield centre
    finally:
        centre.close()


def test_a_carriers_customers_reach_the_menu_or_the_queue_behind_the_number_they_dial(
    connected: CallCentre, carrier: Carrier
) -> None:
    carrier.call("+8643188883318", caller=CALLER)
    assert connected.until_waiting(CALLER)["queue"] == "enquiry"
    carrier.call("864001718888", caller=ANOTHER, keys=FOR_A_REPAIR)
    assert connected.until_waiting(ANOTHER, 30)["queue"] == "repair"
    carrier.call("4008881234", caller=STRAY)
    assert connected.contact(STRAY)["outcome"] == "wrong_number"
    carrier.rx("channel request hangup all")
    calls = [connected.contact(one) for one in (CALLER, ANOTHER)]
    assert [(one["entry"], one["menu_flow"], one["menu_path"]) for one in calls] == [
        (BRAND, "", ""),
        (MAIN, "main", "main>repair"),
    ]


def test_a_desk_call_goes_out_by_the_carrier_and_one_abroad_is_refused_told_and_written_down(
    connected: CallCentre, carrier: Carrier
) -> None:
    connected.telephones.phone("1001", scenarios.phone_answers())
    with administrator(connected) as admin, connected.agent("1001", ready=False) as agent:
        form = admin.form("/admin/lines/outgoing") | {"default_shown": [BRAND], "place_settings": [""]}
        answer = admin.web.post("/admin/lines/outgoing", data=form | {"place_mobile": ["1"]})
        assert answer.status_code == 303, answer.text
        before = len(carrier.heard())
        assert agent.ask("/api/call/dial", number="13900000001").status_code == 200
        wait_until(lambda: agent.state() == "talking", 15, "the talk")
        assert carrier.heard()[before:] == [f"13900000001 from {BRAND} pai "]
        assert agent.ask("/api/call/hang-up").status_code == 200
        assert agent.ask("/api/call/dial", number="+4930123456").status_code == 403
        assert "不允许的目的地" in admin.web.get("/admin/lines/trunks").text
        wait_until(lambda: "拒绝拨打" in admin.web.get("/admin/audit").text, 10, "the audit entry")


def test_a_talk_cannot_be_given_to_a_number_abroad_and_goes_on(connected: CallCentre, carrier: Carrier) -> None:
    connected.telephones.phone("1002", scenarios.phone_answers())
    with administrator(connected) as admin, connected.agent("1002") as agent:
        before = len(carrier.heard())
        carrier.call("864001718888", caller=CUSTOMER, keys=FOR_A_REPAIR)
        connected.until_talking(CUSTOMER, 30)
        for way in ("transfer", "consult"):
            refused = agent.ask(f"/api/call/{way}", kind="number", value=ABROAD)
            assert (refused.status_code, "不允许" in refused.text) == (403, True)
        assert agent.state() == "talking"
        assert len(carrier.heard()) == before
        assert "<b> 1002</b>" in admin.web.get("/admin/lines/trunks").text
        assert agent.ask("/api/call/hang-up").status_code == 200
    assert [leg["agent"] for leg in connected.legs(connected.contact(CUSTOMER)["id"])] == ["1002"]


def test_a_caller_from_abroad_cannot_book_a_call_back_there_and_keeps_the_place(
    connected: CallCentre, carrier: Carrier
) -> None:
    carrier.call("864001718888", caller=ABROAD, keys=f"{FOR_A_REPAIR}{WAITS}1")
    wait_until(lambda: bool(connected.rows("SELECT * FROM contact WHERE caller = ?", ABROAD)), 20, "the call")
    [contact] = connected.rows("SELECT * FROM contact WHERE caller = ?", ABROAD)
    with administrator(connected) as admin:
        wait_until(lambda: "<b>排队回呼 </b>" in admin.web.get("/admin/lines/trunks").text, 30, "the refusal is told")
    assert connected.rows("SELECT * FROM callback WHERE contact_id = ?", contact["id"]) == []
    assert [visit["left_at"] for visit in connected.visits(contact["id"])] == [None]
    carrier.rx("channel request hangup all")


@pytest.mark.full
def test_of_two_asterisks_the_first_one_logs_in_and_both_reach_the_carrier(cache: Path) -> None:
    centre = TwoAsterisks(cache)
    try:
        with running_carrier("127.0.0.5") as carrier:  # 127.0.0.4 is Kamailio's
            centre.up()
            centre.telephones.phone("1001", scenarios.phone_answers(), calls=2)
            with administrator(centre) as admin, centre.agent("1001", ready=False) as agent:
                enter_trunk(admin, carrier)
                publish(admin, BRAND, queue="enquiry")
                wait_until(lambda: logged_in(admin), 20, "the login")
                known = {
                    name: "trunk-mobile/" in node.rx("pjsip show registrations") for name, node in centre.both.items()
                }
                assert known == {"": True, "b": False}
                carrier.call("043188883318", caller=CALLER)
                assert centre.until_waiting(CALLER)["queue"] == "enquiry"
                form = admin.form("/admin/lines/outgoing") | {"place_settings": [""], "place_mobile": ["1"]}
                assert admin.web.post("/admin/lines/outgoing", data=form).status_code == 303
                for _ in centre.both:  # new calls go to the two in turn
                    assert agent.ask("/api/call/dial", number="13900000001").status_code == 200
                    wait_until(lambda: agent.state() == "talking", 15, "the talk")
                    assert agent.ask("/api/call/hang-up").status_code == 200
                    wait_until(lambda: agent.state() != "talking", 15, "its end")
                assert len(carrier.heard()) == 2
                assert logged_in(admin)
    finally:
        centre.close()
