"""What may not be in a trunk's settings. Pure: everything here ends in a file that Asterisk reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from crm_core.errors import Invalid
from crm_core.workforce.fields import within

KINDS = ("registration", "address")
TRANSPORTS = ("udp", "tcp", "tls")
CODECS = ("alaw", "ulaw")
"""8 kHz only: a leg that may speak wider is mixed at 48 kHz, and the stereo recording keeps a sixth of it."""
DTMF = ("auto", "rfc4733", "inband", "info")
CALLER_IDS = ("from", "pai")
NUMBER_FORMS = ("digits", "plus", "national")
FIELDS = (
    *("name", "kind", "host", "port", "transport", "username", "codecs", "dtmf", "caller_id", "sources"),
    *("number_form", "capacity", "in_use", "position"),
)
FIRST: dict[str, Any] = {
    "name": "",
    "kind": "registration",
    "host": "",
    "port": 5060,
    "transport": "udp",
    "username": "",
    "codecs": list(CODECS),
    "dtmf": "auto",
    "caller_id": "from",
    "sources": [],
    "number_form": "digits",
    "capacity": 0,
    "in_use": True,
    "position": 1,
}
ID = re.compile(r"[a-z][a-z0-9-]{0,22}[a-z0-9]")
HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
USER = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
SECRET = re.compile(r"[\x21-\x7e]{1,128}")
MOST_SOURCES, WIDEST_SOURCE = 20, 20
_CHOICES = {
    "kind": KINDS,
    "transport": TRANSPORTS,
    "dtmf": DTMF,
    "caller_id": CALLER_IDS,
    "number_form": NUMBER_FORMS,
}


def problems(state: Mapping[str, Any], *, taken: Iterable[str], secret: str | None, has_secret: bool) -> list[Invalid]:
    """One sentence for each field that cannot be used. `taken` are addresses that belong to others already.

    `secret` is what was typed, None = it stays as it is.
    """
    found = [] if _text(state, "name") else [Invalid("Enter a name.", field="name")]
    for field, words in _CHOICES.items():
        if state.get(field) not in words:
            found.append(Invalid("Choose from the list.", field=field))
    if not HOST.fullmatch(str(state.get("host", ""))):
        found.append(Invalid("Enter the carrier's server as a name or an IPv4 address.", field="host"))
    found += within(dict(state), "port", 1, 65_535)
    found += within(dict(state), "capacity", 0, 10_000)
    found += within(dict(state), "position", 0, 999)
    codecs = state.get("codecs") or []
    if not codecs or len(set(codecs)) != len(codecs) or not set(codecs) <= set(CODECS):
        found.append(Invalid("Choose at least one codec.", field="codecs"))
    return found + _account(state, secret, has_secret=has_secret) + _source_problems(state, taken)


def _account(state: Mapping[str, Any], secret: str | None, *, has_secret: bool) -> list[Invalid]:
    user, registers = str(state.get("username", "")), state.get("kind") == "registration"
    found = []
    if (user or registers) and not USER.fullmatch(user):
        found.append(Invalid("Enter the user name the carrier gave you: letters, digits and . _ + -", field="username"))
    if secret is not None and not SECRET.fullmatch(secret):
        found.append(Invalid("A secret has 1 to 128 letters, digits and signs, no space.", field="secret"))
    elif registers and secret is None and not has_secret:
        found.append(Invalid("Enter the secret the carrier gave you.", field="secret"))
    return found


def _source_problems(state: Mapping[str, Any], taken: Iterable[str]) -> list[Invalid]:
    sources = [str(one) for one in state.get("sources") or []]
    if not sources or len(sources) > MOST_SOURCES:
        return [
            Invalid(
                "Enter the addresses from which the carrier calls you, 1 to {most}.", most=MOST_SOURCES, field="sources"
            )
        ]
    others = [IPv4Network(one, strict=False) for one in taken]
    for source in sources:
        network = network_of(source)
        if network is None or network.prefixlen < WIDEST_SOURCE:
            return [
                Invalid("{source} is no IPv4 address or network of at most /20.", source=source[:40], field="sources")
            ]
        if any(network.overlaps(other) for other in others):
            return [Invalid("{source} belongs to another line or telephone already.", source=source, field="sources")]
    return []


def network_of(text: str) -> IPv4Network | None:
    """An address or a network as it is written, None for anything else."""
    try:
        return IPv4Network(text, strict=False) if re.fullmatch(r"[0-9./]{7,18}", text) else None
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _text(state: Mapping[str, Any], field: str) -> str:
    return str(state.get(field) or "").strip()
