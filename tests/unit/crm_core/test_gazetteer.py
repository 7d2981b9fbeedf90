"""The provinces and cities that somebody who shares no position chooses from."""

from __future__ import annotations

import re

from crm_core.dealers.cities import CITIES
from crm_core.dealers.gazetteer import PROVINCES, cities, city_named
from crm_core.dealers.motorways import MOTORWAYS


def test_every_province_has_cities_and_each_city_stands_once():
    assert {city.province for city in cities()} == set(PROVINCES)
    assert len({city.key for city in cities()}) == len(cities()) > 300
    assert all(city.english.isascii() and city.name for city in cities())


def test_every_city_whose_place_is_known_can_be_chosen():
    assert {city.name.removesuffix("市") for city in cities() if city.centre} == set(CITIES)


def test_a_city_is_found_by_what_the_form_sends_and_nothing_else_is():
    changchun = city_named("吉林/长春市")
    assert changchun is not None
    assert (changchun.words, changchun.english, changchun.centre) == ("吉林长春市", "Changchun", CITIES["长春"])
    beijing = city_named("北京/北京")
    assert beijing is not None
    assert beijing.words == "北京"
    assert [city_named(key) for key in ("长春市", "吉林/", "", "吉林/长春市 ", "<b>")] == [None] * 5


def test_motorways_have_their_national_number_and_both_names():
    assert all(re.fullmatch(r"G[1-9][0-9]?", number) for number in MOTORWAYS)
    assert all(name.endswith("高速") and "–" in english for name, english in MOTORWAYS.values())
