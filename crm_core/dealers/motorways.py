"""The main lines of the national motorways (国家高速公路网): number, and the cities or provinces at their ends."""

from __future__ import annotations

MOTORWAYS = {
    "G1": ("京哈高速", "Beijing–Harbin"), "G2": ("京沪高速", "Beijing–Shanghai"), "G3": ("京台高速", "Beijing–Taipei"),
    "G4": ("京港澳高速", "Beijing–Hong Kong–Macao"), "G5": ("京昆高速", "Beijing–Kunming"),
    "G6": ("京藏高速", "Beijing–Lhasa"), "G7": ("京新高速", "Beijing–Urumqi"),
    "G10": ("绥满高速", "Suifenhe–Manzhouli"), "G11": ("鹤大高速", "Hegang–Dalian"),
    "G12": ("珲乌高速", "Hunchun–Ulanhot"), "G15": ("沈海高速", "Shenyang–Haikou"),
    "G16": ("丹锡高速", "Dandong–Xilinhot"), "G18": ("荣乌高速", "Rongcheng–Wuhai"),
    "G20": ("青银高速", "Qingdao–Yinchuan"), "G22": ("青兰高速", "Qingdao–Lanzhou"),
    "G25": ("长深高速", "Changchun–Shenzhen"), "G30": ("连霍高速", "Lianyungang–Khorgas"),
    "G35": ("济广高速", "Jinan–Guangzhou"), "G36": ("宁洛高速", "Nanjing–Luoyang"),
    "G40": ("沪陕高速", "Shanghai–Xi'an"), "G42": ("沪蓉高速", "Shanghai–Chengdu"),
    "G45": ("大广高速", "Daqing–Guangzhou"), "G50": ("沪渝高速", "Shanghai–Chongqing"),
    "G55": ("二广高速", "Erenhot–Guangzhou"), "G56": ("杭瑞高速", "Hangzhou–Ruili"),
    "G59": ("呼北高速", "Hohhot–Beihai"), "G60": ("沪昆高速", "Shanghai–Kunming"),
    "G65": ("包茂高速", "Baotou–Maoming"), "G69": ("银百高速", "Yinchuan–Baise"),
    "G70": ("福银高速", "Fuzhou–Yinchuan"), "G72": ("泉南高速", "Quanzhou–Nanning"),
    "G75": ("兰海高速", "Lanzhou–Haikou"), "G76": ("厦蓉高速", "Xiamen–Chengdu"),
    "G78": ("汕昆高速", "Shantou–Kunming"), "G80": ("广昆高速", "Guangzhou–Kunming"),
    "G85": ("银昆高速", "Yinchuan–Kunming"),
}  # fmt: skip
"""Number -> Chinese and English name. Only offered: any other road is typed."""
