"""Facts are said in pieces that exist, and whoever listens understands what was meant."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalogue import catalogue
from ivr.operations import Spoken
from ivr.pieces import PROVINCES
from ivr.spoken import LARGEST, UNKNOWN, say

LANGUAGES = st.sampled_from(["zh-CN", "en"])
NUMBERS = st.one_of(
    st.integers(0, LARGEST),
    st.integers(0, 12_000),
    st.builds(lambda digit, power: digit * 10**power, st.integers(1, 9), st.integers(0, 7)),
)
TEXTS = {
    language: {name: "".join(part.text for part in parts) for name, parts in names.items()}
    for language, names in catalogue().items()
}


def heard(value, spoken, language):
    """What the caller hears, as text; fails for a piece that nobody has recorded."""
    said = say(value, spoken, language)
    assert said not in ((), UNKNOWN)
    return ("" if language == "zh-CN" else " ").join(TEXTS[language][name] for name in said)


# ---- a listener, who knows the language and none of our rules

_DIGITS = {**{sign: value for value, sign in enumerate("零一二三四五六七八九")}, "两": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}


def chinese_value(text):
    total = section = digit = 0
    for sign in text:
        if sign == "万":
            total, section, digit = (section + digit) * 10_000, 0, 0
        elif sign in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[sign], 0
        else:
            digit = _DIGITS[sign]
    return total + section + digit


def english_value(text):
    total = group = 0
    for word in text.replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in ("thousand", "million"):
            total, group = total + group * {"thousand": 1_000, "million": 1_000_000}[word], 0
        else:
            group += _TENS[word] if word in _TENS else _SMALL.index(word)
    return total + group


def value_of(text, language):
    return chinese_value(text) if language == "zh-CN" else english_value(text)


def decimal_of(text, language):
    whole, _, parts = text.partition("点" if language == "zh-CN" else " point ")
    digits = "".join(str(value_of(one, language)) for one in (parts if language == "zh-CN" else parts.split()))
    return float(f"{value_of(whole, language)}.{digits or 0}")


@given(NUMBERS, LANGUAGES)
def test_a_listener_hears_the_number_that_was_meant(number, language):
    assert value_of(heard(str(number), Spoken.NUMBER, language), language) == number


@given(NUMBERS)
def test_in_chinese_no_zero_is_said_twice_or_at_the_end(number):
    text = heard(str(number), Spoken.NUMBER, "zh-CN")
    assert "零零" not in text
    assert number == 0 or not text.endswith("零")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (2, "二"), (10, "十"), (12, "十二"), (102, "一百零二"), (112, "一百一十二"), (200, "二百"), (1_002, "一千零二"),
        (1_020, "一千零二十"), (1_010, "一千零一十"), (2_000, "两千"), (10_000, "一万"), (20_000, "两万"),
        (20_002, "两万零二"), (120_345, "十二万零三百四十五"), (22_222, "两万两千二百二十二"), (100_010, "十万零一十"),
        (99_999_999, "九千九百九十九万九千九百九十九"),
    ],
)  # fmt: skip
def test_numbers_sound_as_chinese_people_say_them(number, said):
    assert heard(str(number), Spoken.NUMBER, "zh-CN") == said


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_date_is_heard_with_year_month_and_day(day):
    chinese = heard(day.isoformat(), Spoken.DATE, "zh-CN")
    year, month, number = re.fullmatch("(....)年(.+)月(.+)日", chinese).groups()
    assert "".join(str(_DIGITS[sign]) for sign in year) == str(day.year)
    assert (chinese_value(month), chinese_value(number)) == (day.month, day.day)
    english = heard(day.isoformat(), Spoken.DATE, "en").split()
    assert english[0] == day.strftime("%B")
    assert ordinal(english[1]) == day.day
    assert year_of(english[2:]) == day.year


def ordinal(word):
    tens, _, ones = word.rpartition("-")
    ones = ones.replace("tieth", "ty")
    small = _ORDINALS.get(ones) or _TENS.get(ones) or _SMALL.index(ones.removesuffix("th"))
    return _TENS.get(tens, 0) + small


def year_of(words):
    if "thousand" in words:
        return english_value(" ".join(words))
    return english_value(words[0]) * 100 + english_value(words[-1])


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_is_heard_to_the_minute(hour, minute):
    text = f"{hour:02}:{minute:02}"
    of_hour, _, rest = heard(text, Spoken.TIME, "zh-CN").partition("点")
    assert chinese_value(of_hour) == hour
    assert chinese_value(rest.removesuffix("分").replace("整", "零")) == minute
    words = heard(text, Spoken.TIME, "en").replace("oh ", "").split()
    half = {"A.M.": 0, "P.M.": 12}[words[-1]]
    assert english_value(words[0]) % 12 + half == hour
    assert (english_value(words[1]) if len(words) > 2 else 0) == minute


@given(st.integers(0, LARGEST), st.integers(0, 99))
def test_an_amount_is_heard_to_the_fen(yuan, fen):
    value = f"{yuan}.{fen:02}"
    found = re.fullmatch("(?:(.+)元)?零?(?:(.)角)?(?:(.)分)?", heard(value, Spoken.MONEY, "zh-CN"))
    whole, jiao, rest = (chinese_value(part) if part else 0 for part in found.groups())
    assert (whole, jiao * 10 + rest) == (yuan, fen)
    assert decimal_of(heard(value, Spoken.MONEY, "en").removesuffix(" yuan"), "en") == float(value)


@given(st.integers(0, 20_000), st.integers(0, 9), LANGUAGES)
def test_a_distance_is_heard_to_the_hundred_metres(whole, tenth, language):
    text = heard(f"{whole}.{tenth}", Spoken.KILOMETRES, language)
    assert decimal_of(re.sub("公里| kilometres?", "", text), language) == float(f"{whole}.{tenth}")


PLATES = st.from_regex(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}", fullmatch=True
)


@given(PLATES)
def test_a_number_plate_is_heard_sign_by_sign(plate):
    assert (
        heard(plate, Spoken.PLATE, "zh-CN")
        .replace(".", "")
        .replace("幺", "1")
        .translate(str.maketrans("零二三四五六七八九", "023456789"))
        == plate
    )
    province = next(name for _, name in PROVINCES.values() if TEXTS["en"][say(plate, Spoken.PLATE, "en")[0]] == name)
    assert {sign: name for sign, (_, name) in PROVINCES.items()}[plate[0]] == province


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+8613843107706", "幺三八四三幺零七七零六"),
        ("13843107706", "幺三八四三幺零七七零六"),
        ("+8643186001111", "零四三幺八六零零幺幺幺幺"),
        ("+4930123456", "加四九三零幺二三四五六"),
        ("10086", "幺零零八六"),
    ],
)
def test_a_telephone_number_is_heard_as_it_is_dialled(number, said):
    assert heard(number, Spoken.PHONE, "zh-CN") == said


def test_a_case_number_is_heard_with_its_letters():
    assert heard("GD-0713-0183", Spoken.DIGITS, "en") == ("G. D. zero seven one three zero one eight three")


@given(st.text(max_size=60), st.sampled_from(Spoken), LANGUAGES)
def test_whatever_the_records_hold_the_caller_hears_prompts_that_exist(value, spoken, language):
    said = say(value, spoken, language)
    if spoken is not Spoken.PROMPT:  # those are named by the records and checked where they are made
        assert set(said) <= set(TEXTS[language])
    assert said or spoken is Spoken.SILENT
