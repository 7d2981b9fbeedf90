"""The finite pieces of speech of which every fact is put together: numbers, days, letters. Texts only, no I/O.

Both languages have every name, whether they use it or not; a text that occurs twice is spoken once.
"""

from __future__ import annotations

from collections.abc import Iterator

Texts = dict[str, tuple[str, str]]
"""Name -> Chinese and English text. A Chinese text in Latin letters is spoken by the English voice."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROVINCES = {
    "京": ("beijing", "Beijing"), "津": ("tianjin", "Tianjin"), "沪": ("shanghai", "Shanghai"),
    "渝": ("chongqing", "Chongqing"), "冀": ("hebei", "Hebei"), "豫": ("henan", "Henan"),
    "云": ("yunnan", "Yunnan"), "辽": ("liaoning", "Liaoning"), "黑": ("heilongjiang", "Heilongjiang"),
    "湘": ("hunan", "Hunan"), "皖": ("anhui", "Anhui"), "鲁": ("shandong", "Shandong"),
    "新": ("xinjiang", "Xinjiang"), "苏": ("jiangsu", "Jiangsu"), "浙": ("zhejiang", "Zhejiang"),
    "赣": ("jiangxi", "Jiangxi"), "鄂": ("hubei", "Hubei"), "桂": ("guangxi", "Guangxi"),
    "甘": ("gansu", "Gansu"), "晋": ("shanxi", "Shanxi"), "蒙": ("neimenggu", "Inner Mongolia"),
    "陕": ("shaanxi", "Shaanxi"), "吉": ("jilin", "Jilin"), "闽": ("fujian", "Fujian"),
    "贵": ("guizhou", "Guizhou"), "粤": ("guangdong", "Guangdong"), "青": ("qinghai", "Qinghai"),
    "藏": ("xizang", "Tibet"), "川": ("sichuan", "Sichuan"), "宁": ("ningxia", "Ningxia"),
    "琼": ("hainan", "Hainan"),
    "学": ("xue", "learner"), "警": ("jing", "police"), "挂": ("gua", "trailer"), "使": ("shi", "embassy"),
    "领": ("ling", "consulate"), "港": ("gang", "Hong Kong"), "澳": ("ao", "Macao"),
}  # fmt: skip
"""The Chinese signs of a number plate: provinces before it, special uses at its end (GA 36-2018)."""

_ZH = "零一二三四五六七八九"
_EN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_ORDINALS = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_WORDS: Texts = {
    "liang": ("两", "two"),
    "wan": ("万", "ten thousand"),
    "thousand": ("千", "thousand"),
    "million": ("百万", "million"),
    "point": ("点", "point"),
    "plus": ("加", "plus"),
    "yuan": ("元", "yuan"),
    "kilometre": ("公里", "kilometre"),
    "kilometres": ("公里", "kilometres"),
    "year": ("年", "year"),
    "oh": ("零", "oh"),
    "oclock": ("整", "o'clock"),
    "am": ("上午", "A.M."),
    "pm": ("下午", "P.M."),
    "fact-unknown": ("这一项暂时查不到", "this cannot be told now"),
}


def pieces() -> Texts:
    """Every piece by its name; the digits of telephone numbers are in `ivr.catalogue`."""
    found = dict(_WORDS)
    for group in (_numbers(), _calendar(), _clock(), _signs()):
        found |= dict(group)
    return found


def chinese(number: int) -> str:
    """0 to 99 as it is counted: 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = ("", "十")[tens] if tens < 2 else f"{_ZH[tens]}十"
    return head + (_ZH[ones] if ones or not head else "")


def english(number: int) -> str:
    """0 to 99: twelve, twenty-one."""
    if number < 20:
        return _EN[number]
    tens, ones = divmod(number, 10)
    return f"{_EN_TENS[tens]}-{_EN[ones]}" if ones else _EN_TENS[tens]


def _numbers() -> Iterator[tuple[str, tuple[str, str]]]:
    for number in range(100):
        yield f"n-{number}", (chinese(number), english(number))
    for number in range(10, 20):
        yield f"teen-{number}", (f"一{chinese(number)}", english(number))  # after a hundred: 一百一十二
    for digit in range(1, 10):
        counted = "两" if digit == 2 else _ZH[digit]
        yield f"hundred-{digit}", (f"{_ZH[digit]}百", f"{_EN[digit]} hundred")
        yield f"thousand-{digit}", (f"{counted}千", f"{_EN[digit]} thousand")
        yield f"jiao-{digit}", (f"{counted}角", f"{_EN[digit]} jiao")
        yield f"fen-{digit}", (f"{_ZH[digit]}分", f"{_EN[digit]} fen")


def _calendar() -> Iterator[tuple[str, tuple[str, str]]]:
    for month, name in enumerate(_MONTHS, start=1):
        yield f"month-{month}", (f"{chinese(month)}月", name)
    for day in range(1, 32):
        tens, ones = divmod(day, 10)
        small = _EN_ORDINALS[day] if day < 20 else ""
        rounded = {20: "twentieth", 30: "thirtieth"}.get(day, "")
        yield f"day-{day}", (f"{chinese(day)}日", small or rounded or f"{_EN_TENS[tens]}-{_EN_ORDINALS[ones]}")


def _clock() -> Iterator[tuple[str, tuple[str, str]]]:
    for hour in range(24):
        yield f"hour-{hour}", (f"{'两' if hour == 2 else chinese(hour)}点", english((hour - 1) % 12 + 1))
    for minute in range(1, 60):
        little = minute < 10
        yield (
            f"minute-{minute}",
            (f"{'零' if little else ''}{chinese(minute)}分", f"{'oh ' if little else ''}{english(minute)}"),
        )


def _signs() -> Iterator[tuple[str, tuple[str, str]]]:
    for letter in LETTERS:
        yield f"letter-{letter.lower()}", (f"{letter}.", f"{letter}.")
    for sign, (name, english_name) in PROVINCES.items():
        yield f"plate-{name}", (sign, english_name)
