"""Every figure the product shows, defined once: its formula in words, numerator and denominator, and its version.

O offered, A answered, B abandoned, B<s abandoned in under s seconds, A<=T answered within T seconds. A visit counts
when it is over, at the queue it was in. O holds answered, abandoned, left for a callback or a message, and lost
visits. A visit that overflowed into another queue (F with those who left for a callback or a message) counts there and
not here. Callers who hung up in the menu never
reached a queue. s and T are set per queue; a total adds the numerators and the denominators of its queues.
"""

from __future__ import annotations

from collections.abc import Mapping

from reports.counts import AgentTimes, Metric, QueueCounts, Ratio, Thresholds, count_visit, total
from reports.metric_variants import ABANDON_RATES, SERVICE_LEVEL_F, SERVICE_LEVELS_E

__all__ = [
    "AGENT_METRICS",
    "QUEUE_METRICS",
    "AgentTimes",
    "Metric",
    "QueueCounts",
    "Ratio",
    "Thresholds",
    "count_visit",
    "total",
]

ABANDON_RATE: Metric[QueueCounts] = Metric(
    id="abandon_rate",
    version=1,
    name_zh="放弃率",
    name_en="Abandon rate",
    words_zh="（放弃 − 短放弃）÷（呼入 − 短放弃）。呼入含转为回呼或留言的来电；菜单内挂断和仍在等待的不计入。",
    words_en="(abandoned - short abandons) / (offered - short abandons). Offered includes callers who left for a "
    "callback or a message; hang-ups in the menu and callers still waiting are in neither.",
    formula="(B − B<s) ÷ (O − B<s)",
    numerator=lambda c: c.abandoned - c.short_abandoned,
    denominator=lambda c: c.offered - c.short_abandoned,
)
SERVICE_LEVEL: Metric[QueueCounts] = Metric(
    id="service_level",
    version=1,
    name_zh="服务水平",
    name_en="Service level",
    words_zh="T 秒内接起 ÷（接起 + 放弃 − 短放弃）。",
    words_en="answered within T seconds / (answered + abandoned - short abandons).",
    formula="A≤T ÷ (A + B − B<s)",
    numerator=lambda c: c.answered_in_time,
    denominator=lambda c: c.answered + c.abandoned - c.short_abandoned,
)
SERVICE_LEVEL_A: Metric[QueueCounts] = Metric(
    id="service_level_a",
    version=1,
    name_zh="服务水平 a（仅接起）",
    name_en="Service level a (answered only)",
    words_zh="T 秒内接起 ÷ 接起。流失的来电不影响此值。",
    words_en="answered within T seconds / answered. Lost callers do not show in it.",
    formula="A≤T ÷ A",
    numerator=lambda c: c.answered_in_time,
    denominator=lambda c: c.answered,
)
SERVICE_LEVEL_B: Metric[QueueCounts] = Metric(
    id="service_level_b",
    version=1,
    name_zh="服务水平 b（含 T 秒内放弃）",
    name_en="Service level b (early abandons as success)",
    words_zh="（T 秒内接起 + T 秒内放弃）÷（接起 + 放弃）。",
    words_en="(answered within T seconds + abandoned within T seconds) / (answered + abandoned).",
    formula="(A≤T + B≤T) ÷ (A + B)",
    numerator=lambda c: c.answered_in_time + c.abandoned_in_time,
    denominator=lambda c: c.answered + c.abandoned,
)
SERVICE_LEVEL_C: Metric[QueueCounts] = Metric(
    id="service_level_c",
    version=1,
    name_zh="服务水平 c（含全部放弃）",
    name_en="Service level c (all abandons as failure)",
    words_zh="T 秒内接起 ÷（接起 + 放弃）。",
    words_en="answered within T seconds / (answered + abandoned).",
    formula="A≤T ÷ (A + B)",
    numerator=lambda c: c.answered_in_time,
    denominator=lambda c: c.answered + c.abandoned,
)
SERVICE_LEVEL_D: Metric[QueueCounts] = Metric(
    id="service_level_d",
    version=1,
    name_zh="服务水平 d（仅计 T 秒后放弃）",
    name_en="Service level d (only late abandons as failure)",
    words_zh="T 秒内接起 ÷（接起 + 超过 T 秒的放弃）。",
    words_en="answered within T seconds / (answered + abandoned after T seconds).",
    formula="A≤T ÷ (A + B>T)",
    numerator=lambda c: c.answered_in_time,
    denominator=lambda c: c.answered + c.abandoned - c.abandoned_in_time,
)
AVERAGE_SPEED_OF_ANSWER: Metric[QueueCounts] = Metric(
    id="average_speed_of_answer",
    version=1,
    name_zh="平均应答时长",
    name_en="Average speed of answer",
    words_zh="接起来电的等待时长之和 ÷ 接起。",
    words_en="sum of the waits of answered callers / answered.",
    formula="Σ wait(A) ÷ A",
    numerator=lambda c: c.answer_wait,
    denominator=lambda c: c.answered,
    unit="seconds",
)
AVERAGE_ABANDON_TIME: Metric[QueueCounts] = Metric(
    id="average_abandon_time",
    version=1,
    name_zh="平均放弃时长",
    name_en="Average time to abandon",
    words_zh="放弃来电的等待时长之和 ÷ 放弃，均不含短放弃。",
    words_en="sum of the waits of callers who gave up / abandoned, both without short abandons.",
    formula="Σ wait(B≥s) ÷ (B − B<s)",
    numerator=lambda c: c.abandon_wait,
    denominator=lambda c: c.abandoned - c.short_abandoned,
    unit="seconds",
)
AVERAGE_HANDLING_TIME: Metric[AgentTimes] = Metric(
    id="average_handling_time",
    version=1,
    name_zh="平均处理时长",
    name_en="Average handling time",
    words_zh="（通话 + 保持 + 话后处理）÷ 处理量。",
    words_en="(talk + hold + after-call work) / handled.",
    formula="(talk + hold + ACW) ÷ handled",
    numerator=lambda t: t.talk + t.hold + t.wrap_up,
    denominator=lambda t: t.handled,
    unit="seconds",
)
OCCUPANCY: Metric[AgentTimes] = Metric(
    id="occupancy",
    version=1,
    name_zh="工时占用率",
    name_en="Occupancy",
    words_zh="（通话 + 保持 + 话后处理）÷（通话 + 保持 + 话后处理 + 空闲）。小休不计入；振铃算空闲。",
    words_en="(talk + hold + after-call work) / (talk + hold + after-call work + idle). Breaks are in neither; "
    "ringing is idle.",
    formula="(talk + hold + ACW) ÷ (talk + hold + ACW + idle)",
    numerator=lambda t: t.talk + t.hold + t.wrap_up,
    denominator=lambda t: t.talk + t.hold + t.wrap_up + t.idle,
)
UTILIZATION: Metric[AgentTimes] = Metric(
    id="utilization",
    version=1,
    name_zh="通话利用率",
    name_en="Utilization",
    words_zh="（通话 + 保持）÷（通话 + 保持 + 话后处理 + 空闲）。",
    words_en="(talk + hold) / (talk + hold + after-call work + idle).",
    formula="(talk + hold) ÷ (talk + hold + ACW + idle)",
    numerator=lambda t: t.talk + t.hold,
    denominator=lambda t: t.talk + t.hold + t.wrap_up + t.idle,
)

QUEUE_METRICS: Mapping[str, Metric[QueueCounts]] = {
    metric.id: metric
    for metric in (
        ABANDON_RATE,
        SERVICE_LEVEL,
        SERVICE_LEVEL_A,
        SERVICE_LEVEL_B,
        SERVICE_LEVEL_C,
        SERVICE_LEVEL_D,
        *SERVICE_LEVELS_E.values(),
        SERVICE_LEVEL_F,
        *ABANDON_RATES,
        AVERAGE_SPEED_OF_ANSWER,
        AVERAGE_ABANDON_TIME,
    )
}
AGENT_METRICS: Mapping[str, Metric[AgentTimes]] = {
    metric.id: metric for metric in (AVERAGE_HANDLING_TIME, OCCUPANCY, UTILIZATION)
}
