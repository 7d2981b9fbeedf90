"""Which way a call goes, how much may go out, and what is known of each trunk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.dialling import NumberNotAllowed
from crm_core.lines.limits import DialLimits, Limits
from crm_core.lines.outgoing import OutgoingRules
from cti.contacts import Contact, Phase
from cti.deeds import Move
from cti.dial_caps import CapHit, DialledTooOften, TooManyAtNight, TooManyDestinations, TooManyOutsideLegs
from cti.errors import AsteriskRefused
from cti.frames import Frame
from cti.line_plan import SETTINGS_WAY, LinePlan, SettingsOnly, TrunkWay
from cti.line_tests import LineTests, OneAtATime, Step
from cti.lines import Lines, contacts_of
from cti.trunk_watch import TrunkState, TrunkWatch, endpoint_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 7, 14, 12, 0, tzinfo=SHANGHAI).timestamp()
NIGHT = datetime(2026, 7, 14, 23, 30, tzinfo=SHANGHAI).timestamp()
MOBILE = TrunkWay(id="mobile", endpoint="trunk-mobile", registers=True, number_form="plus", capacity=2)
UNICOM = TrunkWay(id="unicom", endpoint="trunk-unicom", number_form="national")


class Clock:
    at = NOON

    def __call__(self) -> float:
        return self.at


def lines(*ways: TrunkWay, rules: OutgoingRules | None = None, limits: DialLimits | None = None) -> tuple[Lines, Clock]:
    plan = LinePlan(
        trunks=ways or (SETTINGS_WAY,),
        rules=rules or OutgoingRules(),
        limits=limits or DialLimits(),
        first_number="4001718888",
        brands={"8008201111": "远辰"},
        zone=SHANGHAI,
    )
    clock = Clock()
    return Lines(SettingsOnly(plan), plan, clock=clock), clock


def frame(event: str, **headers: str) -> Frame:
    pairs = "".join(f"\r\n{name}: {value}" for name, value in headers.items())
    return Frame(f"Event: {event}{pairs}".encode(), event)


def registered(one: Lines | TrunkWatch, status: str = "Registered") -> None:
    watch = one.watch if isinstance(one, Lines) else one
    watch.compared({"trunk-mobile": status}, [("trunk-mobile", "Reachable", "1500")], {}, NOON)


# ---- ways


def test_a_call_takes_the_trunks_in_order_each_with_the_number_as_its_carrier_wants_it() -> None:
    site, _ = lines(MOBILE, UNICOM)
    registered(site)
    assert site.ways("8613812345678")["HL_ROUTE"] == "+8613812345678@trunk-mobile&13812345678@trunk-unicom"


def test_a_trunk_that_is_refused_away_or_full_is_tried_last_and_one_without_calls_out_never() -> None:
    site, _ = lines(MOBILE, UNICOM, replace(SETTINGS_WAY, outgoing=False))
    for state in ("Rejected", "Unregistered"):
        registered(site, state)
        assert site.ways("8613812345678")["HL_ROUTE"].startswith("13812345678@trunk-unicom&")
    registered(site)
    for number in (1, 2):
        site.hear(frame("Newchannel", Uniqueid=f"c{number}", Channel=f"PJSIP/trunk-mobile-0000000{number}"))
    assert site.ways("8613812345678")["HL_ROUTE"] == "13812345678@trunk-unicom&+8613812345678@trunk-mobile"


def test_the_number_that_is_shown_follows_campaign_brand_and_the_number_the_customer_called() -> None:
    rules = OutgoingRules(by_brand={"远辰": "043188883318"}, by_campaign={"7": "4008001234"})
    site, _ = lines(rules=rules)
    assert site.ways("8613812345678")["HL_SHOWN"] == "4001718888"
    assert site.ways("8613812345678", brand="远辰")["HL_SHOWN"] == "043188883318"
    assert site.ways("8613812345678", entry="8008201111")["HL_SHOWN"] == "043188883318"
    assert site.ways("8613812345678", campaign=7, brand="远辰")["HL_SHOWN"] == "4008001234"


def test_a_customer_who_is_led_outside_gets_the_way_and_a_colleague_does_not() -> None:
    site, _ = lines(rules=OutgoingRules(by_brand={"远辰": "043188883318"}))
    contact = Contact(call="c", direction=None, channel="x", caller="", entry="8008201111", phase=Phase.TALKING)
    site.contact_of = {"c": contact}.get
    out: Any = site.with_ways(Move(call="c", channel="PJSIP/trunk-1", context="hl-external", exten="8613812345678"))
    assert ("PJSIP/trunk-1", "HL_ROUTE", "8613812345678@trunk") in out.variables
    assert ("PJSIP/trunk-1", "HL_SHOWN", "043188883318") in out.variables
    asked: Any = Move(call="c", channel="a", context="hl-hold", also="b", also_context="hl-consult", also_exten="1002")
    assert site.with_ways(asked).variables == asked.variables


# ---- limits


def test_each_limit_refuses_counts_nothing_and_is_an_alarm_once_a_minute() -> None:
    agent = Limits(in_a_minute=2, in_an_hour=5, at_once=2, same_number_in_an_hour=9, distinct_in_an_hour=3)
    site, clock = lines(limits=DialLimits(agent=agent))
    with pytest.raises(TooManyOutsideLegs):
        site.gate.allow("1018", "8613812345671", live=2)
    for number in (1, 2):
        site.gate.allow("1018", f"861381234567{number}", live=0)
    for _ in range(3):
        with pytest.raises(DialledTooOften):
            site.gate.allow("1018", "8613812345673", live=0)
    clock.at += 61
    site.gate.allow("1018", "8613812345673", live=0)
    clock.at += 61
    with pytest.raises(TooManyDestinations):
        site.gate.allow("1018", "8613812345674", live=0)
    site.gate.allow("1018", "8613812345673", live=0)
    site.gate.allow("1019", "8613812345674", live=0)
    told = [alarm.refusal for alarm in _taken(site.alarms) if isinstance(alarm, CapHit)]
    assert told == ["TooManyOutsideLegs", "DialledTooOften", "TooManyDestinations"]
    assert site.gate.refusals == 5


def test_at_night_an_agent_may_call_less_and_at_noon_as_always() -> None:
    agent = Limits(in_a_minute=60, in_an_hour=60, at_once=4, same_number_in_an_hour=60, at_night_in_an_hour=2)
    site, clock = lines(limits=DialLimits(agent=agent))
    for _ in range(3):
        site.gate.allow("1018", "8613812345671", live=0)
    clock.at = NIGHT
    for _ in range(2):
        site.gate.allow("1018", "8613812345671", live=0)
    with pytest.raises(TooManyAtNight):
        site.gate.allow("1018", "8613812345671", live=0)


def test_a_campaign_has_limits_of_its_own() -> None:
    site, _ = lines(limits=DialLimits(campaign=Limits(in_a_minute=3)))
    for number in range(3):
        site.gate.allow("campaign/7", f"861381234560{number}", live=0)
    with pytest.raises(DialledTooOften):
        site.gate.allow("campaign/7", "8613812345679", live=0)
    site.gate.allow("campaign/8", "8613812345679", live=0)
    site.gate.allow("1018", "8613812345679", live=0)


def test_a_destination_that_is_denied_is_refused_whoever_asks_and_told() -> None:
    site, _ = lines()
    for who in ("1018", "test", "campaign/7"):
        with pytest.raises(NumberNotAllowed):
            site.gate.allow(who, "4930123456", live=0)
    assert [hit.who for hit in site.gate.hits] == ["1018", "test", "campaign/7"]


@pytest.mark.parametrize("time", ["22:00", "23:59", "00:00", "06:59"])
def test_the_night_goes_over_midnight(time: str) -> None:
    assert DialLimits().is_night(time)
    assert not DialLimits(night_from="07:00", night_until="07:00").is_night(time)
    assert not DialLimits().is_night("07:00")


# ---- trunks


def test_an_answer_that_is_the_carriers_fault_is_kept_and_a_busy_person_is_none() -> None:
    site, _ = lines(MOBILE)
    for number, code in enumerate(("486", "503", "404")):
        channel = f"PJSIP/trunk-mobile-0000000{number}"
        site.hear(frame("Newchannel", Uniqueid=f"c{number}", Channel=channel))
        site.hear(frame("Hangup", Uniqueid=f"c{number}", Channel=channel, TechCause=code))
    assert [(view.fault, view.calls) for view in site.trunks()] == [(503, 0)]


def test_a_contact_that_was_just_made_is_not_called_away_before_it_was_asked() -> None:
    watch = TrunkWatch(LinePlan(trunks=(UNICOM,)))
    for later, expected in ((0, TrunkState.UNKNOWN), (1, TrunkState.UNKNOWN), (20, TrunkState.UNREACHABLE)):
        watch.compared({}, [("trunk-unicom", "Unreachable", "")], {}, NOON + later)
        assert watch.views()[0].state is expected


def contact(watch: TrunkWatch, status: str, node: str) -> None:
    told = f"Event: ContactStatus\r\nAOR: trunk-unicom\r\nContactStatus: {status}\r\nRoundtripUsec: 2000"
    watch.hear(Frame(told.encode(), "ContactStatus", node), NOON)


def test_of_two_asterisks_one_may_be_cut_off_from_a_carrier_and_the_page_says_which() -> None:
    watch = TrunkWatch(LinePlan(trunks=(UNICOM,)))
    for node in ("", "b"):
        contact(watch, "Reachable", node)
    contact(watch, "Unreachable", "b")
    [view] = watch.views()
    assert (view.state, view.away_from, view.round_trip) == (TrunkState.REACHABLE, ("b",), 2.0)
    watch.compared(None, [("trunk-unicom", "Reachable", "2000"), ("trunk-unicom", "Unreachable", "")], {}, NOON)
    assert watch.views()[0].away_from == ("b",)
    contact(watch, "Unreachable", "")
    [view] = watch.views()
    assert (view.state, view.away_from) == (TrunkState.UNREACHABLE, ())
    watch.compared(None, [("trunk-unicom", "Reachable", "2000")] * 2, {}, NOON)
    [view] = watch.views()
    assert (view.state, view.away_from) == (TrunkState.REACHABLE, ())


def test_a_login_that_asterisk_does_not_know_any_more_is_none() -> None:
    watch = TrunkWatch(LinePlan(trunks=(MOBILE,)))
    registered(watch)
    watch.compared(None, [("trunk-mobile", "Reachable", "1500")], {}, NOON)
    assert watch.views()[0].state is TrunkState.REGISTERED
    watch.compared({}, [("trunk-mobile", "Reachable", "1500")], {}, NOON)
    assert watch.views()[0].state is TrunkState.REGISTERING


def test_what_is_known_of_a_trunk_outlives_an_edit_of_another_one() -> None:
    watch = TrunkWatch(LinePlan(trunks=(MOBILE,)))
    registered(watch)
    watch.plan_changed(LinePlan(trunks=(UNICOM, replace(MOBILE, name="new"))))
    assert [view.state for view in watch.views()] == [TrunkState.UNKNOWN, TrunkState.REGISTERED]


def test_channels_belong_to_the_trunk_whose_name_they_bear() -> None:
    assert endpoint_of("PJSIP/trunk-00000001") == "trunk"
    assert endpoint_of("PJSIP/trunk-mobile-2-0000001a") == "trunk-mobile-2"
    assert endpoint_of("PJSIP/1018-00000001") == ""
    assert endpoint_of("Local/trunk-1@x") == ""


def test_asterisks_list_of_contacts_is_read() -> None:
    text = (
        "  Contact:  1001/sip:1001@127.0.0.3:5390           edda7e0db2 NonQual        -nan\n"
        "  Contact:  trunk-mobile/sip:127.0.0.4:5066        cfe024e616 Avail         1.135\n"
        "  Contact:  trunk-unicom/sip:carrier.example       cfe024e617 Unavail        -nan\n"
    )
    assert contacts_of(text) == [("trunk-mobile", "Reachable", "1135"), ("trunk-unicom", "Unreachable", "")]


# ---- test calls


def test_a_person_has_one_test_call_at_a_time() -> None:
    tests = LineTests()
    one = tests.begin("9001", "8613812345678", "13812345678@trunk-mobile", "mobile")
    with pytest.raises(OneAtATime):
        tests.require_free("9001")
    tests.hear(frame("Newchannel", Uniqueid=one.id), 1.0)
    tests.hear(frame("OriginateResponse", Response="Failure", Uniqueid=one.id), 1.1)  # its channel's end says more
    tests.hear(frame("Hangup", Uniqueid=one.id, TechCause="486", Cause="17"), 1.2)
    told = tests.of("9001")
    assert told is not None
    assert ([step for step, _ in told.steps], told.sip, told.cause) == ([Step.SENT, Step.ENDED], 486, 17)
    tests.require_free("9001")


def test_a_test_call_for_which_there_was_no_channel_ends_all_the_same() -> None:
    tests = LineTests()
    tests.begin("9001", "8613812345678", "13812345678@trunk-mobile", "mobile")
    failed = frame("OriginateResponse", Response="Failure", Channel="PJSIP/13812345678@trunk-mobile", Reason="0")
    tests.hear(failed, 1.0)
    told = tests.of("9001")
    assert told is not None
    assert told.ended
    assert told.cause == 20


async def test_a_test_call_that_asterisk_refuses_is_over_and_a_hostile_number_is_never_sent() -> None:
    site, _ = lines(UNICOM)
    sent: list[Any] = []

    class Link:
        async def send(self, action: Any) -> None:
            sent.append(action)
            raise AsteriskRefused("Originate", "no")

    site.link = Link()
    for hostile in ("13812345678@evil", "110", "+4930123456", "1381234567\r\nAction: Command"):
        with pytest.raises(Exception, match=r"called|allowed"):
            await site.test_call("9001", hostile, "unicom")
    assert not sent
    with pytest.raises(AsteriskRefused):
        await site.test_call("9001", "13812345678", "unicom")
    assert sent[0]["Channel"] == "PJSIP/13812345678@trunk-unicom"
    test = site.tests.of("9001")
    assert test is not None
    assert test.ended


def test_the_clock_of_the_site_decides_on_night() -> None:
    assert datetime.fromtimestamp(NIGHT, UTC).strftime("%H:%M") == "15:30"


def _taken(queue: asyncio.Queue[Any]) -> list[Any]:
    return [queue.get_nowait() for _ in range(queue.qsize())]
