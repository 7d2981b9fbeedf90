"""Who may have 2^64 addresses is one who asks."""

from __future__ import annotations

import pytest

from crm_core.access.counted import counted_as


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.4", "192.0.2.4"),
        ("192.0.2.4", "192.0.2.4"),
        ("17", "17"),
        ("", ""),
    ],
)
def test_an_ipv6_address_is_counted_as_its_network(address: str, counted: str) -> None:
    assert counted_as(address) == counted
