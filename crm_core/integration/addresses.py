"""Which addresses a webhook may lead to: nothing inside this house, unless the operator allows a network.

Pure. A server that calls addresses which others chose is otherwise a way into its own network (SSRF, OWASP).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from crm_core.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST_URL = 500
_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address in the last four bytes
_SHARED = ip_network("100.64.0.0/10")  # carriers' own, RFC 6598


class UnsafeAddress(Invalid):
    def __init__(self) -> None:
        super().__init__(
            "This address leads into the internal network. The operator can allow it in HOTLINE_WEBHOOK_NETWORKS.",
            field="url",
        )


def check_url(url: str) -> tuple[str, int, bool]:
    """Host, port and whether it is https. Raises Invalid with what to write instead."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    readable = len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not readable or parts.scheme not in ("https", "http") or not host or port == 0:
        raise Invalid("Write a whole address, https://crm.example.com/hotline.", field="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid("Write the address without a user, a password or a #.", field="url")
    secure = parts.scheme == "https"
    return host, port or (443 if secure else 80), secure


def choose(found: Iterable[str], allowed: Sequence[str], *, secure: bool) -> str:
    """The address to connect to. Raises UnsafeAddress when any of them is internal and not allowed.

    One bad address among good ones refuses all: a name that answers with both is an attack.
    Plain http is for allowed networks only.
    """
    addresses = [ip_address(text.partition("%")[0]) for text in found]
    networks = [ip_network(text, strict=False) for text in allowed]
    for address in addresses:
        permitted = any(address in network for network in networks)
        if not permitted and (not secure or is_internal(address)):
            raise UnsafeAddress if secure else Invalid("Write an https address.", field="url")
    if not addresses:
        raise Invalid("This host has no address. Check how it is written.", field="url")
    return str(addresses[0])


def is_internal(address: Address) -> bool:
    """Loopback, private, link-local (cloud metadata), multicast, reserved; also such an IPv4 inside an IPv6."""
    inner = _inner(address)
    if inner is not None:
        return is_internal(inner)
    return not address.is_global or address.is_multicast or address in _SHARED


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
