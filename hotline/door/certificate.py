"""Is this certificate one that browsers will take? Asked before the door opens, and again when the file changes."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from hotline.packages import SetupRefused

CERTIFICATE, KEY = "HOTLINE_TLS_CERTIFICATE", "HOTLINE_TLS_KEY"


class CertificateRefused(SetupRefused):
    """One sentence with the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCertificate:
    """`names` are the host names and addresses it is for; times are aware UTC."""

    names: tuple[str, ...]
    ends: datetime
    signs_itself: bool


def examine(certificate: Path, key: Path, *, host: str, now: datetime) -> SiteCertificate:
    """What the files hold; `host` is the name in people's links, "" = not known. Raises CertificateRefused."""
    chain = _certificates(certificate)
    leaf = chain[0]
    _check_key(leaf, key, certificate)
    _check_time(leaf, certificate, now)
    names = _names(leaf)
    if host and not any(_covers(name, host) for name in names):
        raise CertificateRefused(
            "{certificate} is for {names}, but HOTLINE_PUBLIC_URL says {host}. Get a certificate for "
            "that name, or correct HOTLINE_PUBLIC_URL.",
            certificate=certificate,
            names=", ".join(names) or "-",
            host=host,
        )
    _check_chain(chain, certificate)
    return SiteCertificate(names=names, ends=leaf.not_valid_after_utc, signs_itself=leaf.issuer == leaf.subject)


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as refused:
        raise CertificateRefused(
            "{path} cannot be read ({reason}). Set {setting} to a PEM file that this user may read.",
            path=path,
            reason=refused.strerror,
            setting=setting,
        ) from refused


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(_read(path, CERTIFICATE))
    except ValueError as wrong:
        raise CertificateRefused(
            "{path} holds no certificate in PEM form. Set {CERTIFICATE} to your authority's fullchain.pem.",
            path=path,
            CERTIFICATE=CERTIFICATE,
        ) from wrong
    return found


def _check_key(leaf: x509.Certificate, path: Path, certificate: Path) -> None:
    try:
        key = load_pem_private_key(_read(path, KEY), password=None)
    except TypeError as locked:
        raise CertificateRefused(
            "The key {path} asks for a passphrase, and nobody is there to type it. Write it without "
            "one (openssl pkey -in ... -out ...) and set {KEY} to that file.",
            path=path,
            KEY=KEY,
        ) from locked
    except ValueError as wrong:
        raise CertificateRefused(
            "{path} holds no private key in PEM form. Set {KEY} to the one that does.", path=path, KEY=KEY
        ) from wrong
    ours, theirs = (
        one.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for one in (key.public_key(), leaf.public_key())
    )
    if ours != theirs:
        raise CertificateRefused(
            "The key {path} does not belong to the certificate {certificate}. Set {CERTIFICATE} and "
            "{KEY} to the two files that were made together.",
            path=path,
            certificate=certificate,
            CERTIFICATE=CERTIFICATE,
            KEY=KEY,
        )


def _check_time(leaf: x509.Certificate, path: Path, now: datetime) -> None:
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now > ends:
        raise CertificateRefused(
            "{path} expired on {ends}. Renew it with your authority.", path=path, ends=f"{ends:%Y-%m-%d}"
        )
    if now < begins:
        raise CertificateRefused(
            "{path} is valid from {begins} UTC on, and this machine's clock says {now}. Set the clock, or wait.",
            path=path,
            begins=f"{begins:%Y-%m-%d %H:%M}",
            now=f"{now:%Y-%m-%d %H:%M}",
        )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """Browsers look at the alternative names only, never at the common name."""
    try:
        alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = alternative.get_values_for_type(x509.IPAddress)
    return (*alternative.get_values_for_type(x509.DNSName), *map(str, addresses))


def _covers(name: str, host: str) -> bool:
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        name, host = name.lower(), host.lower()
    return fnmatchcase(host, name) and name.count(".") == host.count(".")


def _check_chain(chain: list[x509.Certificate], path: Path) -> None:
    """Each certificate's issuer stands in the file, or among the authorities that this machine knows."""
    by_name = {one.subject.public_bytes(): one for one in chain}
    seen, last = 0, chain[0]
    while last.issuer != last.subject and seen < len(chain):
        issuer = by_name.get(last.issuer.public_bytes())
        if issuer is None or not _signed(last, issuer):
            break
        seen, last = seen + 1, issuer
    if last.issuer == last.subject or last.issuer.public_bytes() in _known_authorities():
        return
    raise CertificateRefused(
        "{path} lacks the certificate of {issuer}; browsers cannot follow it to an authority. Append "
        "the certificates between (the file your authority calls fullchain.pem) and set "
        "{CERTIFICATE} to it.",
        path=path,
        issuer=last.issuer.rfc4514_string(),
        CERTIFICATE=CERTIFICATE,
    )


def _signed(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


@lru_cache(maxsize=1)
def _known_authorities() -> frozenset[bytes]:
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    with warnings.catch_warnings():  # old authorities break rules that are younger than they
        warnings.simplefilter("ignore")
        return frozenset(x509.load_der_x509_certificate(der).subject.public_bytes() for der in known)


def days_left(found: SiteCertificate, now: datetime | None = None) -> int:
    return (found.ends - (now or datetime.now(UTC))).days
