"""Where the time of complaints went (B-39): late steps by department, person or step, with the worst of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent_desktop import formats
from agent_desktop.cases.words import STAGES
from agent_desktop.reports.cells_of import NO_NAME, moment
from agent_desktop.reports.choices import grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import WHOLE, Column, Drill, Figure, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import N_
from crm_core.dealers.model import Dealer
from crm_core.dealers.scorecard_queries import names_of_dealers
from reports.case_clock_queries import steps_due
from reports.case_clocks import StepCounts, StepFact, steps_by

IN_PANEL = 50
BY = grouped_by({"department": N_("Department"), "person": N_("Person"), "stage": N_("Step")})


def _key(look: ReportLook, dealers: Mapping[int, Dealer]) -> Callable[[StepFact], str]:
    """What a row is about, as it is read; a person has the department beside: two dealers may each have a Li Ming."""
    how = BY.chosen(look.asked)

    def department(step: StepFact) -> str:
        if step.dealer_id is not None:
            dealer = dealers.get(step.dealer_id)
            return dealer.short_name if dealer else str(step.dealer_id)
        return look.team_name(step.team) if step.team else look.say(N_("The centre itself"))

    if how == "stage":
        return lambda step: look.say(STAGES[step.stage]) if step.stage in STAGES else step.stage
    if how == "person":
        return lambda step: f"{step.person or look.say(NO_NAME)} · {department(step)}"
    return department


async def trace_sheet(look: ReportLook) -> Sheet:
    period, dealers = look.asked.period, await names_of_dealers(look.session)
    steps = await steps_due(look.session, period.start, min(period.end, look.now))
    lines = steps_by(steps, _key(look, dealers), look.now)
    (whole,) = steps_by(steps, lambda _: WHOLE, look.now) or (None,)
    return Sheet(
        word=look.say(N_("Where complaints lost time")),
        period=period_word(look),
        figures=_figures(look, whole),
        table=ReportTable(
            columns=[
                Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT),
                Column(key="due", word=look.say(N_("Steps due")), opens="due"),
                Column(key="late", word=look.say(N_("Late")), opens="late"),
                Column(key="in_time", word=look.say(N_("In time")), kind=Kind.PERCENT, weight="strong", opens="late"),
                Column(key="late_hours", word=look.say(N_("Hours late")), kind=Kind.NUMBER, opens="late"),
                Column(key="worst", word=look.say(N_("The worst")), kind=Kind.TEXT, weight="dim"),
            ],
            rows=[_row(look, line, line.of) for line in lines],
            totals=_row(look, whole, look.say(N_("Total"))) if whole else None,
            empty=look.say(N_("No step of a complaint fell due in this period.")),
        ),
        note=look.say(N_("A step belongs to who did it, else to who holds it now. Hours count around the clock.")),
    )


def _figures(look: ReportLook, whole: StepCounts | None) -> list[Figure]:
    if whole is None:
        return []
    note = f"{formats.count(whole.due - whole.late)} / {formats.count(whole.due)}"
    return [
        Figure(key="due", word=look.say(N_("Steps due")), value=whole.due, opens="due"),
        Figure(key="late", word=look.say(N_("Late")), value=whole.late, opens="late",
               tone="breach" if whole.late else ""),
        Figure(key="in_time", word=look.say(N_("In time")), value=whole.in_time.value, kind=Kind.PERCENT, note=note),
        Figure(key="late_hours", word=look.say(N_("Hours late")), value=whole.late_hours, kind=Kind.NUMBER),
    ]  # fmt: skip


def _row(look: ReportLook, line: StepCounts, head: str) -> Row:
    worst = line.worst
    told = ""
    if worst is not None:
        late = formats.time_span(3600 * worst.late_hours(look.now), look.language)
        over = look.say(N_("over by {time}"), time=late)
        told = f"{worst.case_number} · {over}"
    rate = line.in_time.value
    tones = {"in_time": "breach" if rate < 0.6 else "warn"} if rate is not None and rate < 0.8 else {}
    return Row(key=line.of, cells=[head, line.due, line.late, rate, line.late_hours, told], tones=tones)


async def trace_drill(look: ReportLook) -> Drill | None:
    period, dealers = look.asked.period, await names_of_dealers(look.session)
    key, row, only_late = _key(look, dealers), look.asked.row, look.asked.of != "due"
    steps = await steps_due(look.session, period.start, min(period.end, look.now))
    behind = [one for one in steps if row in (WHOLE, key(one)) and (one.late_hours(look.now) > 0 or not only_late)]
    behind.sort(key=lambda one: -one.late_hours(look.now))
    return Drill(
        word=f"{period_word(look) if row == WHOLE else row} {look.say(N_('Late') if only_late else N_('Steps due'))}",
        about=period_word(look),
        value=formats.count(len(behind)),
        tone="breach" if only_late and behind else "",
        formula=look.say(N_("Steps of complaints whose clock ran out in the period, the latest first.")),
        list_word=look.say(N_("{count} steps"), count=formats.count(len(behind))),
        listed=[_listed(look, one) for one in behind[:IN_PANEL]],
        count=len(behind),
        empty=look.say(N_("Every step was done in time.")),
    )


def _listed(look: ReportLook, one: StepFact) -> Listed:
    late = one.late_hours(look.now)
    what = look.say(N_("in time"))
    if late:
        what = look.say(N_("over by {time}"), time=formats.time_span(3600 * late, look.language))
    stage = look.say(STAGES[one.stage]) if one.stage in STAGES else one.stage
    undone = "" if one.done_at else look.say(N_("not done yet"))
    return Listed(
        at=moment(look, one.due_at),
        word=f"{one.case_number} {one.title}",
        what=what,
        tone="breach" if late else "mid",
        note=" · ".join(part for part in (stage, one.person, undone) if part),
        link=f"/cases/{one.case_number}",
    )
