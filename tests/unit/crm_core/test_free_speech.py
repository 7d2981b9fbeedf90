"""Who asks for no more calls in free speech is understood; who wants to be called otherwise is not silenced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.consent.free_speech import wish_for_no_calls

WISHES = {
    "zh-CN": (
        "以后不要再打电话了",
        "车不错，就是请你们别再打电话给我。谢谢",
        "不要再给我打了",
        "我不想再接到你们的电话",
        "別再打電話來了",
        "请不要再联系我",
        "不需要回访",
        "把我的号码删掉",
        "你们这样老打电话很烦 以后 别 打 了",
        "停止骚扰",
        "别再来电",
        "不要再打",
    ),
    "en": (
        "Please stop calling me.",
        "The car is fine. Do not call me again.",
        "don’t ever call me",
        "No more calls, thank you",
        "I don't want any more calls",
        "Please remove my number from your list",
        "take me off your list",
        "Never contact me again",
    ),
}
OTHERS = {
    "zh-CN": (
        "你们从来不给我打电话",
        "说好了回电话，结果没打",
        "请不要中午打电话",
        "上班的时候别打电话",
        "不要打电话给我太太，打我手机",
        "为什么不打电话通知我",
        "不满意，等了两个小时",
        "电话里说得很清楚",
        "希望以后多打电话提醒保养",
        "不要让我等这么久",
    ),
    "en": (
        "You never called me back",
        "They never call me back",
        "Please don't call me in the morning",
        "Why don't you call me",
        "No calls came, I waited two days",
        "He called twice, that was good",
        "Do not call before nine",
        "I am not happy with the repair",
        "",
    ),
}


@pytest.mark.parametrize("text", [one for some in WISHES.values() for one in some])
def test_a_wish_for_no_more_calls_is_understood(text: str):
    assert wish_for_no_calls(text)


@pytest.mark.parametrize("text", [one for some in OTHERS.values() for one in some])
def test_who_does_not_ask_for_silence_is_not_silenced(text: str):
    assert wish_for_no_calls(text) == ""


def test_the_proof_is_the_sentence_alone():
    assert wish_for_no_calls("车很好。以后不要再打电话了。再见！") == "以后不要再打电话了"


@given(st.text(max_size=300))
def test_whatever_was_heard_is_read_without_an_error(text: str):
    assert wish_for_no_calls(text) in text
