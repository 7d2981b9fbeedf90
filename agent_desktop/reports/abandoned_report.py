"""Callers who gave up, and what became of each: by queue or by interval, opened down to the calls."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent_desktop import formats
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.cells_of import (
    metric_column,
    metric_figure,
)
from agent_desktop.reports.choices import Choice, grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import form_of, period_word, span_cell
from agent_desktop.reports.sheet import (
    WHOLE,
    Chart,
    Column,
    Figure,
    Form,
    Kind,
    ReportTable,
    Row,
    Series,
    Sheet,
)
from agent_desktop.words import N_
from reports.abandoned import Fate, FateCounts, Followed, count, worth_calling
from reports.abandoned_queries import abandoned_calls
from reports.further_metrics import NEVER_HEARD, RECOVERED

FATES = {
    Fate.SOLVED: N_("Solved since"),
    Fate.REACHED: N_("In work since"),
    Fate.CALLED_BACK: N_("Called back"),
    Fate.WAITING: N_("Message or callback"),
    Fate.MISSED_AGAIN: N_("Missed again"),
    Fate.NEVER: N_("Never again"),
    Fate.OPEN: N_("Nothing yet"),
}
ABOUT = {
    Fate.SOLVED: N_("Called again within the time, was answered, and nothing of it is open."),
    Fate.REACHED: N_("Called again within the time and was answered; the case or the record is still open."),
    Fate.CALLED_BACK: N_("We called within the time and reached the customer."),
    Fate.WAITING: N_("Left a message or booked a callback within the time, and nobody spoke with them yet."),
    Fate.MISSED_AGAIN: N_("Called again or was called within the time, but nobody spoke with anybody."),
    Fate.NEVER: N_("No contact within the time."),
    Fate.OPEN: N_("No contact yet, and the time is not over."),
}
BY = grouped_by({"queue": N_("Queue"), "interval": N_("Interval")})
WITHIN = Choice(
    name="within",
    word=N_("Followed for"),
    options={"24": N_("24 hours"), "2": N_("2 hours"), "8": N_("8 hours"), "72": N_("3 days"), "168": N_("7 days")},
)
CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its key in the address, what stands at its head, its calls."""

    key: str
    head: object
    calls: Sequence[Followed]

    @property
    def counts(self) -> FateCounts:
        return count(self.calls)


async def followed_calls(look: ReportLook) -> list[Followed]:
    period, asked = look.asked.period, look.asked
    within = timedelta(hours=int(WITHIN.chosen(asked)))
    return await abandoned_calls(
        look.session, period.start, period.end, now=look.now, queues=asked.queues, within=within
    )


def grouped_lines(look: ReportLook, calls: Sequence[Followed]) -> list[Line]:
    if BY.chosen(look.asked) == "interval":
        spans = look.asked.period.spans()
        starts = [span.start for span in spans]
        groups: list[list[Followed]] = [[] for _ in spans]
        for one in calls:
            groups[bisect_right(starts, one.visit.entered_at) - 1].append(one)
        return [
            Line(str(int(span.start.timestamp())), span_cell(span, look.asked.period), own)
            for span, own in zip(spans, groups, strict=True)
            if own
        ]
    by_queue: dict[str, list[Followed]] = {}
    for one in calls:
        by_queue.setdefault(one.visit.queue, []).append(one)
    lines = [Line(queue, look.named.queue(queue), own) for queue, own in by_queue.items()]
    return sorted(lines, key=lambda line: (-len(line.calls), line.key))


async def abandoned_sheet(look: ReportLook) -> Sheet:
    calls = await followed_calls(look)
    lines = grouped_lines(look, calls)
    return Sheet(
        word=look.say(N_("Abandoned calls and what became of them")),
        period=period_word(look),
        figures=_figures(look, calls),
        chart=_chart(look, calls),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(line) for line in lines],
            totals=_row(Line(WHOLE, look.say(N_("Total")), calls)) if lines else None,
            empty=look.say(N_("Nobody gave up in this period. Choose other days, or more queues.")),
        ),
        told=look.say(N_("{count} callers, each can be opened"), count=formats.count(len(calls))),
    )


def _figures(look: ReportLook, calls: Sequence[Followed]) -> list[Figure]:
    counts, to_call = count(calls), worth_calling(calls)
    short = look.say(N_("of them {count} short ones"), count=formats.count(counts.short))
    solved = look.say(N_("{count} in work"), count=formats.count(counts.reached))
    return [
        Figure(key="abandoned", word=look.say(N_("Gave up")), value=counts.abandoned, note=short, opens="abandoned"),
        metric_figure(look, RECOVERED, RECOVERED.of(counts)),
        Figure(key="solved", word=look.say(FATES[Fate.SOLVED]), value=counts.solved, note=solved, opens=Fate.SOLVED),
        Figure(
            key=Fate.CALLED_BACK, word=look.say(FATES[Fate.CALLED_BACK]), value=counts.called_back,
            opens=Fate.CALLED_BACK,
        ),
        metric_figure(look, NEVER_HEARD, NEVER_HEARD.of(counts), opens=Fate.NEVER),
        Figure(
            key=CALLBACK, word=look.say(N_("To be called back")), value=len(to_call), opens=CALLBACK,
            note=look.say(N_("people, each once")), tone="warn" if to_call else "",
        ),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    by_interval = BY.chosen(look.asked) == "interval"
    head = Column(
        key="of",
        word=look.say(BY.options[BY.chosen(look.asked)]),
        kind=Kind.TIME if by_interval else Kind.TEXT,
        form=form_of(look.asked.period) if by_interval else Form.MOMENT,
    )
    return [
        head,
        Column(key="abandoned", word=look.say(N_("Gave up")), opens="abandoned", weight="strong"),
        Column(key="short", word=look.say(N_("Short")), opens="short", weight="dim"),
        *(
            Column(key=fate, word=look.say(word), opens=fate, about=look.say(ABOUT[fate]))
            for fate, word in FATES.items()
        ),
        metric_column(look, RECOVERED, weight="strong"),
    ]


def _row(line: Line) -> Row:
    counts = line.counts
    cells = [
        line.head, counts.abandoned, counts.short, *(getattr(counts, fate) for fate in FATES),
        RECOVERED.of(counts).value,
    ]  # fmt: skip
    return Row(key=line.key, cells=cells, tones={Fate.NEVER: "breach"} if counts.never else {})


def _chart(look: ReportLook, calls: Sequence[Followed]) -> Chart | None:
    if not calls:
        return None
    spans = look.asked.period.spans()
    starts = [span.start for span in spans]
    counts = [FateCounts() for _ in spans]
    for one in calls:
        place = bisect_right(starts, one.visit.entered_at) - 1
        counts[place] = counts[place] + count([one])
    period, form = look.asked.period, form_of(look.asked.period)
    spoken = [float(one.solved + one.reached + one.called_back) for one in counts]
    other = [float(one.waiting + one.missed_again + one.open) for one in counts]
    lost = [float(one.never) for one in counts]
    return Chart(
        word=look.say(N_("Callers who gave up")),
        labels=[written_time(span_cell(span, period), form, look.language, look.zone) for span in spans],
        keys=[str(int(span.start.timestamp())) for span in spans],
        series=[
            Series(word=look.say(N_("Spoke with us later")), shape="bar", values=spoken, tone="main"),
            Series(word=look.say(N_("No talk yet")), shape="bar", values=other),
            Series(word=look.say(FATES[Fate.NEVER]), shape="bar", values=lost, tone="breach"),
        ],
    )
