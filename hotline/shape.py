"""Which processes a site has beside Asterisk, and when they are at work."""

from __future__ import annotations

import contextlib
import ssl
from enum import Enum

import httpx2

from hotline.settings import Settings


class Shape(Enum):
    ONE = "one"  # the platform, with the pages in it
    SPLIT = "split"  # a telephony process and web workers
    TELEPHONY = "telephony"  # a telephony process; the pages are somebody else's

    @property
    def platform(self) -> tuple[str, ...]:
        """What the platform's process is told at its start."""
        return () if self is Shape.ONE else ("telephony",)


def shape_of(settings: Settings) -> Shape:
    return Shape.SPLIT if settings.web_workers else Shape.ONE


def plainly() -> ssl.SSLContext:
    """For a client of this site's own pages, which are not encrypted: it trusts nobody.

    The usual context reads the machine's certificates, 50 ms of a processor for each client.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def pages_answer(settings: Settings) -> bool:
    async with httpx2.AsyncClient(trust_env=False, verify=plainly()) as client:
        with contextlib.suppress(httpx2.HTTPError):
            answer = await client.get(f"{settings.web_address}/healthz", timeout=2)
            return answer.status_code == 200
    return False
