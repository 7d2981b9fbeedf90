"""How a talk ended for the customer: the agent chooses one to finish the record."""

from __future__ import annotations

from enum import StrEnum


class Disposition(StrEnum):
    ANSWERED = "answered"  # 已答复
    CASE_OPENED = "case_opened"  # 已建工单
    CASE_CONTINUED = "case_continued"  # 跟进原工单
    FORWARDED = "forwarded"  # 已转派经销商
    CALLBACK_PROMISED = "callback_promised"  # 约定回呼
    MATERIAL_SENT = "material_sent"  # 已寄资料
    RESCUE_SENT = "rescue_sent"  # 已派救援
    NOT_INTERESTED = "not_interested"  # 暂无意向
    NOT_REACHED = "not_reached"  # 未接通
    CUT_OFF = "cut_off"  # 通话中断
    NUISANCE = "nuisance"  # 骚扰电话
    WRONG_NUMBER = "wrong_number"  # 打错


class Relation(StrEnum):
    """Whether the caller is the customer in person."""

    OWNER = "owner"  # 本人
    FAMILY = "family"  # 家人
    DRIVER = "driver"  # 司机
    OTHER = "other"  # 其他
