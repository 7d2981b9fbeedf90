"""A certificate that browsers would refuse is refused before the door opens, with what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.door.certificate import CertificateRefused, days_left, examine
from tests.certificates import Authority

NOW = datetime.now(UTC)


def test_a_right_certificate_tells_its_names_and_its_end(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign(["hotline.example.com", "10.0.0.4"])
    found = examine(certificate, key, host="hotline.example.com", now=NOW)
    assert found.names == ("hotline.example.com", "10.0.0.4")
    assert days_left(found, NOW) in (89, 90)


def test_a_wildcard_covers_one_label_and_an_address_itself(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign(["*.example.com", "10.0.0.4"])
    for host in ("hotline.example.com", "10.0.0.4"):
        examine(certificate, key, host=host, now=NOW)
    for host in ("a.b.example.com", "example.com", "10.0.0.5"):
        with pytest.raises(CertificateRefused, match="Get a certificate for that name"):
            examine(certificate, key, host=host, now=NOW)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"until_days": -0.5}, r"expired on .* Renew it"),
        ({"from_days": 2}, r"valid from .* Set the clock, or wait"),
        ({"with_chain": False}, r"lacks the certificate of CN=Test root.* Append"),
        ({"passphrase": b"secret"}, r"asks for a passphrase.*openssl pkey"),
    ],
)
def test_what_browsers_would_refuse_is_said(tmp_path: Path, how: dict[str, object], sentence: str) -> None:
    certificate, key = Authority(tmp_path).sign(**how)  # type: ignore[arg-type]
    with pytest.raises(CertificateRefused, match=sentence):
        examine(certificate, key, host="", now=NOW)


def test_a_chain_must_reach_its_authority_whole(tmp_path: Path) -> None:
    root = Authority(tmp_path)
    between = Authority(tmp_path, "Between", above=root)
    certificate, key = between.sign()
    with pytest.raises(CertificateRefused, match="lacks the certificate of CN=Test root"):
        examine(certificate, key, host="", now=NOW)
    certificate.write_bytes(certificate.read_bytes() + root.file.read_bytes())
    assert not examine(certificate, key, host="", now=NOW).signs_itself


def test_a_certificate_of_the_right_name_but_another_key_does_not_pass_for_the_issuer(tmp_path: Path) -> None:
    real, false = Authority(tmp_path, "Same name"), Authority(tmp_path, "Same name")
    certificate, key = real.sign(with_chain=False)
    certificate.write_bytes(certificate.read_bytes() + false.file.read_bytes())
    with pytest.raises(CertificateRefused, match="lacks the certificate"):
        examine(certificate, key, host="", now=NOW)


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    root = Authority(tmp_path)
    certificate, _ = root.sign(to="one")
    _, key = root.sign(to="two")
    with pytest.raises(
        CertificateRefused, match=r"does not belong to .* Set HOTLINE_TLS_CERTIFICATE and HOTLINE_TLS_KEY"
    ):
        examine(certificate, key, host="", now=NOW)


def test_files_that_are_missing_or_something_else_name_the_setting(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign()
    text = tmp_path / "text"
    text.write_text("hello")
    for pair, sentence in (
        ((tmp_path / "none", key), "cannot be read .* Set HOTLINE_TLS_CERTIFICATE"),
        ((certificate, tmp_path / "none"), "cannot be read .* Set HOTLINE_TLS_KEY"),
        ((text, key), "no certificate in PEM form. Set HOTLINE_TLS_CERTIFICATE"),
        ((certificate, text), "no private key in PEM form. Set HOTLINE_TLS_KEY"),
    ):
        with pytest.raises(CertificateRefused, match=sentence):
            examine(*pair, host="", now=NOW)
