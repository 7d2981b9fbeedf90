"""What a caller meets at each kind of node, on a scripted line with scripted records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.flow import QueueState
from ivr.flow_file import read_flow, shipped_flow
from ivr.line import NOT_UNDERSTOOD, Enqueue, Finish, Heard
from ivr.operations import Answer
from ivr.saying import file_of
from tests.unit.ivr.scripted_line import CALLER, ScriptedEar, ScriptedLine, ScriptedRecords, walked

SHIPPED = shipped_flow()
HEAD = "name: t\nlanguages: [zh-CN, en]\nstart: a\ngive_up: agent\n"
AGENT = "  agent: {kind: queue, queue: repair, topic: repair}\n"


def flow(nodes: str, rest: str = ""):
    return read_flow(f"{HEAD}nodes:\n{nodes}{AGENT}{rest}")


def at_night(**facts: str):
    return replace(CALLER, open=False, facts=facts)


RIGHT = Answer(result="right")
CASE = Answer(
    result="found", facts={"case_number": "42", "case_state": "state-parts", "case_due": "2026-11-30", "vin": "SECRET"}
)


async def test_at_night_an_owner_hears_the_state_of_the_own_case_after_proving_who_it_is():
    records = ScriptedRecords({"identify": RIGHT, "case_state": CASE})
    line = ScriptedLine("6", "1", "30618", "1", "hang up")
    result, nodes, _ = await walked(SHIPPED, line, caller=at_night(), records=records)
    assert nodes[-5:] == ["own-case", "own-case-told", "own-case-date", "own-case-due", "own"]
    assert ("zh-CN", "state-parts") in line.heard
    assert ("zh-CN", "digit-4") in line.heard
    assert records.asked[0] == ("identify", {"proof": "30618", "node": "identify"})
    assert isinstance(result, Finish)
    assert result.walked is not None
    assert result.walked.hung_up


async def test_what_is_keyed_for_a_proof_is_told_to_nobody_but_the_records():
    records = ScriptedRecords({"identify": Answer(result="wrong")})
    result, _, told = await walked(SHIPPED, ScriptedLine("6", "1", "30618"), caller=at_night(), records=records)
    assert ("proof", "keyed") in told
    assert "30618" not in repr(result)
    assert all("30618" not in key for _, key in told)


async def test_who_cannot_prove_it_hears_nothing_of_the_case():
    records = ScriptedRecords({"identify": Answer(result="no_more"), "case_state": CASE})
    line = ScriptedLine("6", "1", "30618")
    result, nodes, _ = await walked(SHIPPED, line, caller=at_night(), records=records)
    assert [name for name, _ in records.asked] == ["identify"]
    assert "own-case" not in nodes
    assert result.outcome == "out_of_hours"


async def test_with_the_records_away_the_caller_is_told_so_and_reaches_a_person():
    records = ScriptedRecords({"identify": RuntimeError("the database is away")})
    line = ScriptedLine("6", "1", "30618")
    result, nodes, _ = await walked(SHIPPED, line, records=records)
    assert "sorry" in nodes
    assert isinstance(result, Enqueue)


async def test_a_rescue_call_is_put_through_at_once_while_an_agent_is_ready_and_its_case_is_open_before():
    records = ScriptedRecords({"open_rescue": Answer(result="opened")})
    result, nodes, _ = await walked(
        SHIPPED, ScriptedLine("5"), records=records, queues={"rescue": QueueState(waiting=0, ready=2)}
    )
    assert nodes[-3:] == ["rescue-first", "rescue-case", "rescue"]
    assert records.asked == [("open_rescue", {"road": "", "kilometre": "", "node": "rescue-case"})]
    assert isinstance(result, Enqueue)
    assert result.queue == "rescue"


async def test_while_all_rescue_agents_talk_road_and_kilometre_are_asked_and_noted():
    opened = Answer(result="opened", facts={"station": "station-0431-1", "station_kilometres": "12.5"})
    records = ScriptedRecords({"position_link": Answer(result="sent"), "open_rescue": opened})
    line = ScriptedLine("5", "102", "57")
    result, _, _ = await walked(
        SHIPPED, line, records=records, queues={"rescue": QueueState(waiting=1, ready=0, wait=90.0)}
    )
    assert records.asked[1] == ("open_rescue", {"road": "102", "kilometre": "57", "node": "rescue-placed"})
    assert ("zh-CN", "station-0431-1") in line.heard
    assert isinstance(result, Enqueue)
    assert result.queue == "rescue"


@pytest.mark.parametrize("answers", [("6", "4", "13900139000"), ("6", "4", "")])
async def test_a_call_back_is_booked_for_a_keyed_number_or_the_callers_own(answers):
    records = ScriptedRecords({"book_callback": Answer(result="booked", facts={"callback_number": answers[2]})})
    result, _, _ = await walked(SHIPPED, ScriptedLine(*answers), caller=at_night(), records=records)
    assert records.asked[0][1]["callback_number"] == answers[2]
    assert isinstance(result, Finish)
    assert result.outcome == "callback"


async def test_a_call_back_that_is_refused_leads_to_a_person():
    records = ScriptedRecords({"book_callback": Answer(result="refused")})
    result, nodes, _ = await walked(SHIPPED, ScriptedLine("6", "4", "110"), records=records)
    assert "callback-refused" in nodes
    assert isinstance(result, Enqueue)


async def test_the_language_is_changed_in_self_service_and_worth_remembering():
    line = ScriptedLine("6", "7", "2")
    result, _, _ = await walked(SHIPPED, line, caller=at_night())
    assert (result.language, result.language_chosen) == ("en", True)
    assert ("en", file_of(SHIPPED.texts["en"]["self-menu"])) in line.heard


async def test_a_spoken_wish_leads_where_its_key_leads():
    line = ScriptedEar(Heard(words="我要 修车", confidence=0.9))
    result, _, told = await walked(SHIPPED, line)
    assert isinstance(result, Enqueue)
    assert result.queue == "repair"
    assert told == [("main", "said")]


async def test_a_doubtful_wish_is_asked_about_and_taken_only_if_confirmed():
    doubtful = Heard(words="救援", confidence=0.4)
    for answer, queue in (("1", "rescue"), (Heard(words="是的", confidence=0.9), "rescue"), ("2", "enquiry")):
        line = ScriptedEar(doubtful, answer)
        result, _, _ = await walked(SHIPPED, line)
        assert ("zh-CN", file_of(SHIPPED.texts["zh-CN"]["confirm-rescue"])) in line.heard
        assert isinstance(result, Enqueue)
        assert result.queue == queue


async def test_a_denial_is_not_taken_for_consent():
    line = ScriptedEar(Heard(words="救援", confidence=0.4), Heard(words="不是", confidence=0.9))
    result, _, _ = await walked(SHIPPED, line)
    assert isinstance(result, Enqueue)
    assert result.queue == "enquiry"


ASKS = """
  a:
    kind: ask
    fact: area
    prompts: [menu]
    words: {zh-CN: {"0431": [长春], "024": [沈阳]}}
    confirm: [menu, {fact: area}]
    by_key: %s
    digits: %s
    say: digits
    then: agent
    give_up: end
  end: {kind: end, outcome: menu_only}
"""


@pytest.mark.parametrize(
    ("line", "by_key", "digits", "end"),
    [
        (ScriptedEar(Heard(words="长春", confidence=0.9)), "[]", 0, "agent"),
        (ScriptedEar(Heard(words="长春", confidence=0.2), "1"), "[]", 0, "agent"),
        (ScriptedEar(Heard(words="长春", confidence=0.2), "2"), "[]", 0, "end"),
        (ScriptedEar(Heard(words="东京", confidence=0.9)), "[]", 0, "end"),
        (ScriptedLine("0431"), "[menu]", 4, "agent"),
        (ScriptedLine("0431"), "[]", 0, "end"),
    ],
)
async def test_a_question_by_voice_falls_back_to_keys_or_gives_up(line, by_key, digits, end):
    _, nodes, _ = await walked(flow(ASKS % (by_key, digits)), line)
    assert nodes[-1] == end


async def test_speech_that_nobody_understood_is_no_answer_to_a_free_question():
    free = flow("  a: {kind: ask, fact: wish, prompts: [menu], then: agent, give_up: end}\n"
                "  end: {kind: end, outcome: menu_only}\n")  # fmt: skip
    _, nodes, _ = await walked(free, ScriptedEar(*[Heard(words=NOT_UNDERSTOOD, confidence=0.9)] * 3))
    assert nodes[-1] == "end"
    _, nodes, _ = await walked(free, ScriptedEar(Heard(words="我要报修", confidence=0.9)))
    assert nodes[-1] == "agent"


DECIDES = """
  a:
    kind: decide
    cases:
      - {when: {nuisance: ">= 5"}, then: short}
      - {when: {class: [vip, key_account]}, then: vip}
      - {when: {language: en, time: ">= 18:00"}, then: evening}
      - {when: {queue.repair.waiting: "> 9", queue.repair.wait: ">= 300"}, then: busy}
    otherwise: agent
  short: {kind: end, outcome: menu_only, prompts: [goodbye]}
  vip: {kind: queue, queue: vip, topic: vip, priority: 5, tags: ["dealer:7"]}
  evening: {kind: message}
  busy: {kind: message}
"""


@pytest.mark.parametrize(
    ("facts", "language", "repair", "end"),
    [
        ({"nuisance": "12"}, "zh-CN", None, "short"),
        ({"nuisance": "4"}, "zh-CN", None, "agent"),
        ({"class": "vip"}, "zh-CN", None, "vip"),
        ({"time": "18:30"}, "en", None, "evening"),
        ({"time": "09:00"}, "en", None, "agent"),
        ({"time": "18:30"}, "zh-CN", None, "agent"),
        ({}, "zh-CN", QueueState(waiting=10, ready=0, wait=400.0), "busy"),
        ({}, "zh-CN", QueueState(waiting=10, ready=0), "agent"),
    ],
)
async def test_the_first_case_that_holds_is_the_way(facts, language, repair, end):
    caller = replace(CALLER, facts=facts, language=language)
    queues = {"repair": repair} if repair else {}
    _, nodes, _ = await walked(flow(DECIDES), ScriptedLine(), caller=caller, queues=queues)
    assert nodes[-1] == end


async def test_skill_tags_and_priority_travel_with_the_caller():
    result, _, _ = await walked(flow(DECIDES), ScriptedLine(), caller=replace(CALLER, facts={"class": "vip"}))
    assert isinstance(result, Enqueue)
    assert (result.queue, result.tags, result.priority) == ("vip", ("dealer:7",), 5)


CONSENT = """
  a: {kind: consent, purpose: news, prompts: [menu], yes: agent, no: survey, unavailable: agent}
  survey:
    kind: survey
    questions: [{id: friendly, prompts: [menu]}, {id: solved, prompts: [menu], most: 3}]
    then: agent
"""


async def test_consent_is_recorded_as_it_was_given_and_silence_is_neither():
    noted = {"record_consent": Answer(result="noted")}
    for keys, recorded in (("1", ["yes"]), ("2", ["no"]), ("", []), ("9", [])):
        records = ScriptedRecords(noted)
        await walked(flow(CONSENT), ScriptedLine(keys), records=records)
        assert [facts["consent"] for name, facts in records.asked if name == "record_consent"] == recorded


async def test_a_survey_keeps_each_answer_and_passes_over_what_is_none():
    records = ScriptedRecords({"record_consent": Answer(result="noted"), "survey_answer": Answer(result="kept")})
    await walked(flow(CONSENT), ScriptedLine("2", "5", "4"), records=records)
    kept = [(facts["question"], facts["score"]) for name, facts in records.asked if name == "survey_answer"]
    assert kept == [("friendly", "5")]  # 4 is more than the second question allows


async def test_two_operations_in_a_row_leave_nobody_in_silence():
    two = """
  a: {kind: do, operation: position_link, ways: {sent: b, not_sent: b, unavailable: b}}
  b: {kind: do, operation: stop_calls, ways: {stopped: agent, unavailable: agent}}
"""
    line = ScriptedLine()
    await walked(flow(two), line)
    assert line.heard == [("zh-CN", "hold-on")]


async def test_a_text_that_lacks_in_english_is_said_in_the_first_language():
    only_chinese = flow("  a: {kind: say, prompts: [hello], then: agent}\n", "texts: {zh-CN: {hello: 您好}}\n")
    line = ScriptedLine()
    await walked(only_chinese, line, caller=replace(CALLER, language="en"))
    assert line.heard == [("en", file_of("您好"))]


async def test_every_node_is_kept_with_the_answer_that_led_there():
    result, _, _ = await walked(SHIPPED, ScriptedLine("8", "4"))
    assert result.walked is not None
    visits = [(visit.node, visit.by) for visit in result.walked.visits]
    assert visits[:4] == [("greeting", ""), ("language", ""), ("notice", ""), ("hours", "")]
    assert visits[-1] == ("repair", "4")
    assert [visit.at for visit in result.walked.visits] == sorted(visit.at for visit in result.walked.visits)
    assert (result.walked.flow, result.walked.version, result.walked.hung_up) == ("main", 0, False)
