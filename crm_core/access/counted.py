"""Whom a limit counts as one."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

ONE_LINK = 64  # bits: whoever has one IPv6 address has all of its network


def counted_as(address: str) -> str:
    """An IPv6 address as its network, anything else as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), ONE_LINK), strict=False))
