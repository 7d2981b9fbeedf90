"""What a histogram of waits answers is what the waits themselves would have answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reports.wait_histogram import WaitHistogram

SECOND = 1_000_000
waits = st.one_of(
    st.integers(0, 700 * SECOND),
    st.integers(0, 700).map(lambda seconds: seconds * SECOND),
    st.tuples(st.integers(1, 700), st.sampled_from((-1, 1))).map(lambda one: one[0] * SECOND + one[1]),
)


@given(st.lists(waits), st.integers(0, 701), st.integers(0, 701))
def test_every_threshold_can_be_asked_afterwards(waited: list[int], service: int, short: int) -> None:
    histogram = WaitHistogram.of(waited)
    assert histogram.within(service) == sum(wait <= service * SECOND for wait in waited)
    shorter = [wait for wait in waited if wait < short * SECOND]
    assert histogram.under(short) == (len(shorter), sum(shorter))
    assert (histogram.count, histogram.spent) == (len(waited), sum(waited))


@given(st.lists(waits), st.lists(waits))
def test_histograms_of_two_quarters_make_the_histogram_of_both(one: list[int], other: list[int]) -> None:
    both = WaitHistogram.of(one)
    both.add(WaitHistogram.of(other))
    assert both == WaitHistogram.of(one + other)
    assert WaitHistogram.read(both.written()) == both
    assert both.written() == WaitHistogram.of(reversed(other + one)).written()


def test_a_wait_exactly_on_the_second_is_within_it_and_not_under_it() -> None:
    histogram = WaitHistogram.of([20 * SECOND])
    assert (histogram.within(20), histogram.within(19)) == (1, 0)
    assert (histogram.under(20), histogram.under(21)) == ((0, 0), (1, 20 * SECOND))
