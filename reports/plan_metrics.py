"""Figures of how a shift plan was followed, defined as those of reports.metrics are; see reports.adherence."""

from __future__ import annotations

from collections.abc import Mapping

from reports.adherence import PlanTimes
from reports.counts import Metric

ADHERENCE: Metric[PlanTimes] = Metric(
    id="adherence",
    version=1,
    name_zh="遵时率",
    name_en="Adherence",
    words_zh="按班表做的时间 ÷ 班表时间：排了工作时在就绪、振铃、通话、保持或话后，"
    "排了休息时不在其中。已批准的请假不计入班表。",
    words_en="time in which the plan was followed / planned time: ready, ringing, talking, on hold or in after-call "
    "work while work was planned, and none of them while a break was. Days of approved leave are not planned time.",
    formula="(work ∩ planned work + planned break − work ∩ planned break) ÷ (planned work + planned break)",
    numerator=lambda t: t.followed,
    denominator=lambda t: t.planned,
)
CONFORMANCE: Metric[PlanTimes] = Metric(
    id="conformance",
    version=1,
    name_zh="工时达成率",
    name_en="Conformance",
    words_zh="实际工作时间 ÷ 班表工作时间，不论何时做的；加班可使其超过 100%。",
    words_en="time worked / planned work, whenever it was done; overtime makes it more than 100 %.",
    formula="work ÷ planned work",
    numerator=lambda t: t.worked,
    denominator=lambda t: t.planned_work,
)
PLAN_METRICS: Mapping[str, Metric[PlanTimes]] = {metric.id: metric for metric in (ADHERENCE, CONFORMANCE)}
