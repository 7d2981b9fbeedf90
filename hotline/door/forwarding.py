"""What the door changes in the head of a request, and whom it believes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Header = tuple[bytes, bytes]
Networks = Sequence[IPv4Network | IPv6Network]

# Of one connection, not of the request; what they name is ours to say to the next.
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"trailer", b"upgrade"}
)
_TOLD_BY_US = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip"})
_OF_THE_SOCKET = (b"sec-websocket-", b"host", b"origin", b"user-agent")


def networks(words: Iterable[str]) -> Networks:
    """Raises ValueError for what is neither an address nor a network."""
    return tuple(ip_network(word) for word in words)


def among(address: str, trusted: Networks) -> bool:
    try:
        found = ip_address(address.strip())
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in trusted if network.version == found.version)


def towards_platform(
    headers: Iterable[Header], peer: str, *, trusted: Networks, encrypted: bool, upgrade: bool = False
) -> list[Header]:
    """A request's headers as the platform gets them: who asks is what we saw, and what a named proxy says of it."""
    given = list(headers)
    dropped = _TOLD_BY_US | _HOP_BY_HOP | {b"expect"}
    dropped |= {
        word.strip().lower() for name, value in given if name.lower() == b"connection" for word in value.split(b",")
    }
    kept = [(name, value) for name, value in given if name.lower() not in dropped]
    believed = among(peer, trusted)
    before = [value for name, value in given if name.lower() == b"x-forwarded-for"] if believed else []
    way = [value for name, value in given if name.lower() == b"x-forwarded-proto"] if believed else []
    kept.append((b"X-Forwarded-For", b", ".join([*before, peer.encode()])))
    kept.append((b"X-Forwarded-Proto", way[-1] if way and not encrypted else b"https" if encrypted else b"http"))
    if upgrade:
        kept += [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
    else:
        kept.append((b"Connection", b"close"))
    return kept


def towards_asterisk(headers: Iterable[Header]) -> list[Header]:
    """Of a phone's WebSocket: nothing but what opens it; no cookie of ours gets into Asterisk."""
    kept = [(name, value) for name, value in headers if name.lower().startswith(_OF_THE_SOCKET)]
    return [*kept, (b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]


def back_to_client(headers: Iterable[Header]) -> list[Header]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def is_websocket(headers: Iterable[Header]) -> bool:
    return any(name.lower() == b"upgrade" and value.strip().lower() == b"websocket" for name, value in headers)


def of_our_page(headers: Iterable[Header]) -> bool:
    """Whether a browser's page of this same site opens the socket; a program without a browser says no origin."""
    found = {name.lower(): value for name, value in headers}
    origin = found.get(b"origin")
    return origin is None or origin.rpartition(b"://")[2] == found.get(b"host", b"")
