"""Every figure the product shows, defined once: its formula in words, numerator and denominator, and its version.

O offered, A answered, B abandoned, B<s abandoned in under s seconds, A<=T answered within T seconds. A visit counts
when it is over, at the queue it was in. O holds answered, abandoned, left for a callback or a message, and lost
visits. A visit that overflowed into another queue counts there and not here. Callers who hung up in the menu never
reached a queue. s and T are set per queue; a total adds the numerators and the denominators of its queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Generic, NamedTuple, TypeVar


class Ratio(NamedTuple):
    """`value` is None, never zero, when there is nothing to measure."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Seconds of one queue: T of the service level, s of the short abandon (0 = off), and the target in percent."""

    service_seconds: int = 20
    short_abandon_seconds: int = 5
    target_percent: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """Finished visits to a queue; waits in seconds. `elsewhere` left for a callback or a message."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    elsewhere: int = 0
    lost: int = 0
    answer_wait: float = 0.0
    abandon_wait: float = 0.0  # without the short abandons

    def __add__(self, other: QueueCounts) -> QueueCounts:
        return QueueCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def total(counts: Iterable[QueueCounts]) -> QueueCounts:
    return sum(counts, QueueCounts())


def count_visit(result: str, wait: float, thresholds: Thresholds) -> QueueCounts:
    """What one finished visit adds. `result` is a word of crm_core.history.model.QueueVisit."""
    in_time = int(wait <= thresholds.service_seconds)
    if result == "overflow":
        return QueueCounts()
    if result == "answered":
        return QueueCounts(offered=1, answered=1, answered_in_time=in_time, answer_wait=wait)
    if result == "abandoned":
        short = int(wait < thresholds.short_abandon_seconds)
        return QueueCounts(
            offered=1,
            abandoned=1,
            short_abandoned=short,
            abandoned_in_time=in_time,
            abandon_wait=0.0 if short else wait,
        )
    if result in ("callback", "voicemail"):
        return QueueCounts(offered=1, elsewhere=1)
    return QueueCounts(offered=1, lost=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTimes:
    """Seconds an agent, or many, spent in each state, and how many talks were finished. Idle = ready or ringing."""

    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    idle: float = 0.0
    handled: int = 0


Counts = TypeVar("Counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Generic[Counts]):
    """`version` grows when the definition changes, so that a stored figure says what it meant."""

    id: str
    version: int
    name_zh: str
    name_en: str
    words_zh: str
    words_en: str
    numerator: Callable[[Counts], float]
    denominator: Callable[[Counts], float]
    unit: str = "percent"  # or "seconds"

    def of(self, counts: Counts) -> Ratio:
        return Ratio(self.numerator(counts), self.denominator(counts))


ABANDON_RATE: Metric[QueueCounts] = Metric(
    id="abandon_rate",
    version=1,
    name_zh="放弃率",
    name_en="Abandon rate",
    words_zh="（放弃 − 短放弃）÷（呼入 − 短放弃）。呼入含转为回呼或留言的来电；菜单内挂断和仍在等待的不计入。",
    words_en="(abandoned - short abandons) / (offered - short abandons). Offered includes callers who left for a "
    "callback or a message; hang-ups in the menu and callers still waiting are in neither.",
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
        AVERAGE_SPEED_OF_ANSWER,
        AVERAGE_ABANDON_TIME,
    )
}
AGENT_METRICS: Mapping[str, Metric[AgentTimes]] = {
    metric.id: metric for metric in (AVERAGE_HANDLING_TIME, OCCUPANCY, UTILIZATION)
}
