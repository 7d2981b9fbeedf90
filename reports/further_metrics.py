"""The rates of the further reports, defined as in reports.metrics: words, formula, version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.abandoned import FateCounts
from reports.metrics import Metric
from reports.repeats import RepeatCounts

RECOVERED: Metric[FateCounts] = Metric(
    id="abandoned_recovered",
    version=1,
    name_zh="找回率",
    name_en="Recovered",
    words_zh="放弃后在时限内又通上话（客户再打来或我们回拨）÷ 已有结果的放弃（全部放弃 − 时限未到且无后续的）。",
    words_en="abandoned calls whose caller spoke with us within the time, by calling again or by our call / "
    "abandoned calls with a result (all of them less those whose time is not over and who did nothing yet).",
    numerator=lambda c: c.solved + c.reached + c.called_back,
    denominator=lambda c: c.abandoned - c.open,
)
NEVER_HEARD: Metric[FateCounts] = Metric(
    id="abandoned_never",
    version=1,
    name_zh="失联率",
    name_en="Never heard of again",
    words_zh="放弃后在时限内没有任何后续联系 ÷ 已有结果的放弃。",
    words_en="abandoned calls whose caller did not call and was not called within the time / abandoned calls with a "
    "result.",
    numerator=lambda c: c.never,
    denominator=lambda c: c.abandoned - c.open,
)
FIRST_CONTACT_RESOLUTION: Metric[RepeatCounts] = Metric(
    id="first_contact_resolution",
    version=1,
    name_zh="一次解决率",
    name_en="First-contact resolution",
    words_zh="接起的来电中，事项的首次来电且 7 天内同一客户（或号码）未就同类事项再来电 ÷ 事项的首次来电（7 天已满或已"
    "重复的）。前 7 天内有同类来电的不算首次；号码隐藏或未记类别的不计入。",
    words_en="answered calls that began a matter and had no second call of the same customer (or number) and kind "
    "within 7 days / answered calls that began a matter, once the 7 days are over or a second call came. A call with "
    "one of the same kind in the 7 days before began nothing; withheld numbers and calls of no kind are in neither.",
    numerator=lambda c: c.resolved,
    denominator=lambda c: c.resolved + c.repeated,
)
REPEAT_RATE: Metric[RepeatCounts] = Metric(
    id="repeat_rate",
    version=1,
    name_zh="重复来电率",
    name_en="Repeat rate",
    words_zh="7 天内已有同类来电的接起来电 ÷ 可识别的接起来电。",
    words_en="answered calls with one of the same person and kind in the 7 days before / answered calls whose caller "
    "and kind are known.",
    numerator=lambda c: c.again,
    denominator=lambda c: c.answered - c.nameless,
)
RESOLUTION_BY_SURVEY: Metric[RepeatCounts] = Metric(
    id="resolution_by_survey",
    version=1,
    name_zh="回访解决率",
    name_en="Resolution by survey",
    words_zh="对“您的问题解决了吗？”回答“是” ÷ 回答了此题的客户。",
    words_en='customers who said yes to "Has your problem been solved?" / customers who answered that question.',
    numerator=lambda c: c.said_solved,
    denominator=lambda c: c.asked,
)

FURTHER_METRICS: Mapping[str, Metric[Any]] = {
    metric.id: metric
    for metric in (RECOVERED, NEVER_HEARD, FIRST_CONTACT_RESOLUTION, REPEAT_RATE, RESOLUTION_BY_SURVEY)
}
