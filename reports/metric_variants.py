"""The definitions other houses use, for who compares: service levels e and f, and three more abandon rates. Pure."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from reports.counts import Metric, QueueCounts


class Switches(NamedTuple):
    """What is left out of, or taken into, the service level e. Without abandons at all, short ones are out as well."""

    without_short: bool
    with_flow_outs: bool
    without_abandons: bool

    @property
    def code(self) -> str:
        return "".join(letter for letter, on in zip("sfb", self, strict=True) if on)

    def denominator(self, counts: QueueCounts) -> int:
        abandoned = counts.abandoned - (counts.short_abandoned if self.without_short else 0)
        flowed = counts.overflowed + counts.elsewhere
        return counts.answered + (0 if self.without_abandons else abandoned) + (flowed if self.with_flow_outs else 0)

    @property
    def formula(self) -> str:
        parts = "A" if self.without_abandons else "A + B − B<s" if self.without_short else "A + B"
        return f"(A − A>T) ÷ ({parts}{' + F' if self.with_flow_outs else ''})"


def _service_level_e(on: Switches) -> Metric[QueueCounts]:
    abandons_zh = "" if on.without_abandons else " + 放弃 − 短放弃" if on.without_short else " + 放弃"
    abandons_en = "" if on.without_abandons else " + abandoned" + (" - short abandons" if on.without_short else "")
    flow_zh, flow_en = (" + 转出", " + flow-outs") if on.with_flow_outs else ("", "")
    marks = f"（{on.code}）" if on.code else ""
    return Metric(
        id=f"service_level_e_{on.code}".rstrip("_"),
        version=1,
        name_zh=f"服务水平 e{marks}",
        name_en=f"Service level e{f' ({on.code})' if on.code else ''}",
        words_zh=f"（接起 − 超过 T 秒接起）÷（接起{abandons_zh}{flow_zh}）。"
        + ("转出为溢出到其他队列、转回呼或留言的来电。" if on.with_flow_outs else ""),
        words_en=f"(answered - answered after T seconds) / (answered{abandons_en}{flow_en})."
        + (" Flow-outs overflowed to another queue, or left for a callback or a message." if on.with_flow_outs else ""),
        formula=on.formula,
        numerator=lambda c: c.answered_in_time,
        denominator=on.denominator,
    )


SERVICE_LEVELS_E: dict[Switches, Metric[QueueCounts]] = {
    on: _service_level_e(on)
    for on in (Switches(*three) for three in product((False, True), repeat=3))
    if not (on.without_short and on.without_abandons)
}
"""Genesys' definition at each position of its three switches; the two positions missing here say the same as others."""


def service_level_e(*, without_short: bool, with_flow_outs: bool, without_abandons: bool) -> Metric[QueueCounts]:
    """The service level at these positions of the three switches."""
    return SERVICE_LEVELS_E[Switches(without_short and not without_abandons, with_flow_outs, without_abandons)]


SERVICE_LEVEL_F: Metric[QueueCounts] = Metric(
    id="service_level_f",
    version=1,
    name_zh="服务水平 f（全部有效来电）",
    name_en="Service level f (of all that arrived)",
    words_zh="T 秒内接起 ÷（呼入 − 短放弃）。呼入含转为回呼、留言和丢失的来电。",
    words_en="answered within T seconds / (offered - short abandons). Offered includes callers who left for a callback "
    "or a message, and lost ones.",
    formula="A≤T ÷ (O − B<s)",
    numerator=lambda c: c.answered_in_time,
    denominator=lambda c: c.offered - c.short_abandoned,
)
ABANDON_RATES: tuple[Metric[QueueCounts], ...] = (
    Metric(
        id="abandon_rate_all",
        version=1,
        name_zh="放弃率（含短放弃）",
        name_en="Abandon rate (short ones too)",
        words_zh="放弃 ÷ 呼入。转为回呼的不算放弃。",
        words_en="abandoned / offered. Who left for a callback did not abandon.",
        formula="B ÷ O",
        numerator=lambda c: c.abandoned,
        denominator=lambda c: c.offered,
    ),
    Metric(
        id="abandon_rate_answered",
        version=1,
        name_zh="放弃率（仅接起与放弃）",
        name_en="Abandon rate (of answered and abandoned)",
        words_zh="（放弃 − 短放弃）÷（接起 + 放弃 − 短放弃）。",
        words_en="(abandoned - short abandons) / (answered + abandoned - short abandons).",
        formula="(B − B<s) ÷ (A + B − B<s)",
        numerator=lambda c: c.abandoned - c.short_abandoned,
        denominator=lambda c: c.answered + c.abandoned - c.short_abandoned,
    ),
    Metric(
        id="short_abandon_rate",
        version=1,
        name_zh="短放弃率",
        name_en="Short abandon rate",
        words_zh="短放弃 ÷ 呼入。",
        words_en="short abandons / offered.",
        formula="B<s ÷ O",
        numerator=lambda c: c.short_abandoned,
        denominator=lambda c: c.offered,
    ),
)
