"""Believable Chinese names, numbers and companies."""

from __future__ import annotations

from random import Random


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES = (
    "王王王王李李李李张张张张刘刘刘陈陈陈杨杨赵赵黄黄周周吴吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
_MEN = words(
    "建国 志强 伟 勇 军 磊 涛 明 超 强 鹏 杰 浩 宇 斌 波 辉 刚 健 俊 文博 子轩 浩然 宇航 志远 海涛 国庆 "
    "立新 振华 永刚 德胜 家豪 天佑 晓东 少华 光明 长林 玉成 一鸣 思远 嘉伟 铭 凯 旭东 延庆 云飞 春生 兴旺 "
    "学文 成林 正阳"
)
_WOMEN = words(
    "敏 静 丽 艳 娟 霞 芳 燕 玲 丹 萍 红 雪 琳 颖 倩 晓梅 秀英 桂兰 玉兰 婷婷 佳怡 雨欣 梓涵 思琪 欣怡 "
    "雅琴 海燕 春梅 淑珍 美玲 慧敏 晓燕 文静 立华 月娥 云霞 素芬 佩玲 惠 珊珊 诗涵 梦瑶 若曦 语嫣 晨曦 "
    "可欣 舒雅 冬梅 秋菊"
)
_FIRMS = words(
    "宏远物流 恒通汽车租赁 鑫达建材 博雅教育 金穗粮油 东方旅行社 瑞康医药 天河电子 华盛装饰 联众出行 "
    "顺捷快运 远见咨询 百川餐饮 同心物业 立信会计 松江机械 绿源环保 安泰保险经纪 星火传媒 嘉禾食品 "
    "中北电力工程 海纳科技"
)
_MOBILE = [
    "130",
    "131",
    "133",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "152",
    "155",
    "157",
    "158",
    "159",
    "176",
    "177",
    "180",
    "181",
    "185",
    "186",
    "187",
    "188",
    "189",
    "198",
    "199",
]

_SEVEN_DIGITS = frozenset({"0351", "0592", "0771"})  # every other area code of `places` has eight


def person(random: Random, surname: str = "") -> tuple[str, str]:
    """(name, salutation)."""
    family = surname or random.choice(_SURNAMES)
    if random.random() < 0.62:
        return family + random.choice(_MEN), "先生"
    return family + random.choice(_WOMEN), "女士"


def company(number: int, city: str) -> str:
    return f"{city.removesuffix('市')}{_FIRMS[number % len(_FIRMS)]}有限公司"


def mobile(random: Random) -> str:
    """A mobile number in E.164."""
    return f"+86{random.choice(_MOBILE)}{random.randrange(10**8):08d}"


def landline(random: Random, area: str) -> str:
    """A landline of the city in E.164, as long as the area's numbers are."""
    digits = 7 if area in _SEVEN_DIGITS else 8
    return f"+86{area[1:]}{random.choice('5678')}{random.randrange(10 ** (digits - 1)):0{digits - 1}d}"
