"""Leads from capture to purchase: by dealer, source or contact point."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent_desktop import formats
from agent_desktop.leads.words import LOST_REASONS, SOURCES, STATUS
from agent_desktop.reports.cells_of import moment
from agent_desktop.reports.choices import Choice, grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import (
    WHOLE,
    Chart,
    Column,
    Drill,
    Figure,
    Kind,
    Listed,
    ReportTable,
    Row,
    Series,
    Sheet,
)
from agent_desktop.words import N_
from crm_core.dealers.scorecard_queries import names_of_dealers
from crm_core.leads.touchpoints import touchpoints
from reports.lead_flow import STAGES, LeadCounts, LeadFact, by, count
from reports.lead_flow_queries import leads_of

IN_PANEL = 50
BY = grouped_by({"dealer": N_("Dealer"), "source": N_("Where it came from"), "touchpoint": N_("Contact point")})
SOURCE = Choice(name="source", word=N_("Where it came from"), options={"": N_("Everywhere"), **SOURCES})
WORDS = {
    "captured": N_("Captured"),
    "verified": N_("Verified"),
    "sent": N_("With a dealer"),
    "answered": N_("Dealer answered"),
    "in_time": N_("Answered in time"),
    "median_hours": N_("Median hours to the first word"),
    "won": N_("Won"),
    "lost": N_("Lost"),
    "still_open": N_("Still open"),
    "invalid": N_("No prospect"),
    "conversion": N_("Share won"),
}
ABOUT = {
    "captured": N_("Leads captured in the period; every other column is about these."),
    "answered": N_("The dealer said something, or the car was bought."),
    "in_time": N_("First words before the dealer's clock ran out / first words that came or were due."),
    "median_hours": N_("From sending the lead to the dealer's first word, half of them at most so long."),
    "conversion": N_("Won / captured, without those that were no prospects."),
}
_BEHIND: Mapping[str, Callable[[LeadFact], bool]] = {
    **{stage: lambda one, stage=stage: one.came_to(stage) for stage in STAGES},  # type: ignore[misc]
    "lost": lambda one: one.status == "lost",
    "invalid": lambda one: one.status == "invalid",
    "still_open": lambda one: one.status not in ("won", "lost", "invalid"),
}


async def _leads(look: ReportLook) -> list[LeadFact]:
    period = look.asked.period
    found = await leads_of(look.session, period.start, period.end, source=SOURCE.chosen(look.asked))
    return [one for one in found if look.reach.covers(one.dealer_id)]


def _key(look: ReportLook) -> Callable[[LeadFact], str]:
    how = BY.chosen(look.asked)
    if how == "source":
        return lambda one: one.source
    return (lambda one: one.touchpoint or "-") if how == "touchpoint" else lambda one: str(one.dealer_id or "-")


async def _heads(look: ReportLook) -> Mapping[str, str]:
    how = BY.chosen(look.asked)
    if how == "source":
        return {word: look.say(text) for word, text in SOURCES.items()}
    if how == "touchpoint":
        points = await touchpoints(look.session, retired=True)
        known = {one.code: (one.name_en if look.language == "en" else "") or one.name_zh for one in points}
        return {"-": look.say(N_("Not told")), **known}
    dealers = await names_of_dealers(look.session)
    return {"-": look.say(N_("With no dealer")), **{str(key): one.short_name for key, one in dealers.items()}}


async def lead_sheet(look: ReportLook) -> Sheet:
    leads, heads = await _leads(look), await _heads(look)
    lines, whole = by(leads, _key(look), look.now), count(WHOLE, leads, look.now)
    return Sheet(
        word=look.say(N_("Leads from capture to purchase")),
        period=period_word(look),
        figures=_figures(look, whole),
        chart=_funnel(look, lines, heads) if leads else None,
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(line, heads.get(line.of, line.of)) for line in lines],
            totals=_row(whole, look.say(N_("Total"))) if lines else None,
            empty=look.say(N_("No lead was captured in this period.")),
        ),
        told=look.say(N_("{count} leads, each can be opened"), count=formats.count(len(leads))),
    )


def _figures(look: ReportLook, whole: LeadCounts) -> list[Figure]:
    def share(number: int) -> str:
        return formats.rate(number / whole.captured) if whole.captured else ""

    rate = whole.in_time
    note = f"{formats.count(int(rate.numerator))} / {formats.count(int(rate.denominator))}" if rate.denominator else ""
    won, of = whole.conversion
    return [
        Figure(key="captured", word=look.say(WORDS["captured"]), value=whole.captured, opens="captured",
               note=look.say(N_("{count} no prospects"), count=whole.invalid)),
        Figure(key="verified", word=look.say(WORDS["verified"]), value=whole.verified, opens="verified",
               note=share(whole.verified)),
        Figure(key="sent", word=look.say(WORDS["sent"]), value=whole.sent, opens="sent", note=share(whole.sent)),
        Figure(key="in_time", word=look.say(WORDS["in_time"]), value=rate.value, kind=Kind.PERCENT, note=note,
               opens="answered"),
        Figure(key="median_hours", word=look.say(WORDS["median_hours"]), value=whole.median_hours, kind=Kind.NUMBER),
        Figure(key="won", word=look.say(WORDS["conversion"]), value=whole.conversion.value, kind=Kind.PERCENT,
               opens="won", note=f"{int(won)} / {int(of)}" if of else ""),
    ]  # fmt: skip


def _funnel(look: ReportLook, lines: list[LeadCounts], heads: Mapping[str, str]) -> Chart:
    shown = lines[:24]
    rest = [float(line.captured - line.answered) for line in shown]
    return Chart(
        word=look.say(N_("Leads by what became of them")),
        labels=[heads.get(line.of, line.of) for line in shown],
        keys=[line.of for line in shown],
        series=[
            Series(word=look.say(WORDS["won"]), shape="bar", values=[float(line.won) for line in shown], tone="main"),
            Series(word=look.say(WORDS["answered"]), shape="bar",
                   values=[float(line.answered - line.won) for line in shown], tone="agent"),
            Series(word=look.say(N_("No word yet")), shape="bar", values=rest),
        ],
    )  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    kinds = {"in_time": Kind.PERCENT, "median_hours": Kind.NUMBER, "conversion": Kind.PERCENT}
    opens = {"in_time": "answered", "conversion": "won", "median_hours": ""}
    head = Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT)
    return [
        head,
        *(
            Column(key=key, word=look.say(word), kind=kinds.get(key, Kind.COUNT), opens=opens.get(key, key),
                   about=look.say(ABOUT[key]) if key in ABOUT else "", weight="strong" if key == "conversion" else "")
            for key, word in WORDS.items()
        ),
    ]  # fmt: skip


def _row(line: LeadCounts, head: str) -> Row:
    values = {name: getattr(line, name) for name in WORDS}
    values |= {"in_time": line.in_time.value, "conversion": line.conversion.value}
    late = line.in_time.value is not None and line.in_time.value < 0.8
    return Row(key=line.of, cells=[head, *values.values()], tones={"in_time": "warn"} if late else {})


async def _opened(look: ReportLook) -> tuple[str, str, list[LeadFact]]:
    of = look.asked.of if look.asked.of in _BEHIND else "captured"
    key, row = _key(look), look.asked.row
    behind = [one for one in await _leads(look) if _BEHIND[of](one) and row in (WHOLE, key(one))]
    heads = await _heads(look)
    return period_word(look) if row == WHOLE else heads.get(row, row), of, behind


async def lead_drill(look: ReportLook) -> Drill | None:
    head, of, leads = await _opened(look)
    return Drill(
        word=f"{head} {look.say(WORDS[of])}",
        about=period_word(look),
        value=formats.count(len(leads)),
        formula=look.say(ABOUT.get(of, ABOUT["captured"])),
        list_word=look.say(N_("{count} leads"), count=formats.count(len(leads))),
        listed=[
            Listed(
                at=moment(look, one.created_at),
                word=one.number,
                what=look.say(STATUS[one.status]) if one.status in STATUS else one.status,
                note=_told(look, one),
                tone="breach" if one.status == "lost" else "mid",
                link=look.leads_to(f"/leads/{one.number}"),
            )
            for one in leads[:IN_PANEL]
        ],
        count=len(leads),
        more=look.asked.address(f"{look.base}/leads/calls", row=look.asked.row, of=of) if leads else "",
        empty=look.say(N_("No lead lies behind this figure.")),
    )


def _told(look: ReportLook, one: LeadFact) -> str:
    source = look.say(SOURCES[one.source]) if one.source in SOURCES else one.source
    if one.lost_reason in LOST_REASONS:
        return f"{source} · {look.say(LOST_REASONS[one.lost_reason])}"
    if one.hours_to_word is not None:
        word = look.say(N_("first word after {hours} h"), hours=look.write(one.hours_to_word, Kind.NUMBER))
        return f"{source} · {word}"
    return source


async def lead_list(look: ReportLook) -> Sheet:
    head, of, leads = await _opened(look)
    text = Kind.TEXT
    dealers = await names_of_dealers(look.session)
    names = {key: one.short_name for key, one in dealers.items()}
    return Sheet(
        word=look.say(WORDS[of]),
        period=f"{head} · {period_word(look)}",
        table=ReportTable(
            columns=[
                Column(key="number", word=look.say(N_("Lead")), kind=text),
                Column(key="status", word=look.say(N_("State")), kind=text),
                Column(key="source", word=look.say(N_("Where it came from")), kind=text),
                Column(key="dealer", word=look.say(N_("Dealer")), kind=text),
                Column(key="captured", word=look.say(WORDS["captured"]), kind=Kind.TIME),
                Column(key="sent", word=look.say(WORDS["sent"]), kind=Kind.TIME),
                Column(key="hours", word=look.say(N_("Hours to the first word")), kind=Kind.NUMBER),
                Column(key="closed", word=look.say(N_("Closed")), kind=Kind.TIME),
            ],
            rows=[
                Row(
                    key=one.number,
                    cells=[
                        one.number, look.say(STATUS[one.status]) if one.status in STATUS else one.status,
                        look.say(SOURCES[one.source]) if one.source in SOURCES else one.source,
                        names.get(one.dealer_id or 0, ""), one.created_at, one.sent_at, one.hours_to_word,
                        one.closed_at,
                    ],
                    link=look.leads_to(f"/leads/{one.number}"),
                )
                for one in leads
            ],
            empty=look.say(N_("No lead lies behind this figure.")),
        ),
    )  # fmt: skip
