"""A scorecard as a page shows it: own figures beside the network's, month by month, with the bars of a chart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agent_desktop import formats
from crm_core.dealers.scorecard import BY_WORD, MEASURES, Measure, Month, Tally, total

WIDTH, HEIGHT, GROUND = 640, 200, 170


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure in one month. `worse` = clearly behind the network."""

    measure: Measure
    own: Tally
    network: Tally

    @property
    def worse(self) -> bool:
        own, network = self.own.value, self.network.value
        return own is not None and network is not None and (own - network) * self.measure.better < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    own: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`twin` holds the same figures for the table beneath."""

    measure: Measure
    bars: Sequence[Bar]
    labels: Sequence[tuple[float, str]]
    twin: Sequence[tuple[Month, Tally, Tally]]


ByMonth = Mapping[str, Mapping[int, Mapping[str, Tally]]]


def lines_of(found: ByMonth, month: Month, dealers: Collection[int]) -> list[Line]:
    """Every measure of a month, of the dealers shown and of all."""
    lines = []
    for measure in MEASURES:
        by_dealer = found.get(measure.word, {})
        own = [months.get(month.word, Tally()) for dealer, months in by_dealer.items() if dealer in dealers]
        every = [months.get(month.word, Tally()) for months in by_dealer.values()]
        lines.append(Line(measure=measure, own=total(own), network=total(every)))
    return lines


def chart_of(found: ByMonth, word: str, months: Sequence[Month], dealers: Collection[int]) -> Chart:
    """One measure over the months; the longest bar fills the height."""
    measure = BY_WORD.get(word, MEASURES[0])
    twin = []
    for month in months:
        line = next(one for one in lines_of(found, month, dealers) if one.measure is measure)
        twin.append((month, line.own, line.network))
    highest = max((value for _, *pair in twin for tally in pair if (value := tally.value) is not None), default=0.0)
    step = WIDTH / max(1, len(months))
    bars: list[Bar] = []
    for place, (_, own, network) in enumerate(twin):
        for offset, tally, is_own in ((0.18, own, True), (0.5, network, False)):
            bars += _bar(place * step + offset * step, step * 0.3, tally, highest, measure, own=is_own)
    labels = [(place * step + step / 2, month.word[2:]) for place, month in enumerate(months)]
    return Chart(measure=measure, bars=bars, labels=labels, twin=twin)


def _bar(x: float, width: float, tally: Tally, highest: float, measure: Measure, *, own: bool) -> list[Bar]:
    value = tally.value
    if value is None:
        return []
    height = round((GROUND - 24) * value / highest, 1) if highest else 0.0
    text = written(value, measure)
    return [Bar(x=round(x, 1), y=round(GROUND - height, 1), width=round(width, 1), height=height, own=own, text=text)]


def written(value: float | None, measure: Measure) -> str:
    """The figure in its unit; a dash when there was nothing to measure."""
    if value is None:
        return "—"
    return formats.rate(value) if measure.unit == "rate" else f"{value:.1f}"


def amount(value: float) -> str:
    """A numerator: whole numbers without a point."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
