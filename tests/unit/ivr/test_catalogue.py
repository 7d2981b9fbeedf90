"""The texts of the prompts."""

import pytest

from ivr.catalogue import (
    LANGUAGES,
    catalogue,
    chinese_number,
    comfort_prompt,
    number_prompts,
    position_prompts,
    wait_prompt,
)


def test_both_languages_hold_the_same_prompts_and_none_is_empty():
    spoken = catalogue()
    assert set(spoken) == set(LANGUAGES)
    assert set(spoken["zh-CN"]) == set(spoken["en"])
    assert all(part.text for texts in spoken.values() for parts in texts.values() for part in parts)


@pytest.mark.parametrize("position", [0, 1, 2, 20, 21, 5000])
def test_every_place_in_the_queue_can_be_said(position):
    assert set(position_prompts(position)) <= set(catalogue()["en"])


def test_the_caller_behind_two_others_hears_so():
    assert position_prompts(3) == ("position-3", "hold-on")
    assert position_prompts(3, 100.0) == ("position-3", "wait-2")
    assert "还有两位" in catalogue()["zh-CN"]["position-3"][0].text
    assert "number 3" in catalogue()["en"]["position-3"][0].text


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (2, "两"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")]
)
def test_numbers_are_said_as_people_say_them(number, said):
    assert chinese_number(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "wait-short"), (59.9, "wait-short"), (60, "wait-1"), (61, "wait-2"), (660, "wait-15"), (1801, "wait-long")],
)
def test_the_wait_is_rounded_up_to_what_people_say(seconds, said):
    assert wait_prompt(seconds) == said
    assert said in catalogue()["zh-CN"]


def test_comfort_messages_rotate_and_rescue_has_its_own():
    assert [comfort_prompt("repair", turn) for turn in range(4)] == [
        "comfort-1", "comfort-2", "comfort-3", "comfort-1",
    ]  # fmt: skip
    assert comfort_prompt("rescue", 0) == "comfort-rescue-1"


def test_a_telephone_number_is_read_digit_by_digit():
    assert number_prompts("+8610") == ("digit-8", "digit-6", "digit-1", "digit-0")
    assert catalogue()["zh-CN"]["digit-1"][0].text == "幺"
