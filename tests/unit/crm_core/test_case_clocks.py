"""The clocks of cases: working time, cells, what is told when, and what the words propose. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.cases import defaults
from crm_core.cases.alarms import alarms_of, due_now, next_time
from crm_core.cases.assignment import AssignmentRule, Facts, first_fit
from crm_core.cases.clocks import DAY, add_time, cell_colour, cells_used, open_time
from crm_core.cases.forms import Choice, FieldType, FormField, checked
from crm_core.cases.levels import Level, propose
from crm_core.cases.radar import Titled, word_groups
from crm_core.cases.rescue import RESCUE_TABLE, IllegalRescueStep, RescueAct, RescueStage, after_rescue
from crm_core.cases.rule_checks import check
from crm_core.cases.rules import read_assignment, read_clocks, read_form, shipped
from crm_core.workforce.opening_hours import calendar_hours

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = [[510, 720], [780, 1050]]  # 08:30-12:00, 13:00-17:30
HOURS = calendar_hours(
    ZONE,
    [OFFICE] * 5 + [[], []],
    [(date(2026, 10, 1), "holiday", 0, []), (date(2026, 10, 10), "workday", 0, [])],
)


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (local("2026-07-13", "09:00"), 60, local("2026-07-13", "10:00")),
        (local("2026-07-13", "11:30"), 60, local("2026-07-13", "13:30")),  # over lunch
        (local("2026-07-17", "17:00"), 60, local("2026-07-20", "09:00")),  # over the weekend
        (local("2026-09-30", "17:00"), 60, local("2026-10-02", "09:00")),  # over a holiday
        (local("2026-10-09", "17:00"), 60, local("2026-10-10", "09:00")),  # into a swapped workday
    ],
)
def test_working_time_stands_at_lunch_on_weekends_and_holidays_but_not_on_swapped_workdays(start, minutes, end):
    assert add_time(start, minutes, HOURS) == end
    assert open_time(start, end, HOURS) == timedelta(minutes=minutes)


@given(st.integers(0, 60 * 24 * 30), st.integers(0, 9000))
def test_adding_working_time_and_measuring_it_agree(offset, minutes):
    start = local("2026-09-20", "00:00") + timedelta(minutes=offset)
    assert open_time(start, add_time(start, minutes, HOURS), HOURS) == timedelta(minutes=minutes)


def test_around_the_clock_is_plain_time():
    assert add_time(local("2026-07-17", "17:00"), 7 * DAY, None) == local("2026-07-24", "17:00")


def test_the_seven_cells_are_grey_to_the_fourth_yellow_from_the_fifth_and_red_when_over():
    began = local("2026-07-10", "09:12")
    due = began + timedelta(days=7)
    told = []
    for days in (0.1, 3.9, 4.1, 6.5, 7.1):
        now = began + timedelta(days=days)
        used = cells_used(began, due, now)
        told.append((used, cell_colour(used, due, now)))
    assert told == [(1, "calm"), (4, "calm"), (5, "late"), (7, "late"), (7, "over")]


def test_people_are_told_before_and_after_a_deadline_level_by_level_and_each_once():
    due = local("2026-07-20", "09:00")
    alarms = alarms_of("solve", due, remind=(1440, 240), escalate=(0, 240, 1440, 2880))
    assert next_time(alarms, due - timedelta(days=3)) == due - timedelta(days=1)
    late = due_now(alarms, [], due + timedelta(hours=5))
    assert [(one.kind, one.level) for one in late] == [("remind", 0), ("escalate", 0), ("escalate", 1)]
    assert due_now(alarms, [one.key for one in alarms], due + timedelta(days=9)) == []


def test_a_deadline_that_moved_rings_again():
    due = local("2026-07-20", "09:00")
    told = [one.key for one in alarms_of("solve", due, remind=(60,))]
    moved = alarms_of("solve", due + timedelta(days=1), remind=(60,))
    assert len(due_now(moved, told, due + timedelta(days=2))) == 1


@pytest.mark.parametrize(
    ("words", "level", "topic"),
    [
        ("高速上气囊弹出", Level.MAJOR, "airbag"),
        ("已经有记者联系我们", Level.MAJOR, "media"),
        ("客户称将向 12315 反映", Level.MAJOR, "authority"),
        ("The car caught fire in the garage", Level.MAJOR, "fire"),
        ("轻微追尾，无人员受伤", Level.NORMAL, ""),
        ("修了三次没有修好，冒烟", Level.MAJOR, "fire"),  # another clause denies something else
        ("nobody was injured", Level.NORMAL, ""),
        ("the issue is the pursuer of the bumper", Level.NORMAL, ""),  # "sue" inside a word
        ("空调不冷", Level.NORMAL, ""),
    ],
)
def test_danger_words_propose_the_level_major_with_the_reason_unless_denied(words, level, topic):
    proposal = propose([words], 1)
    assert proposal.level is level
    assert [reason.topic for reason in proposal.reasons] == ([topic] if topic else [])


def test_the_third_call_about_the_same_matter_proposes_to_escalate():
    assert propose(["充电中断"], 2).level is Level.NORMAL
    assert propose(["充电中断"], 3).level is Level.ESCALATED


def test_the_first_rule_that_fits_decides_and_brands_may_differ():
    rules = [
        AssignmentRule(name="骑士", kind="complaint", brand="骑士", owner="team:two"),
        AssignmentRule(name="VIP", customer_class="vip", words=("退车", "换车"), owner="person:2001"),
        AssignmentRule(name="rest"),
    ]
    assert first_fit(rules, Facts(kind="complaint", brand="骑士")).name == "骑士"
    assert first_fit(rules, Facts(kind="complaint", customer_class="vip", text="要求退车")).name == "VIP"
    assert first_fit(rules, Facts(kind="complaint", customer_class="vip", text="异响")).name == "rest"


FIELDS = (
    FormField(code="count", name_zh="数量", name_en="Count", type=FieldType.NUMBER),
    FormField(code="on", name_zh="日期", name_en="Date", type=FieldType.DATE),
    FormField(code="safe", name_zh="安全", name_en="Safe", type=FieldType.YES_NO, required=True),
    FormField(
        code="way",
        name_zh="方式",
        name_en="Way",
        type=FieldType.CHOICE,
        choices=(Choice(code="post", name_zh="邮寄", name_en="Post"),),
        sub_kind="manual",
    ),
)


def test_entries_are_checked_by_type_and_the_required_one_is_named():
    values, problems = checked(FIELDS, "manual", {"count": "x", "on": "2026-13-01", "way": "pigeon"})
    assert values == {}
    assert [one.values["field"] for one in problems] == ["field.count", "field.on", "field.safe", "field.way"]


def test_only_the_fields_of_the_sub_kind_are_kept_and_a_nul_is_dropped():
    values, problems = checked(FIELDS, "other", {"count": "3", "safe": "yes", "way": "pigeon", "evil": "<script>"})
    assert (values, problems) == ({"count": 3, "safe": "yes"}, [])
    text = (FormField(code="note", name_zh="注", name_en="Note"),)
    assert checked(text, "", {"note": "a\0b" * 400})[0]["note"] == ("ab" * 400)[:500]


def test_titles_that_share_words_are_one_group_with_those_words():
    titles = ["新车三周车机黑屏两次", "车机黑屏，待升级", "行驶中车机黑屏", "天窗漏水", "天窗漏水，等配件", "底盘异响"]
    groups = word_groups([Titled(place, title) for place, title in enumerate(titles)], 2)
    assert [(group.words, group.cases) for group in groups] == [("车机黑屏", (0, 1, 2)), ("天窗漏水", (3, 4))]


def test_a_rescue_goes_its_way_and_a_station_that_cannot_go_gives_it_back():
    stage = RescueStage.DISPATCH
    way = (RescueAct.DISPATCH, RescueAct.DECLINE, RescueAct.DISPATCH, RescueAct.ACCEPT, RescueAct.UNDER_WAY)
    for act in (*way, RescueAct.ARRIVED, RescueAct.HELPED):
        stage = after_rescue(stage, act)
    assert stage is RescueStage.CONFIRM
    assert after_rescue(stage, RescueAct.CONFIRMED) is None


@pytest.mark.parametrize("stage", list(RescueStage))
def test_a_rescue_step_out_of_turn_is_refused(stage):
    for act in RescueAct:
        if (stage, act) not in RESCUE_TABLE:
            with pytest.raises(IllegalRescueStep):
                after_rescue(stage, act)


def test_the_shipped_rules_pass_their_own_checks_and_survive_being_kept_as_data():
    for kind, levels in defaults.CLOCKS.items():
        assert check(f"clock/{kind}", shipped(f"clock/{kind}"), calendars=()) == []
        assert read_clocks(shipped(f"clock/{kind}")) == levels
    for kind, fields in defaults.FORMS.items():
        assert check(f"form/{kind}", shipped(f"form/{kind}"), calendars=()) == []
        assert read_form(shipped(f"form/{kind}")) == fields
    for name in ("assignment", "levels", "general"):
        assert check(name, shipped(name), calendars=()) == []
    assert read_assignment(shipped("assignment")) == defaults.ASSIGNMENT


def test_rules_that_cannot_work_are_refused_field_by_field():
    clock = shipped("clock/complaint")
    clock["normal"] |= {"solve": -1, "respond_calendar": "mars", "pauses": {"coffee": 5}}
    fields = {one.values["field"] for one in check("clock/complaint", clock, calendars=["general"])}
    assert fields == {"normal.solve", "normal.respond_calendar", "normal.pause.coffee"}
    assert [
        one.values["field"]
        for one in check("general", {"zone": "../etc", "radar_days": 1, "radar_threshold": "x"}, calendars=())
    ] == [
        "zone",
        "radar_days",
        "radar_threshold",
    ]
    assert check("levels", {}, calendars=())
    assert check("nothing", {}, calendars=())
