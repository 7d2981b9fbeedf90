"""By which servers a browser phone behind NAT finds its way, and the password that a relay takes for a while. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

Server = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServers:
    """`stun` and `turn` are host:port; `turn` perhaps with ?transport=tcp, or with turns: before it (TLS).

    With a `secret`, passwords are made anew.
    """

    stun: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    secret: str = ""
    user: str = ""
    password: str = ""

    def offered(self, who: str, until: float) -> tuple[Server, ...]:
        """What RTCPeerConnection is told, for this account until this moment (seconds since 1970)."""
        found: list[Server] = [{"urls": [f"stun:{place}" for place in self.stun]}] if self.stun else []
        if self.turn:
            user, password = self._access(who, until)
            found.append({"urls": [_relay(place) for place in self.turn], "username": user, "credential": password})
        return tuple(found)

    def _access(self, who: str, until: float) -> tuple[str, str]:
        """The form of coturn's `use-auth-secret` (draft-uberti-behave-turn-rest): end and name, signed."""
        if not self.secret:
            return self.user, self.password
        user = f"{int(until)}:{who}"
        signed = hmac.new(self.secret.encode(), user.encode(), hashlib.sha1).digest()
        return user, base64.b64encode(signed).decode()


def _relay(place: str) -> str:
    return place if place.startswith(("turn:", "turns:")) else f"turn:{place}"


NO_SERVERS = IceServers()
