"""Words that a cell may choose from, in Chinese and English, each with the word we keep. Without I/O."""

from __future__ import annotations

from functools import partial

from crm_core.imports import cells


def _choice(**words: str) -> partial[str]:
    table = {alias: name for name, aliases in words.items() for alias in (name, *aliases.split())}
    return partial(cells.choice, words=table)


KIND = _choice(person="个人 私人 自然人 individual", company="公司 企业 单位 组织 对公 organisation organization")
GENDER = _choice(male="男 先生 m mr", female="女 女士 f ms mrs")
ENERGY = _choice(
    petrol="汽油 燃油 柴油 gasoline diesel", hybrid="混动 插混 增程 phev hev", electric="纯电 电动 纯电动 ev bev"
)
USE = _choice(own="自用 本人 私家", partner="配偶 家人 家用", company="公司 公务 企业 商用 营运")
ROLE = _choice(buyer="购车人 车主 买方 owner", user="使用人 用车人", driver="驾驶人 司机 驾驶员")
VISIT = _choice(
    maintenance="保养 常规保养 首保 定保 service",
    repair="维修 一般维修 机修 小修 大修",
    warranty="索赔 保修 三包 三包索赔",
    accident="事故 事故车 钣喷",
    recall="召回",
    inspection="检测 检查 pdi",
)
ORDER = _choice(order="订单 正式 正式订单", intent="意向 意向订单")
STATUS = _choice(
    open="新建 已下单 待处理 new",
    in_production="生产 生产中 排产 已排产",
    warehouse="入库 在库 库存",
    transport="在途 运输 运输中 发运",
    in_sale="到店 在店 待交付",
    delivered="已交付 交付 交车 已交车",
    cancelled="取消 已取消 退订 canceled",
)
YES = _choice(yes="是 要 需要 同意 1 y true", no="否 不 不需要 不同意 拒绝 0 n false")
SOURCE = _choice(
    web="官网 网站 网络 线上 表单 website", event="车展 活动 展会 外展 巡展 fair", hotline="热线 电话 来电",
    referral="推荐 转介绍 老带新 recommended", dealer="经销商 门店 展厅 到店",
)  # fmt: skip
