"""A certificate authority of one test, and what it signs: right ones, and every wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(word: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(word))
    except ValueError:
        return x509.DNSName(word)


@dataclass
class Authority:
    """Signs by itself, or stands below another. Files are written into `folder`."""

    folder: Path
    called: str = "Test root"
    above: Authority | None = None
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        signer = self.above or self
        subject = name(self.called)
        issuer = name(signer.called)
        built = _frame(subject, issuer, self.key, 0, 365).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = built.sign(signer.key, hashes.SHA256())

    @property
    def file(self) -> Path:
        path = self.folder / f"{self.called.replace(' ', '-')}.pem"
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path

    def sign(
        self,
        hosts: Sequence[str] = ("localhost", "127.0.0.1"),
        *,
        to: str = "site",
        from_days: float = -1,
        until_days: float = 90,
        with_chain: bool = True,
        passphrase: bytes = b"",
    ) -> tuple[Path, Path]:
        """Certificate and key as two files."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = _frame(name(to), name(self.called), key, from_days, until_days).add_extension(
            x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False
        )
        signed = built.sign(self.key, hashes.SHA256())
        chain = [signed, self.certificate] if with_chain else [signed]
        certificate, secret = self.folder / f"{to}.pem", self.folder / f"{to}.key"
        certificate.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
        locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
        return certificate, secret


def _frame(
    subject: x509.Name, issuer: x509.Name, key: Key, from_days: float, until_days: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=from_days))
        .not_valid_after(now + timedelta(days=until_days))
    )
