"""What can be imported, which fields each kind has, and how a column's heading is recognised. Without I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache, partial
from typing import Any

from crm_core.imports import cells, choices

Reader = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Field:
    """`aliases` are headings that mean it, folded by `fold`. `read` makes the value or raises Unreadable."""

    name: str
    aliases: tuple[str, ...]
    read: Reader
    required: bool = False
    at_site: bool = False  # `read` takes the site's zone, too


def _text(longest: int) -> Reader:
    return partial(cells.word, longest=longest)


def _named(*names: str) -> tuple[str, ...]:
    return tuple(fold(name) for name in names)


def fold(heading: str) -> str:
    """A heading without case, spaces, brackets and marks: 客户姓名* (必填) as 客户姓名."""
    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", heading.casefold())
    return re.sub(r"[\s_\-*:：./#。、]", "", bare)


_KEY = Field(
    "customer_key", _named("客户编号", "客户号", "客户代码", "会员号", "customer no", "customer id"), _text(40)
)
_NAME = Field(
    "name", _named("姓名", "客户姓名", "客户名称", "名称", "车主", "车主姓名", "联系人", "name", "customer"), _text(80)
)
_NUMBER = Field(
    "number",
    _named("手机", "手机号", "手机号码", "电话", "联系电话", "电话号码", "移动电话", "mobile", "phone", "telephone"),
    cells.number,
)
_OWNER = (_KEY, _NAME, _NUMBER)
_VIN = Field("vin", _named("vin", "vin码", "车架号", "车辆识别代号", "底盘号", "车架号码", "chassis"), cells.vin)
_NEEDS_VIN = Field(_VIN.name, _VIN.aliases, cells.vin, required=True)
_PLATE = Field("plate", _named("车牌", "车牌号", "车牌号码", "牌照", "牌照号", "plate", "licence plate"), cells.plate)
_MODEL = Field("model", _named("车型", "车款", "车型名称", "车系", "model"), _text(60))
_DEALER = Field(
    "dealer", _named("经销商", "经销商代码", "店代码", "门店", "4s店", "网点", "dealer", "dealer code"), _text(40)
)
_MILEAGE = Field(
    "mileage_km", _named("里程", "行驶里程", "公里数", "进厂里程", "mileage", "km", "odometer"), cells.whole
)
_BRAND = Field("brand", _named("品牌", "brand"), _text(20))


def _need(field: Field) -> Field:
    return Field(field.name, field.aliases, field.read, required=True, at_site=field.at_site)


def _date(name: str, *aliases: str, required: bool = False) -> Field:
    return Field(name, _named(*aliases), cells.day, required=required)


def _moment(name: str, *aliases: str, required: bool = False) -> Field:
    return Field(name, _named(*aliases), cells.moment, required=required, at_site=True)


KINDS: Mapping[str, tuple[Field, ...]] = {
    "customers": (
        _KEY,
        _need(_NAME),
        _NUMBER,
        Field(
            "second_number", _named("电话2", "备用电话", "固定电话", "座机", "second phone", "landline"), cells.number
        ),
        Field("kind", _named("客户类型", "客户性质", "类型", "kind", "type"), choices.KIND),
        Field("gender", _named("性别", "称谓", "gender", "sex"), choices.GENDER),
        Field("birth_year", _named("出生年", "出生年份", "生日", "出生日期", "birth year", "birthday"), cells.year),
        Field("email", _named("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"), cells.mail),
        Field("province", _named("省", "省份", "province"), _text(40)),
        Field("city", _named("城市", "市", "所在城市", "city", "town"), _text(40)),
        Field("street", _named("地址", "通讯地址", "联系地址", "详细地址", "address", "street"), _text(200)),
        Field("postcode", _named("邮编", "邮政编码", "postcode", "zip"), _text(12)),
        _DEALER,
        Field("sales_consultant", _named("销售顾问", "sales consultant"), _text(40)),
        Field("service_adviser", _named("服务顾问", "service adviser", "service advisor"), _text(40)),
        _BRAND,
    ),
    "vehicles": (
        _NEEDS_VIN,
        _need(_MODEL),
        _PLATE,
        _BRAND,
        Field("colour", _named("颜色", "车身颜色", "外观颜色", "colour", "color"), _text(20)),
        Field("energy", _named("能源", "能源类型", "燃料", "燃料类型", "动力", "energy", "fuel"), choices.ENERGY),
        Field("production_number", _named("生产号", "排产号", "production no", "production number"), _text(30)),
        _date("made_on", "生产日期", "下线日期", "made on", "production date"),
        _date("sold_on", "销售日期", "购车日期", "开票日期", "sold on", "sales date"),
        _date("warranty_until", "质保到期", "保修到期", "质保截止", "warranty until"),
        _date("next_service_on", "下次保养", "下次保养日期", "next service"),
        _MILEAGE,
        _DEALER,
        *_OWNER,
        Field("role", _named("角色", "人车关系", "关系", "role"), choices.ROLE),
    ),
    "deliveries": (
        _NEEDS_VIN,
        _date("delivered_on", "交车日期", "交付日期", "提车日期", "delivered on", "delivery date", required=True),
        *_OWNER,
        _MODEL,
        _PLATE,
        _DEALER,
        Field("consultant", _named("销售顾问", "顾问", "consultant"), _text(40)),
        Field("use", _named("用途", "车辆用途", "use"), choices.USE),
        Field("price_yuan", _named("成交价", "价格", "车价", "金额", "price"), cells.whole),
    ),
    "visits": (
        Field(
            "visit_number", _named("工单号", "维修单号", "结算单号", "委托书号", "visit no", "repair order"), _text(20)
        ),
        _NEEDS_VIN,
        _moment(
            "came_at", "进厂时间", "进厂日期", "到店时间", "开单时间", "开单日期", "came at", "date in", required=True
        ),
        _moment("left_at", "出厂时间", "结算时间", "交车时间", "完工时间", "left at", "date out"),
        Field("visit_kind", _named("维修类型", "业务类型", "类型", "kind", "type"), choices.VISIT),
        _DEALER,
        Field("adviser", _named("服务顾问", "接待", "adviser", "advisor"), _text(40)),
        _MILEAGE,
        Field("complaint", _named("故障描述", "客户描述", "报修内容", "complaint"), _text(1_000)),
        Field("work_done", _named("维修项目", "维修内容", "作业项目", "work done", "work"), _text(1_000)),
        Field("cost_yuan", _named("费用", "总费用", "结算金额", "金额", "cost", "amount"), cells.whole),
        *_OWNER,
    ),
    "orders": (
        Field(
            "order_number", _named("订单号", "订单编号", "合同号", "order no", "order number"), _text(20), required=True
        ),
        _need(_MODEL),
        _moment("ordered_at", "下单日期", "订单日期", "签约日期", "ordered at", "order date", required=True),
        *_OWNER,
        _DEALER,
        Field("order_kind", _named("订单类型", "order kind"), choices.ORDER),
        Field("status", _named("状态", "订单状态", "status"), choices.STATUS),
        Field("production_number", _named("生产号", "排产号", "production no", "production number"), _text(30)),
        _VIN,
        _date("promised_on", "承诺交期", "预计交付", "交付日期", "promised on"),
    ),
    "trade_ins": (
        *_OWNER,
        Field(
            "old_vehicle", _named("旧车", "旧车车型", "置换车型", "old vehicle", "old car"), _text(80), required=True
        ),
        _date("traded_on", "置换日期", "收车日期", "traded on", "date", required=True),
        _PLATE,
        _MILEAGE,
        Field("offered_yuan", _named("收购价", "评估价", "置换价", "offered", "price"), cells.whole),
        _DEALER,
        Field("new_vin", _named("新车vin", "新车车架号", "new vin"), cells.vin),
    ),
    "recalls": (
        _NEEDS_VIN,
        Field(
            "recall_code", _named("召回编号", "召回号", "活动编号", "recall", "recall code"), _text(40), required=True
        ),
        Field("recall_title", _named("召回内容", "召回名称", "活动名称", "title", "recall title"), _text(120)),
        _date("announced_on", "公告日期", "发布日期", "开始日期", "announced on"),
        _date("recall_done_on", "完成日期", "召回完成", "实施日期", "done on"),
    ),
    "leads": (
        *_OWNER,
        Field("model", _named("意向车型", "车型", "车款", "车系", "model"), _text(60)),
        Field("wish", _named("意向", "需求", "购车意向", "备注", "wish", "interest"), _text(200)),
        _date("buy_by", "预计购车时间", "预计购车日期", "购车时间", "buys by", "buy by"),
        Field("budget_wan", _named("预算", "预算万元", "budget"), cells.whole),
        Field("trade_in", _named("置换车辆", "置换车型", "旧车", "trade in"), _text(80)),
        Field("test_drive", _named("试驾", "是否试驾", "预约试驾", "test drive"), choices.YES),
        Field("source", _named("来源", "线索来源", "渠道", "source"), choices.SOURCE),
        Field("consent", _named("同意联系", "是否同意联系", "联系授权", "授权", "consent"), choices.YES),
        Field(
            "consent_words", _named("同意方式", "授权方式", "授权来源", "consent given at", "consent words"), _text(120)
        ),
        Field("touchpoint", _named("触点", "接触点", "活动", "活动名称", "contact point"), _text(40)),
        _moment("captured_at", "登记时间", "留资时间", "线索时间", "captured at"),
        _DEALER,
    ),
}


@lru_cache
def by_name(kind: str) -> Mapping[str, Field]:
    return {field.name: field for field in KINDS[kind]}


def guess(kind: str, header: Sequence[str]) -> list[str]:
    """For each column the field that its heading means, "" = none; no field twice."""
    taken: set[str] = set()
    found = []
    for heading in header:
        folded = fold(heading)
        fits = (field.name for field in KINDS[kind] if folded and folded in (*field.aliases, fold(field.name)))
        name = next((name for name in fits if name not in taken), "")
        taken.add(name)
        found.append(name)
    return found


def known_headings(kind: str, cells_of_row: Sequence[str]) -> int:
    """How many cells of a row are headings we know: the row with the most is the header, even below a title."""
    return sum(bool(name) for name in guess(kind, cells_of_row))


def missing(kind: str, columns: Sequence[str]) -> list[str]:
    """Fields without which no row of this kind can be taken, and which no column brings."""
    lacking = [field.name for field in KINDS[kind] if field.required and field.name not in columns]
    if kind not in ("vehicles", "visits", "recalls") and not {"customer_key", "number"} & set(columns):
        lacking.append("number")
    return lacking


def read(field: Field, text: str, zone: tzinfo) -> Any:
    return field.read(text, zone) if field.at_site else field.read(text)
