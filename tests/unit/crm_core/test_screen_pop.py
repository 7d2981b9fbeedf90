"""An address of another CRM is opened with what is known of the call, and cannot lead elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.db import Database
from crm_core.errors import Invalid, Refused
from crm_core.integration.screen_pop import GAPS, SAMPLE, check_host, check_template, fill
from crm_core.integration.screen_pops import allow_host, forbid_host, pops, save_pop
from tests.unit.crm_core.builders import NOW

HOSTS = ("crm.example.com",)
GOOD = "https://crm.example.com/open?tel={caller_e164}&call={linkedid}&q={queue}&n={customer_name}"
BY: dict[str, Any] = {"actor": "9001", "at": NOW}


def test_values_are_filled_in_percent_encoded():
    assert check_template(f"  {GOOD} ", HOSTS) == GOOD
    assert fill(GOOD, {**SAMPLE, "queue": "a&b=c#d"}) == (
        "https://crm.example.com/open?tel=%2B8613843107706&call=1784169600.17&q=a%26b%3Dc%23d&n=%E9%99%88%E5%BB%BA%E5%9B%BD"
    )
    assert fill("https://crm.example.com/{customer_id}/x", {}) == "https://crm.example.com//x"


@given(st.dictionaries(st.sampled_from(GAPS), st.text(max_size=30)))
def test_no_value_changes_where_the_address_leads(values: dict[str, str]):
    clean = {name: value.encode(errors="replace").decode() for name, value in values.items()}
    parts = urlsplit(fill(GOOD, clean))
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "crm.example.com", "/open", "")
    assert set(parse_qs(parts.query)) <= {"tel", "call", "q", "n"}


@pytest.mark.parametrize(
    "template",
    [
        "http://crm.example.com/",
        "https://{queue}.example.com/",
        "https://crm.example.com@evil.test/",
        "https://evil.test/?x=crm.example.com",
        "https://crm.example.com.evil.test/",
        "https://crm.example.com:444/",
        "javascript:alert(1)//crm.example.com",
        "https://crm.example.com/{password}",
        "https://crm.example.com/{queue",
        "https://crm.example.com/}",
        "//crm.example.com/",
        "https://crm.example.com/\\evil",
        "https://crm.example.com/a b",
        "https://crm.example.com/" + "x" * 500,
        "",
    ],
)
def test_an_address_that_leads_elsewhere_or_has_an_unknown_gap_is_refused(template: str):
    with pytest.raises(Invalid) as refused:
        check_template(template, HOSTS)
    assert refused.value.values["field"] == "template"


@given(st.text(max_size=60))
def test_no_text_breaks_the_checks(text: str):
    for check in (lambda: check_host(text), lambda: check_template(text, HOSTS)):
        try:
            check()
        except Invalid:
            continue


async def test_a_host_in_use_stays_and_an_address_needs_its_host(db: Database):
    facts: dict[str, Any] = {"name": "客户系统", "template": GOOD, "moment": "answer", "opens": "tab", "active": True}
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await save_pop(session, None, **facts, **BY)
        await allow_host(session, "CRM.example.com", **BY)
        await save_pop(session, None, **facts, **BY)
        assert [pop.name for pop in await pops(session, active_only=True)] == ["客户系统"]
        with pytest.raises(Refused):
            await forbid_host(session, "crm.example.com", **BY)
