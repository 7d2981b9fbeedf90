"""Which addresses an open site listens on, and where it is reached."""

# ruff: noqa: S104  no socket is opened
from __future__ import annotations

import pytest

from hotline.addresses import in_url, listened_on, reached_at, telephone_address


@pytest.mark.parametrize(
    ("bind", "opened", "here", "telephones"),
    [
        ("10.0.0.4", ("10.0.0.4",), "10.0.0.4", "10.0.0.4"),
        ("0.0.0.0", ("0.0.0.0",), "127.0.0.1", "0.0.0.0"),
        ("::", ("::", "0.0.0.0"), "127.0.0.1", "0.0.0.0"),
        ("::1", ("::1",), "::1", "127.0.0.1"),
        ("2001:db8::4", ("2001:db8::4",), "2001:db8::4", ""),
    ],
)
def test_pages_may_be_on_ipv6_and_telephones_are_on_ipv4(
    bind: str, opened: tuple[str, ...], here: str, telephones: str
) -> None:
    assert (listened_on(bind), reached_at(bind), telephone_address(bind, "")) == (opened, here, telephones)
    assert telephone_address(bind, "192.0.2.4") == "192.0.2.4"


def test_an_ipv6_address_stands_in_brackets_in_a_link() -> None:
    assert (in_url("2001:db8::4"), in_url("10.0.0.4")) == ("[2001:db8::4]", "10.0.0.4")
