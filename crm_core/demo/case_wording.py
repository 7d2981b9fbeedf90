"""What the demo's cases are about, and what dealers write while they handle them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A case of the first dealer; `stop` is the place of the step at which it stands."""

    kind: str
    title: str
    detail: str
    days_ago: float
    stop: int
    sub_kind: str
    level: str = "normal"
    support: str = ""


COMPLAINTS = (
    Told(
        kind="complaint",
        title="交车延迟 12 天",
        detail="合同约定 7 月上旬交车，三次推迟。客户要求书面说明和补偿方案。",
        days_ago=6.05,
        stop=4,
        sub_kind="delivery",
        level="escalated",
    ),
    Told(
        kind="complaint",
        title="充电中断，三次进店未解决",
        detail="公共桩和家用桩都会中断，三次进店均未复现。客户要求给出明确期限。",
        days_ago=6.2,
        stop=2,
        sub_kind="product_quality",
    ),
    Told(
        kind="complaint",
        title="钣喷色差",
        detail="右后门补漆后与车身有色差。",
        days_ago=5.6,
        stop=3,
        sub_kind="repair_quality",
    ),
    Told(
        kind="complaint",
        title="保养未告知加价",
        detail="保养加收项目未提前告知，要求退还 268 元。",
        days_ago=2.4,
        stop=3,
        sub_kind="charges",
    ),
    Told(
        kind="complaint",
        title="批量取送车排队过长",
        detail="公司 46 台车同批保养，取送车等待超过 3 小时。",
        days_ago=0.6,
        stop=3,
        sub_kind="dealer_service",
        support="asked",
    ),
)
RESCUES = (
    Told(
        kind="rescue",
        title="小电瓶亏电，无法启动",
        detail="硅谷大街欧亚卖场地下车库 B2",
        days_ago=0.012,
        stop=3,
        sub_kind="battery",
    ),
    Told(
        kind="rescue", title="右前轮爆胎", detail="京哈高速 K1048 哈尔滨方向", days_ago=0.002, stop=0, sub_kind="tyre"
    ),
)
PARTS = {
    "空调制冷弱，待检测": "空调压缩机",
    "空调压缩机异响，等配件": "空调压缩机",
    "底盘异响，约检": "下摆臂胶套",
    "公共桩充电跳枪": "车载充电机",
    "充电中断，三次进店未解决": "车载充电机",
    "车机黑屏，待升级": "车机主机",
    "新车三周车机黑屏两次": "车机主机",
    "天窗漏水，等配件": "天窗密封条",
    "转向机异响，等配件": "转向机",
}
SUB_KINDS = {
    "空调制冷弱，待检测": "fault",
    "空调压缩机异响，等配件": "parts",
    "底盘异响，约检": "fault",
    "公共桩充电跳枪": "fault",
    "车机黑屏，待升级": "fault",
    "天窗漏水，等配件": "parts",
    "转向机异响，等配件": "parts",
    "交车超过承诺 2 小时": "dealer_service",
    "保养加收项目未告知": "charges",
    "新车三周车机黑屏两次": "product_quality",
    "投诉后无人联系": "dealer_service",
    "小电瓶亏电，已派救援": "battery",
    "预约 E8 试驾": "purchase",
    "C7 置换 E6 评估": "purchase",
    "索取 E6 冬季用车手册": "manual",
    "索取 E8 配置表": "manual",
    "订购冬季脚垫": "accessory",
}
SAID = (
    "已电话说明检测安排，客户同意明天上午到店。",
    "向客户致歉并说明原因，客户希望三天内有结果。",
    "客户在外地，约周五下午再联系。",
    "已告知进度，客户表示理解。",
)
DONE = {
    "owner": (
        "客户明天出差，请今天 16:30 前电话说明检测安排，准备代步车。",
        "请先看历次工单，再联系客户。",
        "优先处理。",
    ),
    "support": ("店内诊断仪读不到充电机内部故障码，请厂家提供诊断支持。",),
    "solved": ("更换零件后路试 30 公里正常。", "已退还加收费用并书面致歉。", "升级软件后连续三天未再出现。"),
}
REPORT = (
    {
        "cause": "零件批次缺陷",
        "measures": "更换零件，路试正常，延长该零件质保一年",
        "customer_said": "接受，希望以后提前告知",
    },
    {"cause": "服务顾问未按流程告知报价", "measures": "退还差额，班组复训", "customer_said": "满意处理结果"},
    {"cause": "软件版本缺陷", "measures": "升级到最新版本并跟踪一周", "customer_said": "观察后再评价"},
)
