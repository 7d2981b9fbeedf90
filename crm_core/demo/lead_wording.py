"""What the demo's prospects wish, what dealers write of them, where they met us, how consent was said."""

from __future__ import annotations

MODELS_WISHED = (
    "远辰 E6 四驱",
    "远辰 E6 后驱",
    "远辰 E8 旗舰",
    "远辰 E8 旗舰",
    "远辰 S5 2.0T",
    "远辰 X3 插混",
    "远辰 V9 商务",
)
WISHES = {
    "hot": (
        "四驱，本周试驾，周末定车",
        "看好旗舰版，问现车和贷款",
        "结婚用车，月底前提车",
        "旧车刚卖，急着换",
        "对比过两家，问最终价",
    ),
    "mid": (
        "置换 2018 款，问残值",
        "等年底政策，想先试驾",
        "家里添二胎，看七座",
        "孩子上学前换车",
        "先装充电桩，再定车",
        "公司换车，要两台报价",
    ),
    "long": ("等冬季续航测试", "明年换车，先要资料", "驾照在考，先了解", "等新款上市再看", "两年内换电车"),
}
FEEDBACK = (
    "已电话联系，约周六上午试驾。",
    "客户到店看车，配置已定，在谈贷款。",
    "已发报价和置换评估，客户考虑两天。",
    "加了微信，等家人一起来看车。",
    "试驾满意，比较颜色和交期。",
    "客户出差，下周再约到店。",
)
RIVALS = ("辰光 M7", "北岭 X5", "海岳 L9", "启明 K3")
TOUCHPOINTS = (
    ("hotline_400", "number", "400 热线", "400 hotline", "4001718888", "客户中心"),
    ("hotline_800", "number", "800 热线", "800 hotline", "8008201111", "客户中心"),
    ("web_drive", "web", "官网预约试驾", "Website: book a drive", "www.yuanchen.example/drive", "市场部"),
    ("web_config", "web", "官网配置器", "Website: configurator", "www.yuanchen.example/build", "市场部"),
    ("wechat_account", "wechat", "微信公众号", "WeChat account", "远辰汽车", "市场部"),
    ("autumn_show", "event", "长春秋季车展", "Changchun autumn show", "长春国际会展中心", "市场部"),
    ("winter_drive", "event", "冬季试驾营", "Winter test-drive camp", "净月潭", "市场部"),
    ("showroom", "dealer", "经销商展厅", "Dealer showrooms", "30 家", "网络部"),
    ("service_mail", "email", "客服邮箱", "Service mailbox", "service@yuanchen.example", "客户中心"),
    ("owners_letter", "post", "车主来信", "Letters of owners", "长春市东风大街 1 号", "客户中心"),
)
"""Code, kind, Chinese and English name, address, who answers for it."""

AGREED = ("可以，有活动告诉我", "行，打这个电话", "同意，别太晚就行", "可以的，发短信也行")
REFUSED = ("不要再打广告电话了", "新车消息不用告诉我", "不需要，谢谢")
SIGNED = "交车确认书第 3 条，本人签字"
STOPPED = ("家人来电要求不再联系", "客户书面要求停止联系", "号码已换人，机主要求删除")
