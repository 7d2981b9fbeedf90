"""Telephone numbers as callers, forms and trunks write them."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.phone import location, masked, shown, to_e164


@pytest.mark.parametrize(
    "written",
    ["13812347706", "138 1234 7706", "+86 138-1234-7706", "008613812347706", "8613812347706", "１３８１２３４７７０６"],
)
def test_a_mobile_number_is_the_same_number_however_it_is_written(written: str):
    assert to_e164(written) == "+8613812347706"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_short_way_for_mobile_numbers_knows_what_the_library_knows(written: str):
    parsed = phonenumbers.parse(written, "CN")
    valid = phonenumbers.is_valid_number(parsed)
    expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None
    assert to_e164(written) == expected


def test_a_landline_keeps_its_area_code():
    assert to_e164("(0431) 8888-3318") == "+8643188883318"
    assert shown("+8643188883318") == "0431 8888 3318"


def test_400_and_800_numbers_have_an_international_form():
    assert to_e164("400-171-8888") == "+864001718888"
    assert to_e164("8008201111") == "+868008201111"


@pytest.mark.parametrize("short", ["110", "10086", "95588", "88883318"])
def test_a_short_code_or_a_number_without_area_code_names_nobody(short: str):
    assert to_e164(short) is None
    assert masked(short)


@pytest.mark.parametrize(
    "hostile",
    ["", "anonymous", "1380013\r\nAction: Command", "13812347706;ext=1", "1" * 200, "'; DROP TABLE customer; --", "\0"],
)
def test_hostile_text_is_no_number(hostile: str):
    assert to_e164(hostile) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_numbers(text: str):
    number = to_e164(text)
    assert number is None or number[1:].isascii()
    shown(text)
    masked(text)
    location(text, "zh-CN")


def test_the_middle_of_a_number_is_hidden():
    assert masked("+8613812347706") == "138 **** 7706"
    assert masked("+8643188883318") == "0431 **** 3318"
    assert "1234" not in masked("+491701234567")[:-4]


def test_the_place_of_a_number_is_told_in_the_readers_language():
    assert location("+8643188883318", "zh-CN") == "吉林长春"
    assert location("+8643188883318", "en").startswith("Changchun")
    assert location("10086", "zh-CN") == ""
