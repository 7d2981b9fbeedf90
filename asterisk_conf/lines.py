"""The lines to the outside as Asterisk's files hold them. Every text that reaches a file is checked here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from crm_core.errors import Invalid
from crm_core.lines.trunk_checks import CALLER_IDS, CODECS, DTMF, HOST, SECRET, TRANSPORTS, USER

SETTINGS_ENDPOINT = "trunk"
ENDPOINT = re.compile(r"trunk|trunk-[a-z][a-z0-9-]{0,22}[a-z0-9]")
_NUMBER = re.compile(r"[0-9]{1,15}")
_FORM = re.compile(r"\+?[0-9]{1,19}")
_DTMF_MODES = {"auto": "auto", "rfc4733": "rfc4733", "inband": "inband", "info": "info"}


class UnusableLine(Invalid):
    def __init__(self, what: str, value: object) -> None:
        super().__init__("{what} {value!r} cannot be used in Asterisk's files.", what=what, value=str(value)[:60])


def _check(good: object, what: str, value: object) -> None:
    if not good:
        raise UnusableLine(what, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkLine:
    """A trunk as in crm_core.lines.model. `registers` = we log in there; `secret` goes into the realtime file only."""

    endpoint: str
    host: str
    port: int = 5060
    transport: str = "udp"
    registers: bool = False
    username: str = ""
    secret: str = field(default="", repr=False)
    codecs: tuple[str, ...] = CODECS
    dtmf: str = "auto"
    caller_id: str = "from"
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(ENDPOINT.fullmatch(self.endpoint), "The trunk", self.endpoint)
        _check(HOST.fullmatch(self.host), "The server", self.host)
        _check(0 < self.port < 65_536, "The port", self.port)
        _check(self.transport in TRANSPORTS, "The transport", self.transport)
        _check(USER.fullmatch(self.username) or not (self.username or self.registers), "The user", self.username)
        _check(SECRET.fullmatch(self.secret) or not self.secret, "The secret of", self.endpoint)
        _check(self.codecs and set(self.codecs) <= set(CODECS), "The codecs", self.codecs)
        _check(self.dtmf in DTMF and self.caller_id in CALLER_IDS, "The signalling", self.dtmf)
        for source in self.sources:
            IPv4Network(source, strict=False)

    @property
    def server(self) -> str:
        """The carrier's SIP address, without a user."""
        over = "" if self.transport == "udp" else f"\\;transport={self.transport}"
        return f"{self.host}:{self.port}{over}"

    @property
    def dtmf_mode(self) -> str:
        return _DTMF_MODES[self.dtmf]

    @property
    def authenticates(self) -> bool:
        return bool(self.username)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedNumber:
    """A published number with the forms in which carriers write it. `endpoints` () = it may come by every line.

    `shown` is what is shown when a call for this number is given to somebody outside.
    """

    number: str
    forms: tuple[str, ...]
    endpoints: tuple[str, ...] = ()
    shown: str = ""

    def __post_init__(self) -> None:
        _check(_NUMBER.fullmatch(self.number), "The number", self.number)
        _check(all(_FORM.fullmatch(form) for form in self.forms), "The number", self.forms)
        _check(all(ENDPOINT.fullmatch(one) for one in self.endpoints), "The trunk", self.endpoints)
        _check(_NUMBER.fullmatch(self.shown) or not self.shown, "The number", self.shown)
