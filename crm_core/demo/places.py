"""Thirty dealers of the fictional brand 远辰 in real cities."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from crm_core.demo.names import landline


@dataclass(frozen=True, slots=True)
class Place:
    """`plate` is the beginning of the city's number plates, `area` its telephone area code."""

    province: str
    city: str
    dealer: str
    street: str
    latitude: float
    longitude: float
    plate: str
    area: str


PLACES = (
    Place("吉林", "长春", "金达", "高新区硅谷大街 1188 号", 43.8171, 125.3235, "吉A", "0431"),
    Place("吉林", "吉林市", "江城", "丰满区吉林大街 206 号", 43.8378, 126.5494, "吉B", "0432"),
    Place("辽宁", "沈阳", "盛京", "铁西区建设东路 57 号", 41.8057, 123.4315, "辽A", "024"),
    Place("辽宁", "大连", "滨海", "甘井子区华北路 318 号", 38.9140, 121.6147, "辽B", "0411"),
    Place("黑龙江", "哈尔滨", "冰城", "香坊区公滨路 432 号", 45.8038, 126.5350, "黑A", "0451"),
    Place("北京", "北京", "京辰", "朝阳区东四环南路 58 号", 39.9042, 116.4074, "京N", "010"),
    Place("北京", "北京", "海淀", "海淀区西四环北路 140 号", 39.9593, 116.2982, "京Q", "010"),
    Place("天津", "天津", "津海", "河西区解放南路 375 号", 39.0842, 117.2009, "津A", "022"),
    Place("河北", "石家庄", "冀盛", "裕华区槐安东路 162 号", 38.0428, 114.5149, "冀A", "0311"),
    Place("山西", "太原", "并州", "小店区体育路 230 号", 37.8706, 112.5489, "晋A", "0351"),
    Place("山东", "济南", "泉城", "历下区经十路 9777 号", 36.6512, 117.1201, "鲁A", "0531"),
    Place("山东", "青岛", "海信达", "市北区重庆南路 99 号", 36.0671, 120.3826, "鲁B", "0532"),
    Place("河南", "郑州", "中原", "金水区花园路 126 号", 34.7466, 113.6254, "豫A", "0371"),
    Place("上海", "上海", "浦申", "浦东新区龙东大道 3000 号", 31.2304, 121.4737, "沪A", "021"),
    Place("上海", "上海", "虹桥", "闵行区吴中路 1369 号", 31.1811, 121.3703, "沪D", "021"),
    Place("江苏", "南京", "金陵", "建邺区江东中路 258 号", 32.0603, 118.7969, "苏A", "025"),
    Place("江苏", "苏州", "姑苏", "吴中区东吴南路 88 号", 31.2989, 120.5853, "苏E", "0512"),
    Place("江苏", "无锡", "太湖", "滨湖区蠡湖大道 668 号", 31.4912, 120.3119, "苏B", "0510"),
    Place("浙江", "杭州", "西溪", "余杭区文一西路 1500 号", 30.2741, 120.1551, "浙A", "0571"),
    Place("浙江", "宁波", "甬城", "鄞州区宁横路 1688 号", 29.8683, 121.5440, "浙B", "0574"),
    Place("安徽", "合肥", "庐州", "包河区马鞍山路 320 号", 31.8206, 117.2272, "皖A", "0551"),
    Place("福建", "厦门", "鹭岛", "湖里区枋湖南路 166 号", 24.4798, 118.0894, "闽D", "0592"),
    Place("湖北", "武汉", "江汉", "洪山区珞狮路 517 号", 30.5928, 114.3055, "鄂A", "027"),
    Place("湖南", "长沙", "星城", "雨花区万家丽中路 439 号", 28.2282, 112.9388, "湘A", "0731"),
    Place("广东", "广州", "羊城", "天河区黄埔大道西 505 号", 23.1291, 113.2644, "粤A", "020"),
    Place("广东", "深圳", "鹏城", "福田区侨香路 3028 号", 22.5431, 114.0579, "粤B", "0755"),
    Place("广西", "南宁", "邕江", "青秀区民族大道 146 号", 22.8170, 108.3669, "桂A", "0771"),
    Place("四川", "成都", "锦城", "武侯区机场路 77 号", 30.5728, 104.0668, "川A", "028"),
    Place("重庆", "重庆", "渝州", "渝北区金开大道 1230 号", 29.5630, 106.5516, "渝A", "023"),
    Place("陕西", "西安", "秦川", "雁塔区西影路 46 号", 34.3416, 108.9398, "陕A", "029"),
)
_MANAGERS = [
    "孙丽",
    "高敏",
    "田雨",
    "蒋雯",
    "杜鹃",
    "冯洁",
    "曹颖",
    "邓琳",
    "许倩",
    "傅蓉",
    "沈悦",
    "曾静",
    "彭霞",
    "吕薇",
    "苏媛",
    "卢珊",
    "蔡莹",
    "贾岚",
    "丁宁",
    "魏然",
]


def dealer_rows() -> list[dict[str, Any]]:
    """Rows of the table `dealer`, ids from 1 in the order of PLACES."""
    return [
        {
            "id": number,
            "code": f"YC{1000 + number}",
            "name": f"{place.city.removesuffix('市')}{place.dealer}远辰 4S 店",
            "short_name": f"{place.dealer}远辰",
            "province": place.province,
            "city": place.city,
            "address": f"{place.city}{'' if place.city.endswith('市') else '市'}{place.street}",
            "phone": landline(Random(f"{place.dealer} {number}"), place.area),
            "latitude": place.latitude,
            "longitude": place.longitude,
            "opens": "08:30",
            "closes": "18:00" if number % 3 else "19:00",
            "relations_manager": _MANAGERS[number % len(_MANAGERS)],
        }
        for number, place in enumerate(PLACES, start=1)
    ]
