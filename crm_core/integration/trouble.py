"""Why a place could not be told, as a word that says what its administrator must do; read from the error. Pure."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from enum import StrEnum
from socket import gaierror

import httpx2

from crm_core.errors import PlatformError
from crm_core.integration.addresses import UnsafeAddress


class Trouble(StrEnum):
    INTERNAL = "internal"  # an address inside the house that the operator does not allow
    ADDRESS = "address"  # no whole https address
    NO_HOST = "no_host"  # the name has no address
    REFUSED = "refused"  # nobody listens there, or a firewall says no
    SLOW = "slow"  # no whole answer in time
    UNTRUSTED = "untrusted"  # no authority that we know signed the certificate
    WRONG_NAME = "wrong_name"  # the certificate is another host's
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    TLS = "tls"  # no secure connection came about for another reason
    BROKEN = "broken"  # the connection ended in the middle
    REDIRECT = "redirect"  # it answered with another address
    ANSWER = "answer"  # it answered that it does not want this


# OpenSSL's numbers (x509_vfy.h): the text beside them changes between versions.
_VERDICTS = {
    9: Trouble.NOT_YET_VALID,
    10: Trouble.EXPIRED,
    18: Trouble.UNTRUSTED,
    19: Trouble.UNTRUSTED,
    20: Trouble.UNTRUSTED,
    21: Trouble.UNTRUSTED,
    62: Trouble.WRONG_NAME,
    64: Trouble.WRONG_NAME,
}
# The more special before the more general.
_KINDS: tuple[tuple[type[BaseException], Trouble], ...] = (
    (UnsafeAddress, Trouble.INTERNAL),
    (PlatformError, Trouble.ADDRESS),
    (TimeoutError, Trouble.SLOW),
    (gaierror, Trouble.NO_HOST),
    (ssl.SSLError, Trouble.TLS),
    (ConnectionRefusedError, Trouble.REFUSED),
    (httpx2.TimeoutException, Trouble.SLOW),
    (httpx2.ConnectError, Trouble.REFUSED),
)


def trouble_of(error: BaseException) -> Trouble:
    """Of what was raised instead of an answer."""
    if isinstance(error, TimeoutError):  # what it interrupted, e.g. TLS, is not why
        return Trouble.SLOW
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _VERDICTS.get(one.verify_code, Trouble.UNTRUSTED)
        for kind, trouble in _KINDS:
            if isinstance(one, kind):
                return trouble
    return Trouble.BROKEN


def trouble_of_status(status: int) -> Trouble | None:
    """Of an answer; None for one that is good."""
    if 200 <= status < 300:
        return None
    return Trouble.REDIRECT if 300 <= status < 400 else Trouble.ANSWER


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of, the deepest first: the libraries wrap what OpenSSL and the system say."""
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    groups = [inner for one in chain if isinstance(one, BaseExceptionGroup) for inner in one.exceptions]
    yield from groups
    yield from reversed(chain)
