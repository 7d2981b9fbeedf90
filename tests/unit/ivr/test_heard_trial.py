"""Whatever a draft is made of: who tries it by telephone hears one end, and nothing is done."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.flow_file import read_flow, shipped_flow
from ivr.heard_trial import HeardTrial, hear
from ivr.line import CallerGone, Heard
from ivr.question_prompts import prompt_of
from ivr.trial import Trial
from ivr.trial_notices import notices
from tests.unit.ivr.random_flows import AnyLine, flows, replies
from tests.unit.ivr.scripted_line import ScriptedEar, ScriptedLine

QUEUES = {"zh-CN": {"repair": "维修"}, "en": {"repair": "Repairs"}}


def tried(flow, line, trial=None):
    return asyncio.run(
        hear(HeardTrial(flow=flow, trial=trial or Trial(), notices=notices(flow, QUEUES)), line, lambda *_: None)
    )


@given(flow=flows(), answers=replies, can_hear=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_draft_is_heard_to_an_end_that_is_told(flow, answers, can_hear):
    line = AnyLine(answers, can_hear=can_hear)
    heard = []
    play = line.play

    async def listened(prompts, language):
        heard.append((language, prompts))
        await play(prompts, language)

    line.play = listened
    told = notices(flow, QUEUES)
    node = tried(flow, line)
    gone = "hang up" in answers and not any(
        prompts[-1] == prompt_of(text) for language, prompts in heard for text in told.ends[language].values()
    )
    assert node in flow.nodes
    if not gone:
        language, prompts = heard[-1]
        assert prompts[-1] == prompt_of(told.ends[language][node])


def test_a_rescue_is_told_and_not_opened():
    flow = shipped_flow()
    line = ScriptedLine("5")
    assert tried(flow, line) == "rescue"
    told = notices(flow, QUEUES)
    deed, end = told.deeds["zh-CN"]["open_rescue"], told.ends["zh-CN"]["rescue"]
    prompts = [prompt for _, prompt in line.heard]
    assert prompts.index(prompt_of(deed)) < prompts.index(prompt_of(end)) == len(prompts) - 1
    assert "rescue" in end  # a queue without a name is called by its id


def test_words_are_understood_as_for_callers():
    line = ScriptedEar(Heard(words="投诉", confidence=0.9))
    assert tried(shipped_flow(), line) == "complaint"


def test_who_hangs_up_hears_nothing_more():
    flow = shipped_flow()
    line = ScriptedLine("hang up")
    assert tried(flow, line) == "main"
    ends = {prompt_of(text) for text in notices(flow, QUEUES).ends["zh-CN"].values()}
    assert not ends & {prompt for _, prompt in line.heard}


def test_a_language_that_has_no_voice_is_heard_without_notices():
    flow = read_flow(
        "name: t\nlanguages: [ko]\nstart: a\ngive_up: a\nnodes:\n  a: {kind: queue, queue: repair, topic: ''}\n"
    )
    assert tried(flow, ScriptedLine(), Trial(language="ko")) == "a"


async def test_a_line_that_breaks_ends_the_trial():
    class Broken(ScriptedLine):
        async def play(self, prompts, language):
            raise CallerGone

    heard = HeardTrial(flow=BARE, trial=Trial(), notices=notices(BARE, QUEUES))
    with pytest.raises(CallerGone):
        await hear(heard, Broken(), lambda *_: None)


BARE = read_flow(
    "name: t\nlanguages: [zh-CN]\nstart: a\ngive_up: a\nnodes:\n  a: {kind: queue, queue: repair, topic: ''}\n"
)
