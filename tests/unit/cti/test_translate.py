"""What real calls looked like on the wire, told as facts."""

from __future__ import annotations

import pytest

from cti import facts as f
from cti.frames import BadFrame
from tests.unit.cti import streams
from tests.unit.cti.streams import facts


@pytest.mark.parametrize("name", [name for name in streams.all_names() if not name.startswith("forged")])
def test_every_captured_stream_is_understood(name: str) -> None:
    for fact in facts(name):
        if isinstance(fact, f.ChannelFact) and not isinstance(fact, f.DialBegan | f.DialEnded):
            assert fact.channel
            assert fact.uniqueid
            assert fact.call
    if name != "resync-lists":
        assert facts(name)


def test_a_forged_hangup_is_no_fact() -> None:
    with pytest.raises(BadFrame):
        facts("forged-by-sip-user-part")


def test_an_answered_call_tells_its_story_in_order() -> None:
    story = [type(fact).__name__ for fact in facts("answered-caller-hangs-up")]
    wanted = [
        "ChannelAppeared", "ChannelAnswered", "MusicBegan", "DialBegan", "ChannelRang", "DialEnded",
        "BridgeEntered", "BridgeEntered", "HangupAsked", "BridgeLeft", "Told", "ChannelHungUp",
    ]  # fmt: skip
    places = iter(story)
    assert all(step in places for step in wanted)


def test_a_declined_offer_tells_the_phones_sip_code() -> None:
    refusal = next(fact for fact in facts("agent-declines") if isinstance(fact, f.HangupAsked))
    assert (refusal.channel, refusal.cause, refusal.sip_code) == ("PJSIP/1001-0000000d", 21, 603)


def test_a_waiting_caller_carries_queue_time_and_priority() -> None:
    music = next(fact for fact in facts("abandon-waiting") if isinstance(fact, f.MusicBegan))
    assert (music.context, music.state, music.queue, music.since, music.priority) == (
        "hl-wait", "waiting", "service", 1795310810.0, 5,
    )  # fmt: skip


def test_a_user_event_gives_only_what_the_dialplan_said() -> None:
    end = next(fact for fact in facts("abandon-waiting") if isinstance(fact, f.Told))
    assert end.name == "HLEnd"
    assert dict(end.headers) == {
        "Call": "1795310810.7", "State": "waiting", "DialStatus": "", "Cause": "0", "Source": "PJSIP/trunk-00000007",
    }  # fmt: skip


def test_hold_is_told_on_the_agents_channel() -> None:
    held = [fact for fact in facts("hold-and-resume") if isinstance(fact, f.ChannelHeld | f.ChannelResumed)]
    assert [type(fact).__name__ for fact in held] == ["ChannelHeld", "ChannelResumed"] * (len(held) // 2)
    assert {fact.channel for fact in held} == {"PJSIP/1001-0000003b"}


@pytest.mark.parametrize(("text", "value"), [("1795310810.5", 1795310810.5), ("", 0.0), ("nan", 0.0), ("1e400", 0.0)])
def test_a_number_from_the_wire_is_a_number_or_nothing(text: str, value: float) -> None:
    assert f.number(text) == value
