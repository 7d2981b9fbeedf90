"""Forms to begin with. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.quality.forms import NOTHING, Criterion, Form, Knockout, Section
from crm_core.questionnaires.questions import Words


def _c(name: str, zh: str, en: str, steps: tuple[int, ...], hint: Words = NOTHING, *, skip: bool = False) -> Criterion:
    return Criterion(id=name, words=Words(zh, en), hint=hint, steps=steps, skippable=skip)


_RED_LINES = (
    Knockout(id="k1", words=Words("辱骂、讥讽客户", "Insults or mocks the customer")),
    Knockout(id="k2", words=Words("泄露客户资料", "Gives away customer data")),
    Knockout(id="k3", words=Words("虚假承诺", "Promises what is not true")),
)
COMPLAINT = Form(
    title=Words("投诉通话评分", "Complaint call"),
    sections=(
        Section(
            words=Words("沟通", "Talk"),
            criteria=(
                _c(
                    "c1", "开场与身份核对", "Opening and identity", (0, 5, 10),
                    Words("是否确认为车主本人", "Was the owner confirmed?"),
                ),
                _c(
                    "c2", "倾听与共情", "Listening and empathy", (0, 10, 15, 20),
                    Words("抢话、打断、先安抚后处理", "Interruptions; comfort before facts"),
                ),
            ),
        ),
        Section(
            words=Words("处理", "Handling"),
            criteria=(
                _c("c3", "问题记录完整", "The problem is written down in full", (0, 10, 15, 20)),
                _c(
                    "c4", "承诺明确可兑现", "Promises are clear and can be kept", (0, 10, 15, 20),
                    Words("给出时间、责任人和方式", "Time, person and way are named"),
                ),
                _c(
                    "c5", "升级与派单正确", "Escalated and handed on rightly", (0, 10, 20, 30),
                    Words("命中“媒体”“退车”等词应升级", "Media, returning the car: escalate"),
                ),
            ),
        ),
    ),
    knockouts=_RED_LINES,
)  # fmt: skip
SERVICE = Form(
    title=Words("服务通话评分", "Service call"),
    sections=(
        Section(
            words=Words("沟通", "Talk"),
            criteria=(
                _c("c1", "问候与自报姓名", "Greeting and own name", (0, 5, 10)),
                _c("c2", "听懂需求并复述", "Understands the need and says it back", (0, 10, 20)),
                _c("c3", "语气、语速、不抢话", "Tone, pace, no interrupting", (0, 10, 20)),
            ),
        ),
        Section(
            words=Words("解决", "Solution"),
            criteria=(
                _c("c4", "答复正确、依据知识库", "The answer is right and from the library", (0, 10, 20, 30)),
                _c("c5", "话后记录完整", "The record is complete", (0, 5, 10)),
                _c("c6", "保持前征求同意并说明原因", "Asks and explains before a hold", (0, 5, 10), skip=True),
            ),
        ),
    ),
    knockouts=_RED_LINES,
)
TEMPLATES: Mapping[str, Form] = {"complaint": COMPLAINT, "service": SERVICE}
