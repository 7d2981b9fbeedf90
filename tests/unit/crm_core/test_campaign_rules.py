"""How a campaign calls, as pure rules: settings, windows, what follows each result, and which act is allowed when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.campaigns.detection import MEASURED, PARTS, detection_problems
from crm_core.campaigns.results import ALL_USED, NO_SUCH_NUMBER, after_attempt
from crm_core.campaigns.rules import (
    ACTS,
    DROPPED_REST,
    FIRST_SETTINGS,
    RETRIED,
    Retry,
    Settings,
    next_open,
    problems,
    settings_from,
    state_of,
    status_after,
)
from crm_core.errors import Refused

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
RESULTS = st.sampled_from([*RETRIED, "answered", "answered_by_voice", "not_placed", "withdrawn", "unsettled"])
MINUTES = st.integers(0, 1439)


def typed(**more: Any) -> dict[str, Any]:
    return {**state_of(FIRST_SETTINGS), **more}


@st.composite
def usable_detection(draw: st.DrawFn) -> tuple[int, ...]:
    numbers = [draw(st.integers(part.low, part.high)) for part in PARTS]
    total = max(numbers[0], numbers[1]) + 1
    return (*numbers[:3], draw(st.integers(max(total, PARTS[3].low), PARTS[3].high)), *numbers[4:])


@st.composite
def usable_settings(draw: st.DrawFn) -> Settings:
    edges = sorted(draw(st.lists(MINUTES, max_size=6, unique=True)))
    return Settings(
        abandon_limit_percent=draw(st.floats(0, 5)),
        most_lines=draw(st.integers(1, 500)),
        windows=tuple(zip(edges[::2], edges[1::2], strict=False)),
        retries={**FIRST_SETTINGS.retries, "busy": Retry(draw(st.integers(1, 600)), draw(st.integers(0, 10)))},
        most_attempts=draw(st.integers(1, 10)),
        detection=draw(usable_detection()),
    )


@given(usable_settings())
def test_what_is_saved_is_what_is_read(settings: Settings):
    assert problems(state_of(settings)) == []
    assert settings_from(state_of(settings)) == settings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("abandon_limit_percent", 5.1),
        ("abandon_limit_percent", -1),
        ("lines_per_agent", 0),
        ("most_lines", 0),
        ("most_lines", True),
        ("ring_seconds", 14),
        ("ring_seconds", "25"),
        ("most_attempts", 0),
        ("windows", [[600, 540]]),
        ("windows", [[540, 700], [660, 720]]),
        ("windows", [[0, 1441]]),
        ("windows", [["9", "10"]]),
        ("windows", [[5]]),
        ("language", "ko"),
    ],
)
def test_a_setting_that_cannot_be_used_names_its_field(field: str, value: object):
    assert [one.values["field"] for one in problems(typed(**{field: value}))] == [field]


def test_a_dropped_customer_rests_for_three_days_whatever_somebody_types():
    assert [one.values["field"] for one in problems(typed(retries={"dropped": [60, 1]}))] == ["retries_dropped"]


def test_an_abandon_limit_of_zero_is_a_setting_and_no_lines_is_none():
    assert problems(typed(abandon_limit_percent=0)) == []
    assert problems(typed(most_lines=0)) != []


@given(usable_settings(), st.integers(0, 366 * 1440).map(lambda minutes: NOON + timedelta(minutes=minutes)))
def test_the_next_opening_lies_in_a_window_and_none_lies_before_it(settings: Settings, at: datetime):
    opens = next_open(settings, at, ZONE)
    assert at <= opens < at + timedelta(days=1)
    assert is_open(settings, opens)
    assert opens == at or not is_open(settings, at)
    halfway = at + (opens - at) / 2
    assert at in (halfway, opens) or not is_open(settings, halfway)


def is_open(settings: Settings, at: datetime) -> bool:
    local = at.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    return not settings.windows or any(begin <= minute < end for begin, end in settings.windows)


@given(usable_settings(), st.lists(RESULTS, min_size=1, max_size=12), st.integers(0, 127))
def test_every_result_leads_somewhere_and_never_back_in_time(settings: Settings, results: list[str], cause: int):
    after = after_attempt(settings, results, cause=cause, at=NOON)
    assert after.state in ("waiting", "done", "exhausted", "unsettled")
    assert (after.due_at is not None) == (after.state == "waiting")
    assert after.due_at is None or after.due_at > NOON
    if results[-1] == "dropped" and after.due_at:
        assert after.due_at >= NOON + DROPPED_REST


@given(usable_settings(), st.lists(st.sampled_from(RETRIED), min_size=1, max_size=12))
def test_nobody_is_called_more_often_than_the_campaign_allows(settings: Settings, results: list[str]):
    after = after_attempt(settings, results, cause=0, at=NOON)
    if len(results) >= settings.most_attempts:
        assert (after.state, after.reason) == ("exhausted", ALL_USED)


def test_a_busy_customer_is_called_again_soon_and_a_number_that_does_not_exist_never():
    assert after_attempt(FIRST_SETTINGS, ["busy"], cause=17, at=NOON).due_at == NOON + timedelta(minutes=20)
    assert after_attempt(FIRST_SETTINGS, ["failed"], cause=1, at=NOON).reason == NO_SUCH_NUMBER


def test_a_call_that_never_reached_the_line_costs_the_customer_no_attempt():
    results = ["not_placed"] * 9 + ["no_answer"]
    assert after_attempt(FIRST_SETTINGS, results, cause=0, at=NOON).state == "waiting"


def test_a_line_that_does_not_work_is_tried_less_and_less_often():
    rests = [after_attempt(FIRST_SETTINGS, ["not_placed"] * tries, cause=0, at=NOON).due_at for tries in (1, 2, 9)]
    assert [(rest - NOON).total_seconds() / 60 for rest in rests if rest] == [1, 2, 32]


def test_what_nobody_knows_waits_for_a_person():
    assert after_attempt(FIRST_SETTINGS, ["unsettled"], cause=0, at=NOON).state == "unsettled"


@given(st.sampled_from(["draft", "sample", "running", "paused", "ended"]), st.sampled_from(["start", "pause", "end"]))
def test_an_act_leads_to_another_status_or_is_refused_in_words(status: str, act: str):
    if (status, act) in ACTS:
        assert status_after(status, act) != status
    else:
        with pytest.raises(Refused, match=r"\."):
            status_after(status, act)


@given(usable_detection(), st.data())
def test_machine_detection_is_given_nothing_beyond_its_bounds(good: tuple[int, ...], data: st.DataObject):
    assert detection_problems(good) == []
    place = data.draw(st.integers(0, len(PARTS) - 1))
    part = PARTS[place]
    outside = st.one_of(st.integers(max_value=part.low - 1), st.integers(part.high + 1), st.just("1500"), st.just(True))
    (wrong,) = detection_problems([*good[:place], data.draw(outside), *good[place + 1 :]])
    assert wrong.values["field"] == f"detection_{part.name}"


def test_who_listens_must_listen_longer_than_a_greeting_lasts():
    (wrong,) = detection_problems((2500, 6000, 500, 5000, 100, 50, 5, 256, 5000))
    assert wrong.values["field"] == "detection_total"
    assert detection_problems(MEASURED) == []
    assert detection_problems(MEASURED[:8])


def test_a_campaign_saved_before_it_could_choose_listens_as_was_measured():
    old = state_of(FIRST_SETTINGS)
    del old["detection"], old["detection_since"]
    assert settings_from(old).detection == MEASURED
