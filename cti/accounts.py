"""SIP secrets made per session, in the SQLite file that Asterisk reads at each REGISTER."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import structlog

from crm_core.errors import Refused
from cti.ice import NO_SERVERS, IceServers
from cti.views import PhoneAccount

log = structlog.get_logger(__name__)

SHIFT_SECONDS = 10 * 3_600.0
VISIT_SECONDS = 1_800.0
REALM = "asterisk"

_ISSUED = (
    "CREATE TABLE IF NOT EXISTS issued_phone (user TEXT PRIMARY KEY, session TEXT NOT NULL, expires_at REAL NOT NULL)"
)

CommandLine = Callable[[str], Awaitable[str]]


class NoVisitorPhoneFree(Refused):
    def __init__(self) -> None:
        super().__init__("All customer phones are in use. Please try again later.")


@dataclass(frozen=True, slots=True)
class IssuedPhone:
    """A secret that is out: whose, for which sign-in ("" = a visitor's), until when (seconds since 1970)."""

    user: str
    session: str
    expires_at: float


class PhoneAccounts:
    """`command_line` runs one command of Asterisk's own CLI: no AMI user of ours may delete a registration."""

    def __init__(
        self,
        database: Path,
        *,
        domain: str,
        websocket_urls: tuple[str, ...],
        visitors: int,
        command_line: CommandLine | None,
        ice: IceServers = NO_SERVERS,
    ) -> None:
        self._database, self._domain, self._websocket_urls = database, domain, websocket_urls
        self._command_line, self._ice = command_line, ice
        self._visitors = {f"visitor-{n}": 0.0 for n in range(1, visitors + 1)}

    async def issue(self, user: str, seconds: float = SHIFT_SECONDS, *, session: str = "") -> PhoneAccount:
        """A new secret; the one before stops working at the next REGISTER or INVITE."""
        secret = secrets.token_urlsafe(24)
        until = time.time() + seconds
        await asyncio.to_thread(self._write, user, secret, IssuedPhone(user, session, until))
        return PhoneAccount(
            user=user,
            secret=secret,
            domain=self._domain,
            websocket_urls=self._websocket_urls,
            expires_at=until,
            ice_servers=self._ice.offered(user, until),
        )

    async def issue_visitor(self) -> PhoneAccount:
        now = time.time()
        user = min(self._visitors, key=lambda name: self._visitors[name], default="")
        if not user or self._visitors[user] > now:
            raise NoVisitorPhoneFree
        self._visitors[user] = now + VISIT_SECONDS
        return await self.issue(user, VISIT_SECONDS)

    async def issued(self) -> list[IssuedPhone]:
        """The phones whose secret is out, also those of before a restart."""
        return await asyncio.to_thread(self._read)

    async def revoke(self, user: str) -> None:
        """A secret that nobody knows, and the registration is gone: a deleted row would answer 500."""
        await asyncio.to_thread(self._write, user, secrets.token_urlsafe(24))
        if self._command_line is None:
            return
        listed = await self._command_line("database show registrar/contact")
        for key in re.findall(rf"^/registrar/contact/({re.escape(user)};@[0-9a-f]+)\s*:", listed, re.MULTILINE):
            await self._command_line(f"database del registrar/contact {key}")

    def _read(self) -> list[IssuedPhone]:
        with closing(sqlite3.connect(self._database, timeout=2.0)) as database, database:
            database.execute(_ISSUED)
            rows = database.execute("SELECT user, session, expires_at FROM issued_phone ORDER BY user")
            return [IssuedPhone(*row) for row in rows]

    def _write(self, user: str, secret: str, issued: IssuedPhone | None = None) -> None:
        digest = hashlib.md5(f"{user}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()
        with closing(sqlite3.connect(self._database, timeout=2.0)) as database, database:
            database.execute(
                "INSERT INTO ps_auths (id, auth_type, username, md5_cred) VALUES (?, 'md5', ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET auth_type = 'md5', password = NULL, md5_cred = excluded.md5_cred",
                (user, user, digest),
            )
            database.execute(_ISSUED)
            database.execute("DELETE FROM issued_phone WHERE user = ?", (user,))
            if issued is not None:
                row = (issued.user, issued.session, issued.expires_at)
                database.execute("INSERT INTO issued_phone (user, session, expires_at) VALUES (?, ?, ?)", row)
