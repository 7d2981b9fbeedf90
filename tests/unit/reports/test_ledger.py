"""Each contact of a day stands in one place of the equation, and what does not agree is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.history.events import Outcome
from crm_core.ledger.outside import CallLog, LoggedCall, LoggedTalk, SoundFile
from reports.ledger import check, compare_counts, sums
from reports.ledger_agents import agent_sums, check_agents, signed_in
from reports.ledger_attempts import NEVER_CALLED, NOT_REACHED, REACHED, RESULTS, attempt_sums, check_attempts
from reports.ledger_outside import check_log, check_sounds
from reports.ledger_rows import (
    GROUPS,
    AgentLegRow,
    AttemptRow,
    ContactRow,
    Group,
    Kind,
    LedgerDay,
    LegRow,
    RecordingRow,
    StintRow,
    VisitRow,
)
from reports.metrics import QueueCounts
from reports.tallies import AgentFigures

EIGHT = 28_800.0
HOUR = 3_600.0


def contact(
    outcome: str | None = "answered", *, name: str = "c1", inbound: bool = True, seconds: float = 60
) -> ContactRow:
    ended = None if outcome is None else EIGHT + seconds
    return ContactRow(id=name, inbound=inbound, started=EIGHT, ended=ended, outcome=outcome)


def visit(result: str | None = "answered", wait: float = 10.0, **changed: object) -> VisitRow:
    row = VisitRow(
        id=1, contact="c1", queue="repair", entered=EIGHT + 5, left=EIGHT + 5 + wait, wait=wait, result=result
    )
    return replace(row, **changed)  # type: ignore[arg-type]


def leg(**changed: object) -> LegRow:
    row = LegRow(id="c1-1", contact="c1", agent="1018", offered=EIGHT + 12, answered=EIGHT + 15, ended=EIGHT + 59)
    return replace(row, **changed)  # type: ignore[arg-type]


def day(*contacts: ContactRow, **parts: object) -> LedgerDay:
    whole = LedgerDay(start=0.0, end=24 * HOUR, now=EIGHT + HOUR, contacts=contacts, short_seconds={"repair": 5.0})
    return replace(whole, **parts)  # type: ignore[arg-type]


def kinds(found: object) -> list[str]:
    return [str(one.kind) for one in found]  # type: ignore[attr-defined]


def answered_day(**parts: object) -> LedgerDay:
    return day(contact(), **{"visits": (visit(),), "legs": (leg(),), **parts})


def test_a_day_that_agrees_has_no_finding():
    assert check(answered_day()) == []


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([*Outcome, None])), max_size=40))
def test_offered_is_the_sum_of_the_outcomes_whatever_happened(told: list[tuple[bool, Outcome | None]]):
    rows = [contact(word, name=f"c{i}", inbound=inbound) for i, (inbound, word) in enumerate(told)]
    total = sums(day(*rows))
    assert total.offered == sum(total.groups.values()) == sum(inbound for inbound, _ in told)
    assert total.outbound == sum(total.outbound_groups.values())


def test_every_outcome_has_one_place():
    assert set(GROUPS) == set(Outcome)


@pytest.mark.parametrize(("wait", "group"), [(4.9, Group.SHORT_ABANDON), (5.0, Group.ABANDONED)])
def test_who_hangs_up_before_the_queues_own_seconds_is_a_short_abandon(wait: float, group: Group):
    told = day(contact("abandoned"), visits=(visit("abandoned", wait),))
    assert sums(told).groups == {str(group): 1}
    assert check(told) == []


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (day(contact("abandoned"), visits=(visit("abandoned"),), legs=(leg(),)), Kind.TALK_NOT_COUNTED),
        (day(contact("answered"), visits=(visit(),)), Kind.ANSWER_WITHOUT_TALK),
        (day(contact("abandoned")), Kind.ABANDON_WITHOUT_QUEUE),
        (day(contact("vanished")), Kind.NO_OUTCOME),
        (day(contact("reached"), legs=(leg(),)), Kind.WRONG_DIRECTION),
        (answered_day(legs=(leg(ended=EIGHT + 99),)), Kind.PART_OUTSIDE),
        (answered_day(visits=(visit(entered=EIGHT - 30),)), Kind.PART_OUTSIDE),
        (answered_day(legs=(leg(ended=None),)), Kind.PART_OPEN),
        (answered_day(visits=(visit(), visit(id=2, entered=EIGHT + 7, left=EIGHT + 20))), Kind.VISITS_OVERLAP),
    ],
)
def test_what_cannot_be_is_named(told: LedgerDay, kind: Kind):
    assert str(kind) in kinds(check(told))


def test_a_call_that_lives_is_open_and_no_finding_but_one_of_nine_hours_is():
    living = day(contact(None))
    assert (kinds(check(living)), sums(living).groups) == ([], {"open": 1})
    assert kinds(check(replace(living, now=EIGHT + 9 * HOUR))) == ["no_outcome"]


def test_an_agent_talks_with_one_customer_at_a_time():
    both = (leg(), leg(id="c2-1", contact="c2", answered=EIGHT + 40, ended=EIGHT + 70))
    assert kinds(check(day(contact(), contact(name="c2", seconds=80), legs=both))) == ["talks_overlap"]


def stint(state: str, began: float, ended: float | None, *, out: bool | None = False) -> StintRow:
    return StintRow(
        agent="1018", state=state, began=EIGHT + began, ended=None if ended is None else EIGHT + ended, signed_out=out
    )


@pytest.mark.parametrize(
    ("stints", "found"),
    [
        ((stint("ready", 0, 60), stint("talking", 60, None)), []),
        ((stint("ready", 0, 60, out=True), stint("ready", 600, None)), []),  # signed out for lunch
        ((stint("ready", 0, 60), stint("ready", 600, None)), ["stint_gap"]),
        ((stint("ready", 0, 60, out=None), stint("ready", 600, None)), []),  # an old row, which does not say
        ((stint("ready", 0, 60), stint("talking", 30, None)), ["stints_overlap"]),
        ((stint("ready", 0, None), stint("talking", 30, None)), ["stints_overlap"]),
    ],
)
def test_between_sign_in_and_sign_out_an_agent_is_in_one_state(stints: tuple[StintRow, ...], found: list[str]):
    assert kinds(check(day(stints=stints))) == found


def logged(**changed: object) -> LoggedCall:
    talk = LoggedTalk(leg="c1-1", agent="1018", began=EIGHT + 15.2)
    call = LoggedCall(call="c1", inbound=True, started=EIGHT + 0.1, ended=EIGHT + 60.2, talks=(talk,))
    return replace(call, **changed)  # type: ignore[arg-type]


def log(*calls: LoggedCall) -> CallLog:
    return CallLog(calls={call.call: call for call in calls}, first=1.0, last=EIGHT + HOUR)


def test_a_day_that_asterisk_tells_alike_has_no_finding():
    assert check_log(answered_day(), log(logged())) == []


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (log(logged(), logged(call="c9", talks=())), ["missing_here"]),
        (log(), ["missing_there"]),
        (log(logged(ended=EIGHT + 63)), ["times_differ"]),
        (log(logged(talks=(LoggedTalk(leg="c1-1", agent="1018", began=EIGHT + 18),))), ["times_differ"]),
        (log(logged(talks=())), ["talk_missing_there"]),
        (
            log(logged(talks=(*logged().talks, LoggedTalk(leg="c1-2", agent="1019", began=EIGHT + 40)))),
            ["talk_missing_here"],
        ),
        (CallLog(), []),  # no log: nothing is said of it
        (CallLog(calls={}, first=EIGHT + 10, last=EIGHT + HOUR), []),  # begins after the call
    ],
)
def test_each_call_is_compared_with_asterisks_log(told: CallLog, found: list[str]):
    assert kinds(check_log(answered_day(), told)) == found


def test_a_call_that_began_moments_ago_is_looked_at_next_time():
    soon = replace(answered_day(), contacts=(), visits=(), legs=(), now=EIGHT + 20)
    assert check_log(soon, log(logged())) == []


def test_a_call_of_the_log_that_our_history_has_on_another_day_is_no_finding():
    elsewhere = replace(answered_day(), contacts=(), others=(contact(),))
    assert check_log(elsewhere, log(logged())) == []


def test_a_contact_that_stayed_open_though_asterisk_ended_it_is_named_with_the_end():
    found = check_log(day(contact(None)), log(logged(talks=())))
    assert [(str(one.kind), one.detail["logged_end"]) for one in found] == [("no_outcome", EIGHT + 60.2)]


def recording(status: str = "ready") -> RecordingRow:
    return RecordingRow(leg="c1-1", contact="c1", file="19700101/c1-1.flac", status=status)


KEPT = {"19700101/c1-1"}
SOUND = SoundFile(leg="c1-1", file="19700101/c1-1.flac", size=1_000, written=EIGHT + 61)


@pytest.mark.parametrize(
    ("rows", "files", "found"),
    [
        ((recording(),), KEPT, []),
        ((), KEPT, ["not_recorded"]),
        ((recording(),), set(), ["recording_lost"]),
        ((recording("missing"),), set(), ["recording_lost"]),
        ((recording("cut"),), KEPT, ["recording_cut"]),
        ((recording("recording"),), set(), []),  # being finished
        ((recording("deleted"),), set(), []),  # its time was over
    ],
)
def test_each_talk_has_its_recording_and_each_recording_its_file(
    rows: tuple[RecordingRow, ...], files: set[str], found: list[str]
):
    assert kinds(check_sounds(answered_day(recordings=rows), log(logged()), files, [])) == found


def test_of_a_talk_that_asterisks_log_does_not_know_no_recording_is_missed():
    assert check_sounds(answered_day(), CallLog(), set(), []) == []


def test_a_sound_that_no_row_tells_of_is_named_unless_it_is_empty():
    stray = replace(SOUND, leg="c7-1", file="19700101/c7-1.raw")
    kept = answered_day(recordings=(recording(),))
    found = check_sounds(kept, log(logged()), KEPT, [stray, replace(stray, leg="c8-1", size=0)])
    assert [(str(one.kind), one.subject, one.contact) for one in found] == [("sound_unknown", "c7-1", "c7")]


def test_a_board_that_counts_otherwise_than_the_rows_is_named_with_the_figure():
    rows = {"repair": QueueCounts(offered=3, answered=3, answer_wait=30.000_001)}
    alike = {"repair": QueueCounts(offered=3, answered=3, answer_wait=30.0)}
    board = {"repair": QueueCounts(offered=3, answered=2, answer_wait=30.0)}
    assert compare_counts(rows, alike, alike)[1] == []
    table, found = compare_counts(rows, alike, board)
    assert found[0].detail == {"figures": {"answered": [3, 3, 2]}}
    assert table["repair"]["offered"] == (3, 3, 3)


def attempt(result: str = "answered", **changed: object) -> AttemptRow:
    row = AttemptRow(call="ob-1-2-1", placed=EIGHT, ended=EIGHT + 60, result=result)
    return replace(row, **changed)  # type: ignore[arg-type]


def campaign_day(result: str, outcome: str | None, **parts: object) -> LedgerDay:
    call = contact(outcome, name="ob-1-2-1", inbound=False)
    talk = leg(id="ob-1-2-1-1", contact="ob-1-2-1")
    legs = (talk,) if result == "answered" else ()
    return day(call, **{"attempts": (attempt(result),), "legs": legs, **parts})


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        *((result, "reached") for result in sorted(REACHED)),
        *((result, "not_reached") for result in sorted(NOT_REACHED | NEVER_CALLED)),
        *((result, "lost") for result in sorted(RESULTS)),  # nobody saw it end
        ("unsettled", "reached"),
        ("", None),  # under way
    ],
)
def test_a_campaigns_attempt_that_its_call_bears_out_is_no_finding(result: str, outcome: str | None):
    assert check_attempts(campaign_day(result, outcome)) == []


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (campaign_day("", "reached"), ["attempt_no_result"]),
        (campaign_day("", None, now=EIGHT + 9 * HOUR), ["attempt_no_result"]),
        (campaign_day("vanished", "reached"), ["attempt_no_result"]),
        (campaign_day("no_answer", "reached"), ["attempt_differs"]),
        (campaign_day("dropped", "not_reached"), ["attempt_differs"]),
        (campaign_day("withdrawn", "reached"), ["attempt_differs"]),
        (campaign_day("answered", "reached", legs=()), ["attempt_differs"]),  # no agent talked
        (campaign_day("busy", "not_reached", contacts=()), ["attempt_no_call"]),
        (campaign_day("not_placed", "not_reached", contacts=()), []),
        (campaign_day("busy", "not_reached", attempts=()), ["call_no_attempt"]),
    ],
)
def test_each_attempt_of_a_campaign_has_one_result_and_its_call(told: LedgerDay, found: list[str]):
    assert kinds(check_attempts(told)) == found


@given(st.lists(st.sampled_from([*sorted(RESULTS), "", "vanished"]), max_size=40))
def test_attempts_are_the_sum_of_their_results(results: list[str]):
    told = attempt_sums(tuple(attempt(word, call=f"ob-1-{n}-1") for n, word in enumerate(results)))
    assert sum(told.values()) == len(results)
    assert told.get("open", 0) == results.count("") + results.count("vanished")


SHIFT = (
    stint("ready", 0, 60),
    stint("ringing", 60, 66),
    stint("talking", 66, 100),
    stint("hold", 100, 110),
    stint("wrap_up", 110, 140, out=True),
    stint("break", 500, 800),
    stint("ready", 800, None),
)
TALK = AgentLegRow(agent="1018", offered=EIGHT + 60, answered=EIGHT + 66, ended=EIGHT + 110, result="answered")
TOLD = AgentFigures(
    ready=60.0 + HOUR - 800, ringing=6.0, talking=34.0, hold=10.0, wrap_up=30.0, pause=300.0, offered=1, handled=1
)


def test_an_agents_states_make_the_time_signed_in_and_the_report_tells_the_same():
    told = day(stints=SHIFT, agent_legs=(TALK,))
    table, lost, differing = check_agents(told, {"1018": TOLD})
    assert (lost, differing) == ([], [])
    assert table["1018"]["signed_in"] == (140 + HOUR - 500, 140 + HOUR - 500)
    assert table["1018"]["handled"] == (1, 1)


def test_a_state_that_nobody_counts_is_time_that_an_agents_figures_lack():
    odd = (stint("ready", 0, 60), stint("elsewhere", 60, 90), stint("ready", 90, 120, out=True))
    _, lost, _ = check_agents(day(stints=odd), {"1018": AgentFigures(ready=90.0)})
    assert [(str(one.kind), one.detail["seconds"]) for one in lost] == [("agent_time_lost", [120.0, 90.0])]


@pytest.mark.parametrize("wrong", [{"talking": 40.0}, {"handled": 2}, {"offered": 0}])
def test_a_report_that_tells_another_time_or_talk_of_an_agent_is_named_with_the_figure(wrong: dict[str, float]):
    told = day(stints=SHIFT, agent_legs=(TALK,))
    _, _, differing = check_agents(told, {"1018": replace(TOLD, **wrong)})  # type: ignore[arg-type]
    assert [(str(one.kind), set(one.detail["agent_figures"])) for one in differing] == [
        ("agent_sums_differ", set(wrong))
    ]


def test_a_state_over_midnight_counts_in_each_day_for_its_part():
    night = (StintRow(agent="1018", state="ready", began=-600.0, ended=300.0, signed_out=True),)
    assert agent_sums(day(stints=night))["1018"].ready == 300.0
    assert signed_in(night, 0.0, 24 * HOUR) == {"1018": 300.0}
