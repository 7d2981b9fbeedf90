"""What simulated agents write into the record of a contact."""

from __future__ import annotations

import random
from typing import TypedDict

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.history.dispositions import Disposition
from crm_core.history.model import Contact


class Words(TypedDict):
    kind: str
    sub_kind: str
    relation: str
    disposition: str
    note: str


NOTES: dict[str, tuple[str, ...]] = {
    "enquiry": (
        "询问 E6 四驱冬季续航，已说明预热和能量回收设置。",
        "询问 S5 2.0T 首保时间和费用，已按保养手册答复。",
        "询问附近展厅营业时间，已告知地址并发送导航。",
        "想预约试驾 X3，已登记意向，转经销商两日内联系。",
    ),
    "complaint": (
        "反映维修等待时间超过承诺，已致歉并登记投诉，经销商当天回复。",
        "反映交车时赠品未兑现，已核对订单备注，转客户关系经理。",
    ),
    "suggestion": ("建议手机端增加保养提醒开关，已登记。", "建议服务站周末延长营业一小时，已登记转区域经理。"),
    "repair": (
        "空调制冷弱，建议进店检测，已约服务站明天上午。",
        "仪表提示胎压异常，指导复位后仍提示，约今天下午进店。",
        "询问维修进度，服务站答复配件明天到店，客户同意等待。",
        "保养后机油灯偶亮，已建单，服务顾问一小时内回电。",
    ),
    "rescue": ("高速应急车道爆胎，已安排最近服务站拖车，预计四十分钟到达。",),
}
DISPOSITIONS = (Disposition.ANSWERED, Disposition.FORWARDED, Disposition.CALLBACK_PROMISED)
SUB_KINDS = {"enquiry": "product", "complaint": "service_quality", "suggestion": "other", "repair": "progress"}


async def record_for(session: AsyncSession, contact_id: str, chance: random.Random) -> Words | None:
    """A believable record for this contact, or None when the agent has already written one."""
    contact = await session.get(Contact, contact_id)
    if contact is None or contact.recorded_at is not None:
        return None
    kind = contact.topic if contact.topic in NOTES else chance.choice(("enquiry", "repair"))
    return Words(
        kind=kind,
        sub_kind=SUB_KINDS.get(kind, ""),
        relation=chance.choices(("owner", "family", "driver"), weights=(8, 1, 1))[0],
        disposition=chance.choices(DISPOSITIONS, weights=(6, 2, 2))[0],
        note=chance.choice(NOTES[kind]),
    )
