"""Where an area is that a caller keys or says: by area code, postcode or the name of a city, as its centre."""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache

import phonenumbers
from pypinyin import lazy_pinyin
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.dealers.cities import CITIES
from crm_core.dealers.model import Dealer

Position = tuple[float, float]

POSTCODES = {
    "10": "北京", "20": "上海", "30": "天津", "40": "重庆", "05": "石家庄", "063": "唐山", "071": "保定", "03": "太原",
    "010": "呼和浩特", "014": "包头", "11": "沈阳", "116": "大连", "114": "鞍山", "13": "长春", "132": "吉林",
    "136": "四平", "15": "哈尔滨", "163": "大庆", "161": "齐齐哈尔", "21": "南京", "215": "苏州", "214": "无锡",
    "221": "徐州", "226": "南通", "31": "杭州", "315": "宁波", "325": "温州", "23": "合肥", "35": "福州", "361": "厦门",
    "362": "泉州", "33": "南昌", "25": "济南", "266": "青岛", "264": "烟台", "276": "临沂", "45": "郑州", "471": "洛阳",
    "43": "武汉", "443": "宜昌", "41": "长沙", "51": "广州", "518": "深圳", "528": "佛山", "523": "东莞", "53": "南宁",
    "545": "柳州", "57": "海口", "61": "成都", "621": "绵阳", "55": "贵阳", "65": "昆明", "85": "拉萨", "71": "西安",
    "73": "兰州", "81": "西宁", "75": "银川", "83": "乌鲁木齐", "22": "徐州", "32": "宁波", "36": "厦门", "26": "青岛",
    "27": "临沂", "46": "郑州", "47": "洛阳", "44": "宜昌", "42": "长沙", "52": "广州", "54": "柳州", "62": "绵阳",
    "16": "齐齐哈尔", "12": "沈阳", "01": "呼和浩特", "02": "呼和浩特", "06": "唐山", "07": "保定", "04": "太原",
    "56": "贵阳", "66": "昆明", "67": "昆明", "72": "西安", "74": "兰州", "84": "乌鲁木齐", "24": "合肥", "34": "南昌",
    "63": "成都", "64": "成都", "86": "拉萨",
}  # fmt: skip
"""The beginning of a postcode (three signs: a city of its own; two: the capital or the largest city nearby)."""


async def find_area(session: AsyncSession, said: str) -> Position | None:
    """The position of what was keyed or said, in degrees; None = nobody knows such a place."""
    text = said.strip()
    if re.fullmatch(r"[0-9]{6}", text):
        return CITIES.get(city_of_postcode(text))
    if re.fullmatch(r"0?[1-9][0-9]{1,2}", text):
        # The first look-up loads the numbering plan's data for half a second, which calls must not wait for.
        return await _named(session, await asyncio.to_thread(city_of_area_code, text))
    return await _named(session, text) if 2 <= len(text) <= 40 else None


def city_of_postcode(postcode: str) -> str:
    """ "" for a beginning that no province has."""
    return POSTCODES.get(postcode[:3]) or POSTCODES.get(postcode[:2], "")


@lru_cache(maxsize=512)
def city_of_area_code(code: str) -> str:
    """What the numbering plan says of an area code with or without its zero, e.g. 吉林省长春市; "" = no such code."""
    from phonenumbers import geocoder  # noqa: PLC0415  loaded late: its data take 0.6 s

    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(f"{code.removeprefix('0')}88888888"[:11]))
    found: str = geocoder.description_for_valid_number(number, "zh")
    return "" if found == "中国" else found


async def _named(session: AsyncSession, words: str) -> Position | None:
    """A city whose name is in the words, in Chinese or in Pinyin: of our table, else one that has a station."""
    if not words:
        return None
    rows = await session.execute(
        select(Dealer.city, func.avg(Dealer.latitude), func.avg(Dealer.longitude))
        .where(Dealer.active, Dealer.city != "")
        .group_by(Dealer.city)
    )
    known = {city.removesuffix("市"): (float(north), float(east)) for city, north, east in rows} | CITIES
    typed = (await asyncio.to_thread(spelled, words)).replace(" ", "").lower()
    fitting = [city for city in known if city in words or spelled(city) == typed.removesuffix("shi")]
    # 吉林省长春市 names a province that is a city, too: the longer and later name is meant.
    best = max(fitting, key=lambda city: (words.find(city), len(city)), default=None)
    return known[best] if best is not None else None


@lru_cache(maxsize=2048)
def spelled(city: str) -> str:
    """长春 as changchun. The first one loads the dictionary of Pinyin."""
    return "".join(lazy_pinyin(city))
