"""What a page asks is done once, or not at all, and a refusal has the same words as in one process."""

from __future__ import annotations

import asyncio
import time

import pytest

from crm_core.errors import NotFound, PlatformError, Refused, Sentence, Unreachable
from cti.views import Target
from cti.wire import asker
from cti.wire.answerer import AnotherLife
from cti.wire.asker import TelephonyAway
from cti.wire.bus import ASKED, Bus, BusAway, InProcessBus
from cti.wire.messages import Asked, to_bytes
from cti.wire.orders import ORDERS, as_error, as_refusal
from cti.wire.remote_desk import RemoteDesk
from ivr.recogniser import RecogniserLost
from tests.unit.cti.wire.site import TelephonyProcess, both, leading, until


class Forgetful(InProcessBus):
    """Loses so many of the next messages of a line, once they have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.lose: dict[str, int] = {}

    async def append(self, line: str, message: bytes) -> None:
        kind = line.rsplit(":", 1)[0] if "answered" in line else line
        if self.lose.get(kind, 0) > 0:
            self.lose[kind] -= 1
            return
        await super().append(line, message)


async def test_what_was_done_is_seen_when_the_answer_comes(bus: Bus):
    async with both(bus, "1018") as site:
        await site.web.sign_in("1018", ready=False)
        assert site.web.desk("1018").state == "break"
        call = await site.web.dial("1018", "13800000001", 7)
        seen = site.web.desk("1018").call
        assert seen is not None
        assert (seen.call, seen.matches) == (call, (7,))
        await site.web.hang_up("1018")
        assert site.web.desk("1018").state == "wrap_up"
        account = await site.web.phone_account("1018", "session")
        assert account.secret.startswith("secret-of-1018")
        assert await site.web.previews.preview(1, 2, "1018")


async def test_a_number_whose_answer_got_lost_is_not_dialled_twice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asker, "AGAIN_SECONDS", 0.1)
    bus = Forgetful()
    async with both(bus, "1018") as site:
        await site.web.sign_in("1018", ready=True)
        bus.lose["hotline:answered"] = 3
        call = await site.web.dial("1018", "13800000001")
        assert site.telephony.wishes.count(("dial", "1018", "13800000001")) == 1
        assert call.startswith("out-")


async def test_a_wish_that_got_lost_is_sent_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asker, "AGAIN_SECONDS", 0.1)
    bus = Forgetful()
    async with both(bus, "1018") as site:
        bus.lose[ASKED] = 2
        await site.web.sign_in("1018", ready=True)
        assert site.telephony.wishes == [("sign_in", "1018", "True")]


async def test_a_refusal_has_the_words_and_the_status_of_the_one_process(bus: Bus):
    async with both(bus, "1018") as site:
        site.telephony.recordings.refusal = NotFound("Queue {queue} does not exist.", queue="repair")
        with pytest.raises(NotFound, match=r"Queue repair does not exist\.") as refused:
            await site.web.recordings.pause_call("c1", "key:crm")
        assert (refused.value.message_id, refused.value.values) == (
            "Queue {queue} does not exist.",
            {"queue": "repair"},
        )


def test_further_sentences_of_a_refusal_come_along():
    error = Refused("No.")
    error.details = (Sentence("Ask {who}.", {"who": "2011"}),)
    told = as_error(as_refusal(error))
    assert (str(told), told.status, [str(one) for one in told.details]) == ("No.", 409, ["Ask 2011."])


async def test_our_own_fault_is_a_sentence_and_not_a_silence(bus: Bus):
    async with both(bus) as site:
        with pytest.raises(PlatformError, match="logged") as broken:
            await site.web.go_ready("nobody")  # a KeyError there
        assert broken.value.status == 500


async def test_while_telephony_is_away_a_wish_is_refused_at_once(bus: Bus):
    web = RemoteDesk(bus)
    async with web.running():
        began = time.monotonic()
        with pytest.raises(TelephonyAway):
            await web.dial("1018", "13800000001")
        assert time.monotonic() - began < 0.5


async def test_nobody_dials_for_a_process_that_died_meanwhile(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    """Whether the one before has dialled is not known: the next one must not, and the person is told."""
    monkeypatch.setattr(asker, "AGAIN_SECONDS", 0.1)
    first, second = TelephonyProcess("1018"), TelephonyProcess("1018")
    web = RemoteDesk(bus)
    async with web.running():
        async with leading(bus, first, epoch=1):
            await until(lambda: web.floor().connected)
        asking = asyncio.create_task(web.dial("1018", "13800000001"))
        await asyncio.sleep(0.05)
        async with leading(bus, second, epoch=2):
            with pytest.raises(Refused, match="started anew meanwhile"):
                await asking
    assert not [wish for wish in first.wishes + second.wishes if wish[0] == "dial"]


async def test_a_wish_past_its_deadline_is_not_begun_and_one_of_another_epoch_is_refused(bus: Bus):
    async with both(bus, "1018") as site:
        given = {"agent": "1018", "ready": True}
        for epoch, deadline in ((1, time.time() - 1), (7, time.time() + 60)):
            await bus.append(
                ASKED,
                to_bytes(
                    Asked(epoch=epoch, id=f"w{epoch}", worker="w", name="sign_in", deadline=deadline, given=given)
                ),
            )
        await site.web.plan_next("1018", "break", "lunch")  # comes behind them
        assert [wish[0] for wish in site.telephony.wishes] == ["plan_next"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("desk", {"agent": "1018"}),
        ("calls._check", {}),
        ("__init__", {}),
        ("sign_in", {"agent": "1018"}),
        ("sign_in", {"agent": "1018", "ready": True, "more": 1}),
        ("dial", {"agent": 1018, "number": "13800000001"}),
    ],
)
async def test_only_what_is_listed_may_be_asked_and_only_with_what_it_takes(bus: Bus, name: str, given: dict):
    async with both(bus, "1018") as site:
        wish = Asked(epoch=1, id="w", worker="w", name=name, deadline=time.time() + 9, given=given)
        await bus.append(ASKED, to_bytes(wish))
        await site.web.plan_next("1018", "break", "lunch")
        assert [one[0] for one in site.telephony.wishes] == ["plan_next"]


async def test_every_wish_of_the_pages_finds_its_method(bus: Bus):
    async with both(bus, "1018") as site:
        for order in ORDERS.values():
            assert callable(order.of(site.web)), order.name


async def test_the_flow_editor_asks_the_recognisers_of_the_telephony_process(bus: Bus):
    async with both(bus) as site:
        assert await site.web.never_heard("zh-CN", ("空调", "abs")) == ("abs",)
        with pytest.raises(RecogniserLost):
            await site.web.never_heard("en", ("car",))


async def test_a_bus_that_is_away_harms_no_telephony(monkeypatch: pytest.MonkeyPatch):
    bus = InProcessBus()
    async with both(bus, "1018") as site:

        async def away(line: str, message: bytes) -> None:
            raise BusAway

        monkeypatch.setattr(bus, "append", away)
        await site.telephony.sign_in("1018", ready=True)
        await asyncio.sleep(0.1)
        monkeypatch.undo()
        await until(lambda: site.web.desk("1018").state == "ready", seconds=2.0)


async def test_a_consult_and_its_target_go_over_the_wire(bus: Bus):
    async with both(bus, "1018") as site:
        with pytest.raises((PlatformError, Unreachable)):
            await site.web.calls.consult("1018", Target(kind="agent", value="1019"))  # there is no call


def test_the_words_for_a_process_that_was_started_anew_are_a_refusal():
    assert AnotherLife().status == 409
