"""Signing in by the organisation's own OpenID provider: code flow with state, nonce and PKCE (OpenID Connect Core 3.1).

The provider says who it is; the account must be here already, and its rights are ours alone.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crm_core.errors import Refused, Unreachable

log = structlog.get_logger(__name__)
SECONDS = 10.0
KEPT_SECONDS = 3600.0  # what the provider says of itself; an unknown key is asked for at once
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA")
LEEWAY_SECONDS = 60  # two machines' clocks
STRONG = frozenset({"mfa", "otp", "hwk", "sms", "fido", "swk"})  # RFC 8176: the provider asked for more than a password


class ProviderAway(Unreachable):
    def __init__(self) -> None:
        super().__init__("Your organisation's sign-in does not answer. Sign in with your password, or try again.")


class ProviderRefused(Refused):
    """What came back is not what we asked for: another's answer, an old one, or one that nobody signed."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Your organisation's sign-in was not completed. Begin once more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdSettings:
    """`claim` is the one whose value is the personnel number; `name` stands on the button."""

    issuer: str
    client_id: str
    client_secret: str = ""
    claim: str = "preferred_username"
    name: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")

    @property
    def usable(self) -> bool:
        return bool(self.issuer and self.client_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Whom the provider names, and whether it asked for more than a password."""

    number: str
    strong: bool


def new_secrets() -> dict[str, str]:
    """What only this browser's way in and the provider know."""
    return {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}


class OpenIdProvider:
    """Kept at `app.state.openid`; asks the provider for its addresses and keys when they are needed."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self.settings = settings
        self._said: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    async def leave_for(self, ours: Mapping[str, str], back: str) -> str:
        """The provider's page to which the browser is sent. Raises ProviderAway."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(ours["verifier"].encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.settings.scopes),
            "state": ours["state"],
            "nonce": ours["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str((await self._addresses())["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    async def redeem(self, code: str, ours: Mapping[str, str], back: str) -> Told:
        """Whom the code stands for. Raises ProviderAway or ProviderRefused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.client_id,
            "code_verifier": ours["verifier"],
        }
        if self.settings.client_secret:
            form["client_secret"] = self.settings.client_secret
        told = await self._ask("POST", str((await self._addresses())["token_endpoint"]), form)
        claims = await self._checked(str(told.get("id_token", "")), ours["nonce"])
        number, ways = claims.get(self.settings.claim, ""), claims.get("amr")
        found = set(ways) if isinstance(ways, list) else set()
        return Told(number=number if isinstance(number, str) else "", strong=bool(found & STRONG))

    async def _checked(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that the provider signed for us, for this way in, just now."""
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": (await self._addresses())["issuer"]},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            try:
                decoded = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                decoded = jwt.decode(token, await self._key_set(anew=True), algorithms=ALGORITHMS)
            rules.validate(decoded.claims)
        except (JoseError, ValueError) as wrong:
            log.warning("openid_token_refused", error=type(wrong).__name__)
            raise ProviderRefused from wrong
        party = decoded.claims.get("azp")
        if party is not None and party != self.settings.client_id:
            raise ProviderRefused
        return decoded.claims

    async def _addresses(self) -> Mapping[str, Any]:
        if self._said is None or time.monotonic() - self._said[0] > KEPT_SECONDS:
            issuer = self.settings.issuer.rstrip("/")
            said = await self._ask("GET", f"{issuer}/.well-known/openid-configuration")
            if str(said.get("issuer", "")).rstrip("/") != issuer:  # RFC 8414, section 3.3
                log.warning("openid_issuer_differs", told=str(said.get("issuer", ""))[:200])
                raise ProviderRefused
            self._said = (time.monotonic(), said)
        return self._said[1]

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            told = await self._ask("GET", str((await self._addresses())["jwks_uri"]))
            self._keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
        return self._keys

    async def _ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=SECONDS, verify=_trusting()) as client:
                answer = await client.request(method, url, data=dict(form) if form else None)
                told = answer.json() if answer.is_success else None
        except (httpx2.HTTPError, ValueError) as away:
            log.warning("openid_provider_away", error=type(away).__name__)
            raise ProviderAway from away
        if not isinstance(told, dict):
            log.warning("openid_provider_refused", status=answer.status_code)
            raise ProviderRefused
        return told


@cache
def _trusting() -> ssl.SSLContext:
    """Reading the machine's authorities takes 50 ms, in which nobody is served: not for each sign-in."""
    return httpx2.create_ssl_context()


def insecure(issuer: str) -> bool:
    """Whether tokens would pass unencrypted to another machine."""
    parts = urlsplit(issuer)
    return bool(issuer) and parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1")
