"""The door's process: opens the port, and takes a renewed certificate without closing a connection.

Started by `hotline serve`, which starts it again when it dies. Pages and phones that were connected come back.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from hotline.addresses import listened_on
from hotline.door.certificate import CertificateRefused, SiteCertificate, days_left, examine
from hotline.door.forwarding import networks
from hotline.door.proxy import HEAD_BYTES, Ways, server
from hotline.fast_loop import run_fast
from hotline.settings import Settings

LOOK_SECONDS = 5.0
WARNED_DAYS = 14
HANDSHAKE_SECONDS = 10.0


class Certificate:
    """The files of a certificate and the TLS context that shows it.

    Each version is loaded into a context of its own, taken as a whole at each handshake: OpenSSL replaces certificate
    and key one after the other, and a visitor between the two would be refused.
    """

    def __init__(self, certificate: Path, key: Path, host: str) -> None:
        self._certificate, self._key, self._host = certificate, key, host
        self._seen: object = None
        self.context = _new_context()
        self.context.sni_callback = self._take_newest  # called without a name, too
        self._newest: ssl.SSLContext | None = None

    def load(self) -> SiteCertificate:
        """For every handshake from now on. Raises CertificateRefused, and the one before stays in use."""
        self._seen = self._state()
        found = examine(self._certificate, self._key, host=self._host, now=datetime.now(UTC))
        newest = _new_context()
        newest.load_cert_chain(self._certificate, self._key)
        if self._newest is None:
            self.context.load_cert_chain(self._certificate, self._key)
        self._newest = newest
        return found

    def _take_newest(self, visitor: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _of: ssl.SSLContext) -> None:
        if self._newest is not None:
            visitor.context = self._newest

    def changed(self) -> bool:
        return self._state() != self._seen

    def _state(self) -> object:
        try:
            return [(file.stat().st_mtime_ns, file.stat().st_ino) for file in (self._certificate, self._key)]
        except OSError:
            return self._seen  # being replaced at this moment


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def certificate_of(settings: Settings) -> Certificate | None:
    """None when the operator named no certificate."""
    if settings.tls_certificate is None:
        return None
    key = settings.tls_key or settings.tls_certificate
    return Certificate(settings.tls_certificate, key, urlsplit(settings.public_url).hostname or "")


def say(sentence: str) -> None:
    print(sentence, flush=True)


async def keep_fresh(certificate: Certificate, asked: asyncio.Event) -> None:
    """Load the files again whenever they change, and when asked."""
    while True:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await asked.wait()
        except TimeoutError:
            if not certificate.changed():
                continue
        asked.clear()
        try:
            found = await asyncio.to_thread(certificate.load)
        except (CertificateRefused, ssl.SSLError) as refused:
            say(f"The certificate before stays in use: {refused}")
        else:
            say(f"A new certificate is in use, until {found.ends:%Y-%m-%d}.")


async def run(settings: Settings) -> None:
    """Until SIGTERM."""
    loop, stop, asked = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    certificate = certificate_of(settings)
    if certificate is not None:
        left = days_left(certificate.load())
        if left < WARNED_DAYS:
            say(f"The certificate ends in {left} days. Renew it; the door takes the new one by itself.")
    ways = Ways(
        platform=(settings.host, settings.web_port),
        asterisk=(settings.host, settings.asterisk_http_port),
        second=(settings.host, settings.second_http_port) if settings.nodes > 1 else None,
        trusted=networks(settings.trusted_proxies),
        encrypted=certificate is not None,
    )
    doors = await asyncio.start_server(
        server(ways),
        listened_on(settings.bind),
        settings.https_port,
        limit=HEAD_BYTES,
        ssl=certificate.context if certificate else None,
        ssl_handshake_timeout=HANDSHAKE_SECONDS if certificate else None,
    )
    fresh = asyncio.create_task(keep_fresh(certificate, asked)) if certificate else None
    try:
        await stop.wait()
    finally:
        doors.close()
        if fresh is not None:
            fresh.cancel()


if __name__ == "__main__":
    run_fast(run(Settings()))
