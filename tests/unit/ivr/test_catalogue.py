"""The texts of the prompts."""

import pytest

from ivr.catalogue import LANGUAGES, catalogue, chinese_number, position_prompts


def test_both_languages_hold_the_same_prompts_and_none_is_empty():
    spoken = catalogue()
    assert set(spoken) == set(LANGUAGES)
    assert set(spoken["zh-CN"]) == set(spoken["en"])
    assert all(part.text for texts in spoken.values() for parts in texts.values() for part in parts)


@pytest.mark.parametrize("position", [0, 1, 2, 20, 21, 5000])
def test_every_place_in_the_queue_can_be_said(position):
    assert set(position_prompts(position)) <= set(catalogue()["en"])


def test_the_caller_behind_two_others_hears_so():
    assert position_prompts(3) == ("position-3",)
    assert "还有两位" in catalogue()["zh-CN"]["position-3"][0].text
    assert "number 3" in catalogue()["en"]["position-3"][0].text


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (2, "两"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")]
)
def test_numbers_are_said_as_people_say_them(number, said):
    assert chinese_number(number) == said
