"""`hotline status` warns of what is no fault and yet surprises."""

from __future__ import annotations

import asyncio

import pytest

from hotline.settings import Settings
from hotline.status import WARNING, look


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "only on this machine"),
        ("http://hotline.example.com", "https only"),
        ("https://hotline.example.com", "used in messages"),
    ],
)
def test_links_that_no_telephone_can_open_are_a_warning_and_no_fault(url: str, said: str, tmp_path):
    settings = Settings(public_url=url, run_dir=tmp_path, web_port=1, sip_port=1, ami_port=1, agi_port=1)
    part = next(one for one in asyncio.run(look(settings)) if one.name == "public address")
    assert part.ok
    assert said in part.detail
    assert part.detail.startswith(WARNING) == (not url.startswith("https"))
