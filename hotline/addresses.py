"""The address that an open site is bound to: IPv4, or IPv6 for pages and the phones' signalling. Pure.

SIP and sound are IPv4: Asterisk listens on the IPv4 address that stands beside an IPv6 one.
"""

from __future__ import annotations

ALL_IPV4, ALL = "0.0.0.0", "::"  # noqa: S104 - told apart here
LOOPBACK = "127.0.0.1"


def is_ipv6(address: str) -> bool:
    return ":" in address


def listened_on(bind: str) -> tuple[str, ...]:
    """What the door opens: `::` is all of the machine, of both kinds."""
    return (ALL, ALL_IPV4) if bind == ALL else (bind,)


def reached_at(address: str) -> str:
    """Where this machine itself reaches what listens on the address, which may stand for all."""
    return LOOPBACK if address in (ALL_IPV4, ALL) else address


def telephone_address(bind: str, chosen: str) -> str:
    """The IPv4 address of SIP and sound; `chosen` by the operator, "" = the one that belongs to `bind`, if any."""
    if chosen or not is_ipv6(bind):
        return chosen or bind
    return {ALL: ALL_IPV4, "::1": LOOPBACK}.get(bind, "")


def in_url(address: str) -> str:
    return f"[{address}]" if is_ipv6(address) else address
