"""Cases and complaint clocks by dealer or kind, and where the time of late complaints went (B-39)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agent_desktop import formats
from agent_desktop.reports.cells_of import moment
from agent_desktop.reports.choices import Choice, grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import WHOLE, Column, Drill, Figure, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import KINDS, N_
from crm_core.dealers.model import Dealer
from crm_core.dealers.scorecard_queries import names_of_dealers
from reports.case_clock_queries import cases_of
from reports.case_clocks import CaseCounts, CaseFact, by, count

IN_PANEL = 50
BY = grouped_by({"dealer": N_("Dealer"), "kind": N_("Kind")})
KIND = Choice(name="kind", word=N_("Kind"), options={"": N_("All kinds"), **KINDS})
WORDS = {
    "opened": N_("Opened"),
    "closed": N_("Closed"),
    "still_open": N_("Still open"),
    "overdue": N_("Over time"),
    "responded": N_("Answered in time"),
    "solved": N_("Solved in time"),
    "median_hours": N_("Median hours"),
    "p90_hours": N_("Hours of nine in ten"),
    "escalated": N_("Passed upwards"),
    "reopened": N_("Reopened"),
}
ABOUT = {
    "opened": N_("Cases opened in the period."),
    "closed": N_("Cases closed in the period, whenever they were opened."),
    "still_open": N_("Cases opened before the end of the period that are open now."),
    "overdue": N_("Of those still open: past the end of their clock."),
    "responded": N_("Of the cases opened in the period whose first answer was given or is due: given in time."),
    "solved": N_("Of the cases closed in the period with a clock: closed before it ran out."),
    "median_hours": N_(
        "Half of the cases closed in the period took at most so long, around the clock, without pauses."
    ),
    "p90_hours": N_("Nine in ten of the cases closed in the period took at most so long."),
    "escalated": N_("Of the cases opened in the period: told to a higher level."),
    "reopened": N_("Cases opened again in the period."),
}
NEAR = 0.8  # below it a share of kept clocks is marked


def _in(look: ReportLook) -> Mapping[str, Callable[[CaseFact], bool]]:
    """The cases behind each figure."""
    start, end, now = look.asked.period.start, look.asked.period.end, look.now

    def opened(one: CaseFact) -> bool:
        return start <= one.opened_at < end

    def closed(one: CaseFact) -> bool:
        return one.closed_at is not None and start <= one.closed_at < end

    def still(one: CaseFact) -> bool:
        return one.closed_at is None and one.opened_at < end

    return {
        "opened": opened,
        "closed": closed,
        "still_open": still,
        "overdue": lambda one: still(one) and one.due_at is not None and one.due_at < now,
        "responded": lambda one: (
            opened(one) and one.respond_by is not None and _late(one.respond_by, one.responded_at, now)
        ),
        "solved": lambda one: closed(one) and one.due_at is not None and _late(one.due_at, one.closed_at, now),
        "median_hours": closed,
        "p90_hours": closed,
        "escalated": lambda one: opened(one) and one.escalated,
        "reopened": lambda one: one.reopened,
    }


def _late(due: object, done: object, now: object) -> bool:
    return bool((done or now) > due)  # type: ignore[operator]


MISSED = {"responded": N_("Answered late or not at all"), "solved": N_("Closed after their clock")}


async def _facts(look: ReportLook) -> list[CaseFact]:
    period = look.asked.period
    facts = await cases_of(look.session, period.start, period.end, kind=KIND.chosen(look.asked))
    return [one for one in facts if look.reach.covers(one.dealer_id)]


def _key(look: ReportLook) -> Callable[[CaseFact], str]:
    if BY.chosen(look.asked) == "kind":
        return lambda one: one.kind
    return lambda one: str(one.dealer_id or "-")


def _head(look: ReportLook, dealers: Mapping[int, Dealer], of: str) -> str:
    if BY.chosen(look.asked) == "kind":
        return look.say(KINDS[of]) if of in KINDS else of
    dealer = dealers.get(int(of)) if of.isdecimal() else None
    return dealer.short_name if dealer else look.say(N_("The centre itself")) if of == "-" else of


async def case_sheet(look: ReportLook) -> Sheet:
    facts, period = await _facts(look), look.asked.period
    dealers = await names_of_dealers(look.session)
    lines = by(facts, _key(look), period.start, period.end, look.now)
    whole = count(WHOLE, facts, period.start, period.end, look.now)
    return Sheet(
        word=look.say(N_("Cases and their clocks")),
        period=period_word(look),
        figures=_figures(look, whole),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(line, _head(look, dealers, line.of)) for line in lines],
            totals=_row(whole, look.say(N_("Total"))) if lines else None,
            empty=look.say(N_("No case was opened or closed in this period, and none is open.")),
        ),
        told=look.say(N_("{count} cases, each can be opened"), count=formats.count(len(facts))),
    )


def _figures(look: ReportLook, whole: CaseCounts) -> list[Figure]:
    def note(ratio: tuple[float, float]) -> str:
        return f"{formats.count(int(ratio[0]))} / {formats.count(int(ratio[1]))}" if ratio[1] else ""

    p90 = look.say(N_("nine in ten {hours} h"), hours=look.write(whole.p90_hours, Kind.NUMBER))
    reopened = look.say(N_("{count} reopened"), count=whole.reopened)
    return [
        Figure(key="opened", word=look.say(WORDS["opened"]), value=whole.opened, opens="opened", note=reopened),
        Figure(key="closed", word=look.say(WORDS["closed"]), value=whole.closed, opens="closed"),
        Figure(key="overdue", word=look.say(WORDS["overdue"]), value=whole.overdue, opens="overdue",
               tone="breach" if whole.overdue else "",
               note=look.say(N_("of {count} still open"), count=formats.count(whole.still_open))),
        Figure(key="responded", word=look.say(WORDS["responded"]), value=whole.responded.value, kind=Kind.PERCENT,
               opens="responded", note=note(whole.responded)),
        Figure(key="solved", word=look.say(WORDS["solved"]), value=whole.solved.value, kind=Kind.PERCENT,
               opens="solved", note=note(whole.solved)),
        Figure(key="median_hours", word=look.say(WORDS["median_hours"]), value=whole.median_hours, kind=Kind.NUMBER,
               opens="closed", note=p90),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    kinds = {"responded": Kind.PERCENT, "solved": Kind.PERCENT, "median_hours": Kind.NUMBER, "p90_hours": Kind.NUMBER}
    head = Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT)
    return [
        head,
        *(
            Column(key=key, word=look.say(word), kind=kinds.get(key, Kind.COUNT), opens=key, about=look.say(ABOUT[key]),
                   weight="strong" if key == "solved" else "")
            for key, word in WORDS.items()
        ),
    ]  # fmt: skip


def _row(line: CaseCounts, head: str) -> Row:
    values = {name: getattr(line, name) for name in WORDS}
    values |= {"responded": line.responded.value, "solved": line.solved.value}
    tones = {"overdue": "breach"} if line.overdue else {}
    for name in ("responded", "solved"):
        if values[name] is not None and values[name] < NEAR:
            tones[name] = "warn"
    return Row(key=line.of, cells=[head, *values.values()], tones=tones)


async def _opened(look: ReportLook) -> tuple[str, str, list[CaseFact]]:
    of = look.asked.of if look.asked.of in WORDS else "overdue"
    facts, key, row = await _facts(look), _key(look), look.asked.row
    behind = [one for one in facts if _in(look)[of](one) and row in (WHOLE, key(one))]
    dealers = await names_of_dealers(look.session)
    head = period_word(look) if row == WHOLE else _head(look, dealers, row)
    return head, of, behind


async def case_drill(look: ReportLook) -> Drill | None:
    head, of, facts = await _opened(look)
    return Drill(
        word=f"{head} {look.say(MISSED.get(of, WORDS[of]))}",
        about=period_word(look),
        value=formats.count(len(facts)),
        formula=look.say(ABOUT[of]),
        list_word=look.say(N_("{count} cases"), count=formats.count(len(facts))),
        listed=[
            Listed(
                at=moment(look, one.opened_at),
                word=one.title,
                what=one.number,
                note=_state(look, one),
                tone="breach" if one.closed_at is None and one.due_at and one.due_at < look.now else "mid",
                link=look.leads_to(f"/cases/{one.number}"),
            )
            for one in facts[:IN_PANEL]
        ],
        count=len(facts),
        more=look.asked.address(f"{look.base}/cases/calls", row=look.asked.row, of=of) if facts else "",
        empty=look.say(N_("No case lies behind this figure.")),
    )


def _state(look: ReportLook, one: CaseFact) -> str:
    kind = look.say(KINDS[one.kind]) if one.kind in KINDS else one.kind
    if one.hours is not None:
        said = look.say(N_("closed after {hours} h"), hours=look.write(one.hours, Kind.NUMBER))
    elif one.due_at is not None and one.due_at < look.now:
        late = formats.time_span((look.now - one.due_at).total_seconds(), look.language)
        said = look.say(N_("over by {time}"), time=late)
    else:
        said = look.say(N_("not closed yet"))
    return f"{kind} · {said}"


async def case_list(look: ReportLook) -> Sheet:
    head, of, facts = await _opened(look)
    dealers = await names_of_dealers(look.session)
    text = Kind.TEXT
    return Sheet(
        word=look.say(MISSED.get(of, WORDS[of])),
        period=f"{head} · {period_word(look)}",
        table=ReportTable(
            columns=[
                Column(key="number", word=look.say(N_("Case")), kind=text),
                Column(key="title", word=look.say(N_("Title")), kind=text),
                Column(key="kind", word=look.say(N_("Kind")), kind=text),
                Column(key="dealer", word=look.say(N_("Dealer")), kind=text),
                Column(key="opened", word=look.say(WORDS["opened"]), kind=Kind.TIME),
                Column(key="due", word=look.say(N_("Due")), kind=Kind.TIME, weight="dim"),
                Column(key="closed", word=look.say(WORDS["closed"]), kind=Kind.TIME),
                Column(key="hours", word=look.say(N_("Hours")), kind=Kind.NUMBER),
            ],
            rows=[_list_row(look, one, dealers) for one in facts],
            empty=look.say(N_("No case lies behind this figure.")),
        ),
    )


def _list_row(look: ReportLook, one: CaseFact, dealers: Mapping[int, Dealer]) -> Row:
    dealer = dealers.get(one.dealer_id) if one.dealer_id else None
    cells: Sequence[object] = [
        one.number, one.title, look.say(KINDS[one.kind]) if one.kind in KINDS else one.kind,
        dealer.short_name if dealer else "", one.opened_at, one.due_at, one.closed_at, one.hours,
    ]  # fmt: skip
    return Row(key=one.number, cells=cells, link=look.leads_to(f"/cases/{one.number}"))  # type: ignore[arg-type]
