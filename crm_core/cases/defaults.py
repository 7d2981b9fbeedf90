"""The rules that come with the product; whoever may edit the rules changes them at /admin/cases."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.cases.assignment import OWN_DEALER, AssignmentRule
from crm_core.cases.clocks import DAY, HOUR, ClockRule
from crm_core.cases.forms import Choice, FieldType, FormField

ZONE = "Asia/Shanghai"
PAUSES = ("customer", "parts", "third_party")
_REMIND, _ESCALATE = (DAY, 4 * HOUR), (0, 4 * HOUR, DAY, 2 * DAY)
_STAGES = {"accept": 2 * HOUR, "name_owner": 4 * HOUR, "solve": 4 * DAY, "report": DAY, "confirm": DAY}
_HURRIED = {"accept": HOUR, "name_owner": 2 * HOUR, "solve": 2 * DAY, "report": DAY, "confirm": DAY}
_RESCUE = {"dispatch": 5, "accept": 5, "under_way": 10, "arrive": 45, "help": 60, "confirm": DAY}

# Seven days for a complaint is the maker's figure (N12); where the owner's cases print none, ours is a first guess.
CLOCKS: Mapping[str, Mapping[str, ClockRule]] = {
    "complaint": {
        "normal": ClockRule(
            respond=DAY,
            solve=7 * DAY,
            remind=_REMIND,
            escalate=_ESCALATE,
            stages=_STAGES,
            pauses={"customer": 72, "parts": 240},
        ),
        "escalated": ClockRule(
            respond=8 * HOUR,
            solve=5 * DAY,
            remind=_REMIND,
            escalate=(0, 2 * HOUR, 8 * HOUR, DAY),
            stages=_HURRIED,
            pauses={"customer": 48, "parts": 120},
        ),
        "major": ClockRule(
            respond=2 * HOUR,
            solve=3 * DAY,
            remind=(DAY, 4 * HOUR, HOUR),
            escalate=(0, 0, HOUR, 4 * HOUR),
            stages={**_HURRIED, "accept": 30, "name_owner": HOUR, "solve": DAY},
            pauses={"customer": 24},
        ),
    },
    "rescue": {
        "normal": ClockRule(
            respond=10,
            solve=2 * HOUR,
            remind=(15,),
            escalate=(0, 10, 30, 60),
            stages=_RESCUE,
            pauses={"customer": 2, "third_party": 4},
        ),
        "major": ClockRule(
            respond=5,
            solve=90,
            remind=(15,),
            escalate=(0, 0, 15, 30),
            stages={**_RESCUE, "dispatch": 3, "accept": 3},
            pauses={"customer": 2},
        ),
    },
    "repair": {
        "normal": ClockRule(
            respond=DAY, solve=4 * DAY, remind=_REMIND, escalate=_ESCALATE, pauses={"customer": 72, "parts": 336}
        )
    },
    "enquiry": {
        "normal": ClockRule(respond=DAY, solve=3 * DAY, remind=_REMIND, escalate=_ESCALATE, pauses={"customer": 72})
    },
    "suggestion": {"normal": ClockRule(respond=3 * DAY, solve=14 * DAY, remind=_REMIND, escalate=_ESCALATE)},
    "material": {
        "normal": ClockRule(respond=DAY, solve=5 * DAY, remind=_REMIND, escalate=_ESCALATE, pauses={"customer": 72})
    },
    "order": {
        "normal": ClockRule(respond=DAY, solve=6 * DAY, remind=_REMIND, escalate=_ESCALATE, pauses={"customer": 72})
    },
}


def _choices(*words: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code=code, name_zh=zh, name_en=en) for code, zh, en in words)


FORMS: Mapping[str, tuple[FormField, ...]] = {
    "enquiry": (
        FormField(code="model", name_zh="车型", name_en="Model"),
        FormField(
            code="buy_by", name_zh="计划购车", name_en="Plans to buy by", type=FieldType.DATE, sub_kind="purchase"
        ),
    ),
    "complaint": (
        FormField(code="happened_on", name_zh="发生日期", name_en="Happened on", type=FieldType.DATE),
        FormField(code="demand", name_zh="客户诉求", name_en="What would settle it", required=True),
        FormField(code="part", name_zh="涉及零件", name_en="Part", type=FieldType.PART, sub_kind="product_quality"),
        FormField(code="visits", name_zh="进店次数", name_en="Workshop visits so far", type=FieldType.NUMBER),
        FormField(
            code="can_drive", name_zh="车辆可正常行驶", name_en="The vehicle can be driven", type=FieldType.YES_NO
        ),
    ),
    "suggestion": (FormField(code="may_call", name_zh="可回访", name_en="We may call back", type=FieldType.YES_NO),),
    "repair": (
        FormField(code="fault", name_zh="故障现象", name_en="Fault", sub_kind="fault", required=True),
        FormField(code="since", name_zh="何时开始", name_en="Since", type=FieldType.DATE),
        FormField(code="part", name_zh="涉及零件", name_en="Part", type=FieldType.PART),
        FormField(
            code="can_drive", name_zh="车辆可正常行驶", name_en="The vehicle can be driven", type=FieldType.YES_NO
        ),
    ),
    "rescue": (
        FormField(code="place", name_zh="救援地点", name_en="Place", type=FieldType.PLACE, required=True),
        FormField(
            code="safe",
            name_zh="人员已到安全处",
            name_en="Everybody is in a safe place",
            type=FieldType.YES_NO,
            required=True,
        ),
        FormField(code="callback", name_zh="现场电话", name_en="Telephone on the spot"),
        FormField(
            code="help",
            name_zh="需要",
            name_en="Needs",
            type=FieldType.CHOICE,
            choices=_choices(
                ("tow", "拖车", "Towing"),
                ("battery", "搭电", "Jump start"),
                ("charge", "移动补电", "Mobile charging"),
                ("tyre", "换胎", "Tyre change"),
                ("other", "其他", "Other"),
            ),
        ),
    ),
    "material": (
        FormField(code="documents", name_zh="资料清单", name_en="Documents", required=True),
        FormField(
            code="way",
            name_zh="寄送方式",
            name_en="Sent by",
            type=FieldType.CHOICE,
            required=True,
            choices=_choices(
                ("email", "邮件", "E-mail"), ("post", "邮寄", "Post"), ("dealer", "到店自取", "At the dealer's")
            ),
        ),
        FormField(code="address", name_zh="收件地址", name_en="Address"),
    ),
    "order": (
        FormField(code="model", name_zh="意向车型", name_en="Model wished", sub_kind="vehicle", required=True),
        FormField(code="colour", name_zh="颜色", name_en="Colour", sub_kind="vehicle"),
        FormField(
            code="promised_on", name_zh="期望提车", name_en="Wants it by", type=FieldType.DATE, sub_kind="vehicle"
        ),
        FormField(code="article", name_zh="订购物品", name_en="Article", sub_kind="accessory"),
        FormField(code="count", name_zh="数量", name_en="Count", type=FieldType.NUMBER),
    ),
}

ASSIGNMENT: tuple[AssignmentRule, ...] = (
    AssignmentRule(
        name="投诉：客户所属经销商", name_en="Complaint: the customer's dealer", kind="complaint", dealer=OWN_DEALER
    ),
    AssignmentRule(
        name="维修：客户所属经销商", name_en="Repair: the customer's dealer", kind="repair", dealer=OWN_DEALER
    ),
    AssignmentRule(
        name="订购：客户所属经销商", name_en="Order: the customer's dealer", kind="order", dealer=OWN_DEALER
    ),
    AssignmentRule(name="其他：谁开单谁负责", name_en="Anything else: who opens it"),
)
RADAR_DAYS, RADAR_THRESHOLD = 30, 3
