"""What an audit entry keeps of a change: the fields that differ, readable again, never too long to be read."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm_core.access.audit_detail import LEFT_OUT, LONGEST, changed, noting, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
STATES = st.dictionaries(st.sampled_from("abcdef"), VALUES, max_size=6)


def test_only_what_differs_is_kept_with_what_stood_there_before():
    told = read(changed({"name": "维修", "priority": 1}, {"name": "维修", "priority": 3, "skill": "repair"}, version=4))
    assert told.changed == {"priority": (1, 3), "skill": (None, "repair")}
    assert told.facts == {"version": 4}


def test_of_a_calendar_only_the_days_that_differ_are_kept():
    first, second = {"day": "2026-10-01"}, {"day": "2026-10-02"}
    told = read(changed({"days": [first]}, {"days": [first, second]}))
    assert told.changed == {"days": ([], [second])}


def test_a_day_is_kept_as_it_is_written_and_what_is_empty_is_not_kept():
    assert read(noting(until=date(2026, 12, 1), reason="", rows=0)).facts == {"until": "2026-12-01", "rows": 0}


def test_a_detail_that_is_no_change_is_its_text():
    for text in ("", "王磊", "{half", "[1, 2]", '{"changed": 7}', '{"changed": {"a": [1]}}'):
        assert read(text).text == text


@given(STATES, STATES)
def test_what_was_written_is_read_again(before, after):
    told = read(changed(before, after)).changed
    differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {*told} == differing


@given(st.dictionaries(st.text(max_size=5), st.text(min_size=200, max_size=3000), min_size=1, max_size=8))
def test_a_long_change_still_names_its_fields_and_fits(after: dict[str, str]):
    text = changed({}, after)
    assert len(text) <= LONGEST
    told = read(text)
    assert {*told.changed} == {*after}
    assert all(new in (after[name], LEFT_OUT) for name, (_, new) in told.changed.items())
