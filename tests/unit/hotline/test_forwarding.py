"""Who asks is who connects: what a stranger writes into the head of a request changes nothing."""

from __future__ import annotations

from hotline.door.forwarding import among, networks, of_our_page, towards_asterisk, towards_platform

PROXY = networks(["10.0.0.5", "192.168.7.0/24"])


def told(headers: list[tuple[bytes, bytes]], peer: str, *, encrypted: bool = True) -> dict[bytes, bytes]:
    kept = towards_platform(headers, peer, trusted=PROXY, encrypted=encrypted)
    assert len({name.lower() for name, _ in kept}) == len(kept)
    return {name.lower(): value for name, value in kept}


def test_a_strangers_word_about_the_address_is_dropped() -> None:
    forged = [
        (b"X-Forwarded-For", b"127.0.0.1"),
        (b"x-forwarded-for", b"10.0.0.5"),
        (b"Forwarded", b"for=127.0.0.1"),
        (b"X-Real-IP", b"127.0.0.1"),
        (b"X-Forwarded-Proto", b"http"),
    ]
    head = told(forged, "203.0.113.9")
    assert head[b"x-forwarded-for"] == b"203.0.113.9"
    assert head[b"x-forwarded-proto"] == b"https"
    assert not head.keys() & {b"forwarded", b"x-real-ip"}


def test_a_named_proxys_word_is_passed_on_with_its_own_address() -> None:
    given = [(b"X-Forwarded-For", b"203.0.113.9"), (b"X-Forwarded-Proto", b"https")]
    head = told(given, "10.0.0.5", encrypted=False)
    assert head[b"x-forwarded-for"] == b"203.0.113.9, 10.0.0.5"
    assert head[b"x-forwarded-proto"] == b"https"


def test_without_encryption_nothing_is_called_encrypted() -> None:
    assert told([], "10.0.0.5", encrypted=False)[b"x-forwarded-proto"] == b"http"


def test_what_a_connection_header_names_goes_no_further() -> None:
    head = told([(b"Connection", b"close, X-Secret"), (b"X-Secret", b"1"), (b"TE", b"trailers")], "203.0.113.9")
    assert not head.keys() & {b"x-secret", b"te"}
    assert head[b"connection"] == b"close"


def test_no_cookie_reaches_asterisk() -> None:
    given = [(b"Host", b"h"), (b"Cookie", b"hl_session=1"), (b"Sec-WebSocket-Key", b"k"), (b"Authorization", b"a")]
    names = {name.lower() for name, _ in towards_asterisk(given)}
    assert names == {b"host", b"sec-websocket-key", b"connection", b"upgrade"}


def test_another_sites_page_is_not_ours() -> None:
    assert of_our_page([(b"Host", b"hotline.example.com"), (b"Origin", b"https://hotline.example.com")])
    assert of_our_page([(b"Host", b"hotline.example.com")])
    assert not of_our_page([(b"Host", b"hotline.example.com"), (b"Origin", b"https://elsewhere.example")])
    assert not of_our_page([(b"Host", b"hotline.example.com"), (b"Origin", b"null")])


def test_networks_hold_their_addresses_and_nothing_else() -> None:
    assert among("192.168.7.9", PROXY)
    assert among("::ffff:10.0.0.5", PROXY)
    assert not among("192.168.8.9", PROXY)
    assert not among("no address", PROXY)
