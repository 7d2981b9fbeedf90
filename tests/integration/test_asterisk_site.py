"""The rendered Asterisk itself: it starts clean, keeps calls over an edit, and is closed to hostile requests."""

from __future__ import annotations

from dataclasses import replace

from asterisk_conf.process import AsteriskProcess
from asterisk_conf.site import AgentPhone, FallbackQueue
from tests.integration import scenarios
from tests.integration.ami import ami_session
from tests.integration.menu import menu_that_enqueues
from tests.integration.site import SiteUnderTest, wait_until


def test_a_start_leaves_no_error_and_no_warning(own_telephone_site: SiteUnderTest) -> None:
    assert own_telephone_site.log_trouble() == []


def test_a_second_start_adopts_the_running_asterisk(telephone_site: SiteUnderTest) -> None:
    before = telephone_site.asterisk.pid
    second = AsteriskProcess(telephone_site.site, telephone_site.asterisk.build)
    assert second.start() is False
    assert second.pid == before


def test_a_new_agent_and_queue_lose_no_call(telephone_site: SiteUnderTest) -> None:
    asterisk, site = telephone_site.asterisk, telephone_site.site
    with menu_that_enqueues(site, "repair"):
        customer = telephone_site.call("4001718888", scenarios.caller())
        wait_until(lambda: bool(telephone_site.channel_in("hl-wait")), what="a waiting customer")
        waiting = telephone_site.channel_in("hl-wait")
        asterisk.reload_workforce(
            replace(
                site,
                agents=(*site.agents, AgentPhone(number="1030")),
                queues=(*site.queues, FallbackQueue(id="rescue", agents=("1030",))),
            )
        )
    assert "1030" in asterisk.rx("pjsip show endpoint 1030")
    assert "PJSIP/1030" in asterisk.rx("queue show fallback-rescue")
    assert telephone_site.channel_in("hl-wait") == waiting
    assert customer.running
    assert telephone_site.log_trouble() == []


def test_a_forged_event_in_the_callers_number_gives_no_channel_and_no_event(telephone_site: SiteUnderTest) -> None:
    forged = "1%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20x"
    with ami_session(telephone_site) as ami:
        for invite in (scenarios.raw_invite(from_user=forged), scenarios.raw_invite(target="400%0d%0aX")):
            attack = telephone_site.call("4001718888", invite)
            assert attack.wait() == 0, attack.complaints()
        honest = telephone_site.call("999", scenarios.raw_invite())  # what comes after it proves that we listened
        assert honest.wait() == 0, honest.complaints()
        wait_until(lambda: "HLEnd" in ami.heard(), what="the honest call's end")
        assert "Uniqueid: x" not in ami.heard()
        assert ami.heard().count("Event: Newchannel") == 1


def test_an_agents_phone_reaches_nothing_by_itself(telephone_site: SiteUnderTest) -> None:
    for number in ("13900000001", "1002", "4001718888", "s"):
        attempt = telephone_site.call(number, scenarios.raw_invite(from_user="1001"), from_="127.0.0.3")
        assert attempt.wait() == 0, attempt.complaints()


def test_a_number_we_do_not_serve_ends_at_once_and_is_told(telephone_site: SiteUnderTest) -> None:
    with ami_session(telephone_site) as ami:
        customer = telephone_site.call("4001718889", scenarios.raw_invite(from_user="13912345678"))
        assert customer.wait() == 0, customer.complaints()
        wait_until(lambda: "UserEvent: HLEnd" in ami.heard(), what="HLEnd")
        assert "Entry: 4001718889\r\nServed: 0" in ami.heard()
        assert "State: wrong" in ami.heard()
    [started] = [row for row in telephone_site.cel() if row[10] == "HLSTART" and "entry=4001718889" in row[11]]
    [ended] = [row for row in telephone_site.cel() if row[10] == "HLEND" and row[3] == started[3]]
    assert "state=wrong" in ended[11]


def test_without_the_platform_a_caller_reaches_an_agent_by_the_plain_queue(telephone_site: SiteUnderTest) -> None:
    phone = telephone_site.phone("1001", scenarios.phone_answers(hang_up_after=0.5))
    customer = telephone_site.call("4001718888", scenarios.caller("13912345678"))
    assert customer.wait(40) == 0, customer.complaints()
    assert phone.wait() == 0, phone.complaints()
    talk = next(row for row in telephone_site.cel() if row[10] == "HLTALK" and f"leg={row[3]}-0" in row[11])
    assert "agent=1001" in talk[11]
    assert list(telephone_site.site.recordings.glob(f"*/{talk[3]}-0.raw"))
