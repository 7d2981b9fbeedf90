"""A site that `hotline serve` opened on the machine's own address, with a certificate of the test's authority."""

from __future__ import annotations

import base64
import hashlib
import ssl
import subprocess
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from asterisk_conf.render import look_at_machine
from tests.certificates import Authority
from tests.platform.site import CallCentre
from tests.ports import free_port

# Asterisk and browser meet on an address that others could reach, as on a real site; else on loopback.
OWN_ADDRESS = next(iter(look_at_machine().own_addresses), "127.0.0.1")
SERVE = (sys.executable, "-m", "hotline", "serve", "--quick", "--bind")


class ServedCentre(CallCentre):
    """`authority` is whom the browsers of the test trust; nobody else does. `more` are addresses beside `host`."""

    def __init__(self, cache: Path, host: str = OWN_ADDRESS, *more: str) -> None:
        super().__init__(cache)
        self.host = host
        self.authority = Authority(self.folder)
        self.https_port = free_port()
        site = self.telephones.asterisk.site
        self.telephones.asterisk.site = replace(site, telephone_host=host)
        certificate, key = self.authority.sign([host, *more])
        self.settings = {
            "HOTLINE_TLS_CERTIFICATE": str(certificate),
            "HOTLINE_TLS_KEY": str(key),
            "HOTLINE_HTTPS_PORT": str(self.https_port),
            "HOTLINE_PUBLIC_URL": self.address,
        }

    @property
    def address(self) -> str:
        return f"https://{self.host}:{self.https_port}"

    @cached_property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.file))

    @property
    def browser_flags(self) -> tuple[str, ...]:
        """Chromium takes what this authority signs; every other fault of a certificate stays one."""
        public = self.authority.certificate.public_key()
        digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        return (f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}",)

    def up(self, command: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        return super().up(command or (*SERVE, self.host))

    def web(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.address, verify=self.trust, trust_env=False, timeout=10)
