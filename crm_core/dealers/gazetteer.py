"""Provinces and cities to choose from, as the numbering plan of China names them. The first look takes a second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers

from crm_core.dealers.cities import CITIES

PROVINCES = {
    "北京": "Beijing", "天津": "Tianjin", "上海": "Shanghai", "重庆": "Chongqing", "河北": "Hebei", "山西": "Shanxi",
    "内蒙古": "Inner Mongolia", "辽宁": "Liaoning", "吉林": "Jilin", "黑龙江": "Heilongjiang", "江苏": "Jiangsu",
    "浙江": "Zhejiang", "安徽": "Anhui", "福建": "Fujian", "江西": "Jiangxi", "山东": "Shandong", "河南": "Henan",
    "湖北": "Hubei", "湖南": "Hunan", "广东": "Guangdong", "广西": "Guangxi", "海南": "Hainan", "四川": "Sichuan",
    "贵州": "Guizhou", "云南": "Yunnan", "西藏": "Tibet", "陕西": "Shaanxi", "甘肃": "Gansu", "青海": "Qinghai",
    "宁夏": "Ningxia", "新疆": "Xinjiang",
}  # fmt: skip
"""Chinese and English names, in the order of the state's own lists."""

_NAME = re.compile(rf"({'|'.join(PROVINCES)})(?:省|市|(?:维吾尔|壮族|回族)?自治区)?(.*)")
_SPELLED = {"XiAn": "Xi'an", "KuErle": "Korla", "HuaiAn": "Huai'an", "LiuAn": "Lu'an", "Yanbian Zhou": "Yanbian"}
_AREA_CODES = (10, *range(20, 30), *range(310, 1000))


@dataclass(frozen=True, slots=True)
class City:
    """`centre` in degrees WGS 84, None for one whose place is not in our table."""

    province: str
    name: str
    english: str

    @property
    def key(self) -> str:
        """What a form sends."""
        return f"{self.province}/{self.name}"

    @property
    def words(self) -> str:
        return self.name if self.name == self.province else f"{self.province}{self.name}"

    @property
    def centre(self) -> tuple[float, float] | None:
        return CITIES.get(self.name.removesuffix("市"))


@cache
def cities() -> tuple[City, ...]:
    """Every city with an area code of its own or a shared one, province by province. Blocks at the first call."""
    found = {city.key: city for code in _AREA_CODES for city in _of_area_code(code)}
    order = list(PROVINCES)
    return tuple(sorted(found.values(), key=lambda city: (order.index(city.province), city.english)))


@cache
def city_named(key: str) -> City | None:
    """The city that a form sent."""
    return next((city for city in cities() if city.key == key), None)


def _of_area_code(code: int) -> Iterator[City]:
    from phonenumbers import geocoder  # noqa: PLC0415  loaded late: its data take 0.6 s

    subscribers = ("88888888", "8888888")  # eight digits behind the code in large cities, seven elsewhere
    numbers = [phonenumbers.PhoneNumber(country_code=86, national_number=int(f"{code}{one}")) for one in subscribers]
    told = ((number, _NAME.fullmatch(geocoder.description_for_number(number, "zh"))) for number in numbers)
    number, named = next(((number, named) for number, named in told if named), (numbers[0], None))
    if named is None:
        return
    province, rest = named.groups()
    english = geocoder.description_for_number(number, "en").partition(",")[0].split("/")
    english = [_SPELLED.get(name, name) for name in english]
    names = [name for name in rest.split("、") if name] or [province]
    for place, name in enumerate(names):
        yield City(province, name, english[place] if len(english) == len(names) else english[0])
