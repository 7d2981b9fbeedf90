"""One HTTP POST to an address that somebody else chose: pinned, without redirects, small and short."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx2

from crm_core.db import storable
from crm_core.errors import PlatformError
from crm_core.integration.addresses import check_url, choose

SECONDS = 10.0
LONGEST_ANSWER = 16_384  # bytes that are read; the log keeps fewer
KEPT_ANSWER = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`status` None = no answer, and `failure` says why in a few words."""

    status: int | None
    text: str
    failure: str
    milliseconds: int


async def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[str]) -> Reply:
    """Never raises for what the other side does. The name is resolved once, and that address is called."""
    began = time.monotonic()
    status, text, failure = None, "", ""
    try:
        async with asyncio.timeout(SECONDS):
            status, text = await _send(url, body, headers, allowed)
    except PlatformError as refused:
        failure = str(refused)
    except TimeoutError:
        failure = f"No answer within {SECONDS:.0f} s."
    except (httpx2.HTTPError, OSError, ssl.SSLError) as wrong:
        failure = f"{type(wrong).__name__}: {wrong}"
    took = round((time.monotonic() - began) * 1000)
    return Reply(status=status, text=storable(text, KEPT_ANSWER), failure=storable(failure, 200), milliseconds=took)


async def _send(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str]) -> tuple[int, str]:
    host, port, secure = check_url(url)
    address = choose(await _addresses(host, port), allowed, secure=secure)
    parts = urlsplit(url)
    literal = f"[{address}]" if ":" in address else address
    # The checked address itself is called: a name asked a second time could answer otherwise (DNS rebinding).
    pinned = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
    named = {**headers, "Host": parts.netloc}
    async with (
        httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS) as client,
        client.stream("POST", pinned, content=body, headers=named, extensions={"sni_hostname": host}) as answer,
    ):
        read = b""
        async for chunk in answer.aiter_raw(4096):
            read += chunk
            if len(read) >= LONGEST_ANSWER:
                break
        return answer.status_code, read.decode(errors="replace")


async def _addresses(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))
