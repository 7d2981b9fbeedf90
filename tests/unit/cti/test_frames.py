"""Nothing that a caller sends gets into the platform's conversation with Asterisk."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.frames import BadFrame, Frame, FrameReader, HostileValue, encode_action
from tests.unit.cti import streams

BANNER = streams.BANNER
GOOD = [name for name in streams.all_names() if not name.startswith("forged")]

hostile = st.text(
    st.one_of(st.sampled_from("\r\n\0: 张\U0001f600\x85\u2028\x0b\ud800"), st.characters(exclude_categories=())),
    max_size=1_200,
)


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_an_action_holds_exactly_its_own_headers_or_is_refused(headers: list[tuple[str, str]]) -> None:
    try:
        wire = encode_action(headers)
    except HostileValue:
        return
    assert wire.endswith(b"\r\n\r\n")
    lines = wire[:-4].split(b"\n")
    assert len(lines) == len(headers)
    assert wire.count(b"\r") == wire.count(b"\n") == len(headers) + 1
    assert b"\0" not in wire
    assert all(len(line) <= 1_024 for line in lines)


@pytest.mark.parametrize("size", [100_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_a_great_many_hostile_values_give_no_extra_header(size: int) -> None:
    chance = random.Random(20261122)
    alphabet = ["a", "7", " ", ":", "张", "\r", "\n", "\0", "\r\n", "\r\n\r\n", "\nAction: Command", "\x85", "\u2028"]
    for _ in range(size):
        value = "".join(chance.choices(alphabet, k=chance.randint(1, 8)))
        try:
            wire = encode_action([("Action", "Setvar"), ("Value", value)])
        except HostileValue:
            assert any(bad in value for bad in "\r\n\0")
        else:
            assert wire == f"Action: Setvar\r\nValue: {value}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "headers",
    [
        [("Action", "x" * 1_016)],
        [("V", str(n)) for n in range(129)],
        [("A:b", "c")],
        [(" A", "c")],
        [("", "c")],
        [],
    ],
)
def test_what_asterisk_could_misread_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(HostileValue):
        encode_action(headers)


@pytest.mark.parametrize("name", GOOD)
def test_segments_of_any_size_give_the_same_frames(name: str) -> None:
    whole = [frame.items() for frame in streams.frames(name)]
    raw = streams.stream(name)
    chance = random.Random(7)
    reader, pieces, at = FrameReader(), [], 0
    while at < len(raw):
        step = chance.choice([1, 2, 3, 60, 1_460])
        pieces += [frame.items() for frame in reader.feed(raw[at : at + step])]
        at += step
    assert pieces == whole
    assert whole


def test_a_forged_event_ends_the_reading_before_it_is_seen() -> None:
    frames = streams.frames("forged-by-sip-user-part")
    with pytest.raises(BadFrame):
        next(frames)


@pytest.mark.parametrize(
    "raw",
    [
        b"CallerIDName: n\r\nUniqueid: 1\r\n\r\n",
        b"Event: Hangup\r\nUniqueid: 1\r\nUniqueid: 2\r\n\r\n",
        b"Event: Hangup\r\nX: y\r\nEvent: Newchannel\r\n\r\n",
        b"Event: Newchannel\r\nChannelState: 4\r\nCallerIDNum: 1\r\n\r\n",
        b"Event: Hangup\r\nX: a\nb\r\n\r\n",
        b"x" * 300_000,
    ],
)
def test_a_frame_that_asterisk_does_not_send_is_refused(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        list(FrameReader().feed(BANNER + raw))


@given(st.binary(max_size=300))
def test_garbage_gives_frames_or_a_refusal_and_nothing_else(raw: bytes) -> None:
    try:
        for frame in FrameReader().feed(raw):
            frame.items()
    except BadFrame:
        pass


def frame_of(text: bytes) -> Frame:
    return next(iter(FrameReader().feed(BANNER + text + b"\r\n\r\n")))


def test_a_name_survives_in_any_of_its_encodings() -> None:
    assert frame_of("Event: A\r\nCallerIDName: 张三李四".encode()).get("CallerIDName") == "张三李四"
    assert frame_of("Event: A\r\nCallerIDName: 张三李四".encode("gb18030")).get("CallerIDName") == "张三李四"


def test_repeated_headers_are_all_kept() -> None:
    frame = frame_of(b"Event: A\r\nChanVariable: HL_CALL=1.2\r\nChanVariable: HL_QUEUE=repair\r\nChanVariable:")
    assert frame.all("ChanVariable") == ["HL_CALL=1.2", "HL_QUEUE=repair", ""]
    assert frame.variable("HL_QUEUE") == "repair"
    assert frame.variable("HL_SINCE") == ""
