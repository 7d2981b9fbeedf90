"""One HTTP POST to an address that somebody else chose: pinned, without redirects, small and short."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2

from crm_core.db import storable
from crm_core.errors import PlatformError
from crm_core.integration.addresses import check_url, choose
from crm_core.integration.trouble import Trouble, trouble_of, trouble_of_status

SECONDS = 10.0
LONGEST_ANSWER = 16_384  # bytes that are read; the log keeps fewer
KEPT_ANSWER = 2_000


@dataclass(frozen=True, slots=True)
class Ways:
    """Where we may send: `networks` inside the house, and a PEM file of authorities beside the public ones."""

    networks: tuple[str, ...] = ()
    authorities: Path | None = None


NOWHERE_INSIDE = Ways()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`status` None = no answer. `trouble` is None for a good answer; `failure` is what the libraries said."""

    status: int | None
    text: str
    trouble: Trouble | None
    failure: str
    milliseconds: int


async def post(url: str, body: bytes, headers: Mapping[str, str], *, ways: Ways, seconds: float = SECONDS) -> Reply:
    """Never raises for what the other side does. The name is resolved once, and that address is called."""
    began = time.monotonic()
    status, text, trouble, failure = None, "", None, ""
    try:
        async with asyncio.timeout(seconds):
            status, text = await _send(url, body, headers, ways)
        trouble = trouble_of_status(status)
    except (PlatformError, httpx2.HTTPError, OSError) as wrong:  # OSError: also TimeoutError and ssl.SSLError
        trouble, failure = trouble_of(wrong), str(wrong)
    return Reply(
        status=status,
        text=storable(text, KEPT_ANSWER),
        trouble=trouble,
        failure=storable(failure, 200),
        milliseconds=round((time.monotonic() - began) * 1000),
    )


async def _send(url: str, body: bytes, headers: Mapping[str, str], ways: Ways) -> tuple[int, str]:
    host, port, secure = check_url(url)
    address = choose(await _addresses(host, port), ways.networks, secure=secure)
    parts = urlsplit(url)
    literal = f"[{address}]" if ":" in address else address
    # The checked address itself is called: a name asked a second time could answer otherwise (DNS rebinding).
    pinned = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
    named = {**headers, "Host": parts.netloc}
    async with (
        httpx2.AsyncClient(
            verify=_trust(ways.authorities), follow_redirects=False, trust_env=False, timeout=SECONDS
        ) as client,
        client.stream("POST", pinned, content=body, headers=named, extensions={"sni_hostname": host}) as answer,
    ):
        read = b""
        async for chunk in answer.aiter_raw(4096):
            read += chunk
            if len(read) >= LONGEST_ANSWER:
                break
        return answer.status_code, read.decode(errors="replace")


def _trust(authorities: Path | None) -> ssl.SSLContext:
    """Read again when the operator puts a new file there."""
    return _trusting(authorities, authorities.stat().st_mtime_ns if authorities else 0)


@lru_cache(maxsize=2)
def _trusting(authorities: Path | None, _changed: int) -> ssl.SSLContext:
    context = httpx2.create_ssl_context(trust_env=False)  # 20 ms of reading authorities: not for each delivery
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


async def _addresses(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))
