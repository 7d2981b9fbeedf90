"""What the demo's customers call about: kinds, results and notes in Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Talk:
    """`disposition` is a word of history.dispositions.Disposition; `{model}` in the note is the vehicle."""

    sub_kind: str
    disposition: str
    note: str


TALKS: dict[str, tuple[Talk, ...]] = {
    "repair": (
        Talk("空调", "case_opened", "{model} 空调制冷弱，怠速时更明显。已建工单并派店检测，告知当天联系。"),
        Talk("配件进度", "case_continued", "询问配件到货时间。已查中心库在途，预计后天到店，到店当天电话通知。"),
        Talk("保养", "answered", "{model} 预约周六上午保养，已告知带随车手册和保养价格。"),
        Talk("保养", "forwarded", "预约保养，客户希望取送车。已转经销商服务顾问确认时间。"),
        Talk("充电", "answered", "{model} 家用桩充电到 80% 自动停止，指导修改充电上限后正常。"),
        Talk("充电", "case_opened", "公共桩充电频繁跳枪，换桩仍有。已建工单，请带车到店读取数据。"),
        Talk("异响", "case_opened", "{model} 过减速带底盘有“咯吱”声，冷车明显。已派店，约明天上午。"),
        Talk("车机", "answered", "车机导航无声，指导重启车机后恢复。告知下次升级时间。"),
        Talk("车机", "forwarded", "蓝牙断连，已刷最新版本仍有。转经销商安排检测。"),
        Talk("质保", "answered", "咨询三电质保范围，已说明 8 年 16 万公里及除外情况。"),
        Talk("轮胎", "answered", "胎压灯亮，指导补气后复位，建议近期到店检查气门嘴。"),
        Talk("维修进度", "case_continued", "车在店第三天，询问完工时间。联系服务顾问后答复今天 17 点前可取。"),
    ),
    "enquiry": (
        Talk("购车", "forwarded", "看好 {model}，预算 25 万，希望周末试驾。已转就近经销商。"),
        Talk("购车", "answered", "比较 E6 后驱与四驱差别，已说明续航和价格，暂不需要联系。"),
        Talk("试驾", "forwarded", "预约试驾 E8，周六下午，已登记并发送门店地址。"),
        Talk("金融", "answered", "咨询贷款首付与利率，已说明当前两年免息政策。"),
        Talk("置换", "forwarded", "2018 年 C7 想置换 E6，已转经销商评估。"),
        Talk("功能", "answered", "咨询冬季续航和预热方法，已指导设置出发时间预热。"),
        Talk("资料", "material_sent", "索取 E6 冬季用车手册，已发电子版到预留邮箱。"),
        Talk("会员", "answered", "询问积分兑换，已说明入口和有效期。"),
        Talk("网点", "answered", "询问就近网点和营业时间，已短信发送。"),
    ),
    "complaint": (
        Talk("服务质量", "case_opened", "投诉等待交车超过承诺 2 小时且无人说明。已致歉，建单转客户关系经理。"),
        Talk(
            "产品质量", "case_opened", "{model} 交车三周内车机黑屏两次，要求给出方案。已建投诉单，承诺 24 小时内联系。"
        ),
        Talk("服务质量", "case_continued", "第二次来电，上次投诉无人联系。已升级，班组长跟进。"),
        Talk("收费", "case_opened", "认为保养加收项目未提前告知。已记录并请经销商核对工单。"),
        Talk("交付", "forwarded", "提车时间一再推迟。已联系区域，当天下午回复客户。"),
        Talk("产品质量", "answered", "反映风噪偏大，已说明检测流程，客户同意先到店路试。"),
    ),
    "suggestion": (
        Talk("产品建议", "answered", "建议增加方向盘加热定时。已记录转产品部。"),
        Talk("服务建议", "answered", "希望周日也能取送车。已记录，感谢客户。"),
        Talk("App", "answered", "建议 App 增加家人共享充电记录。已记录。"),
    ),
    "rescue": (
        Talk("无法启动", "rescue_sent", "{model} 小电瓶亏电无法启动，人在地下车库。已派救援，预计 40 分钟到。"),
        Talk("爆胎", "rescue_sent", "高速爆胎，已在应急车道放置三角牌，人已到护栏外。已派拖车并报最近服务站。"),
        Talk("事故", "rescue_sent", "轻微追尾，无人受伤，水箱漏液。已派拖车到服务站，指导联系保险。"),
        Talk("没电", "rescue_sent", "剩余 3% 停在辅路，已派移动补电车，约 30 分钟。"),
    ),
    "order": (Talk("精品", "answered", "订购冬季脚垫，已下单到经销商自提。"),),
    "material": (Talk("产品资料", "material_sent", "索取 E8 配置表，已发电子版。"),),
}
CARE = (
    Talk("服务后关怀", "answered", "保养后回访，客户满意，提醒下次保养里程。"),
    Talk("四周满意度", "answered", "总体 5，按时交车 5，服务顾问建议 4。"),
    Talk("两周满意度", "answered", "新车使用正常，想了解脚踢尾门设置，已指导。"),
    Talk("回呼", "case_continued", "告知配件已到店，客户约明天上午进店。"),
)
STEPS = {
    "repair": ("受理", "派店", "检测", "待料", "维修", "回访"),
    "complaint": ("受理", "转客户关系经理", "指定责任人", "联系客户", "处理报告", "回访"),
    "rescue": ("受理", "派车", "到达", "处理", "回访"),
    "enquiry": ("受理", "转经销商", "联系客户", "回访"),
    "material": ("受理", "寄出", "确认收到"),
    "order": ("受理", "备货", "交付"),
}
CASES: dict[str, tuple[tuple[str, str], ...]] = {
    "repair": (
        ("空调制冷弱，待检测", "怠速时制冷弱，行驶正常。"),
        ("底盘异响，约检", "过减速带“咯吱”声，冷车明显。"),
        ("公共桩充电跳枪", "换三个桩仍跳枪，家用桩正常。"),
        ("车机黑屏，待升级", "两周内黑屏两次，重启恢复。"),
        ("天窗漏水，等配件", "雨后顶篷有水渍，排水管堵塞已疏通，换密封条。"),
        ("转向机异响，等配件", "原地打方向有“哒”声，配件在途。"),
    ),
    "complaint": (
        ("交车超过承诺 2 小时", "客户要求书面说明和补偿方案。"),
        ("保养加收项目未告知", "要求退还加收的 268 元。"),
        ("新车三周车机黑屏两次", "要求更换主机或给出明确期限。"),
        ("投诉后无人联系", "第二次来电，要求升级处理。"),
    ),
    "rescue": (("小电瓶亏电，已派救援", "地下车库，需过江龙。"),),
    "enquiry": (("预约 E8 试驾", "周六下午，两人同行。"), ("C7 置换 E6 评估", "2018 年 C7，里程 9 万。")),
    "material": (("索取 E6 冬季用车手册", "电子版即可。"), ("索取 E8 配置表", "寄到公司。")),
    "order": (("订购冬季脚垫", "到店自提。"),),
}
