"""Webhooks over TLS, to a real server: who is not whom we were told to call gets nothing, and the log says why."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.integration.post import Ways, post
from crm_core.integration.trouble import Trouble, trouble_of, trouble_of_status
from tests.unit.crm_core.tls_receiver import Answer, Authority, breaks_off, drips, listening, says

HOUSE = ("127.0.0.0/8",)
ADDRESS = "IP:127.0.0.1"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours").made()


@pytest.fixture(scope="module")
def good(ours: Authority) -> Path:
    return ours.sign("good", ADDRESS)


@pytest.fixture
def ways(ours: Authority) -> Ways:
    return Ways(HOUSE, ours.certificate)


async def sent(certificate: Path, ways: Ways, answer: Answer, *, seconds: float = 5.0):
    """What came back, and whether the receiver was told anything at all."""
    heard: list[str] = []

    async def listen(writer: asyncio.StreamWriter) -> None:
        heard.append("request")
        await answer(writer)

    async with listening(certificate, listen) as url:
        reply = await post(url, b'{"secret": "of a customer"}', {}, ways=ways, seconds=seconds)
    return reply, bool(heard)


async def test_a_receiver_whose_authority_the_operator_trusts_is_told(good: Path, ways: Ways):
    reply, heard = await sent(good, ways, says(204))
    assert (reply.status, reply.trouble, reply.failure, heard) == (204, None, "", True)


async def test_without_that_authority_the_same_receiver_is_told_nothing(good: Path):
    reply, heard = await sent(good, Ways(HOUSE), says(204))
    assert (reply.status, reply.trouble, heard) == (None, Trouble.UNTRUSTED, False)
    assert "CERTIFICATE_VERIFY_FAILED" in reply.failure  # what the receiver's administrator looks for


@pytest.mark.parametrize(
    ("names", "days", "trouble"),
    [
        ("DNS:someone-else.example", 1, Trouble.WRONG_NAME),
        ("IP:127.0.0.9", 1, Trouble.WRONG_NAME),
        (ADDRESS, -1, Trouble.EXPIRED),
    ],
)
async def test_a_certificate_that_is_not_the_receivers_or_has_ended_is_refused_before_anything_is_sent(
    ours: Authority, ways: Ways, names: str, days: int, trouble: Trouble
):
    reply, heard = await sent(ours.sign("bad", names, days=days), ways, says(204))
    assert (reply.status, reply.trouble, heard) == (None, trouble, False)


async def test_one_that_a_stranger_signed_is_refused(tmp_path: Path, ways: Ways):
    stranger = Authority(tmp_path, "stranger").made()
    reply, heard = await sent(stranger.sign("good", ADDRESS), ways, says(204))
    assert (reply.status, reply.trouble, heard) == (None, Trouble.UNTRUSTED, False)


async def test_the_name_in_the_address_is_checked_although_the_address_behind_it_is_called(
    ours: Authority, ways: Ways, monkeypatch: pytest.MonkeyPatch
):
    """The name is looked up once and pinned; the certificate must still be that name's."""

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr("crm_core.integration.post._addresses", here)
    for names, expected in (("DNS:crm.example.com", None), (ADDRESS, Trouble.WRONG_NAME)):
        async with listening(ours.sign("named", names), says(200)) as url:
            named = url.replace("127.0.0.1", "crm.example.com")
            assert (await post(named, b"{}", {}, ways=ways)).trouble == expected


async def test_a_redirect_is_an_answer_and_is_not_followed(good: Path, ways: Ways):
    reply, _ = await sent(good, ways, says(302, b"", "location: https://127.0.0.1:9/elsewhere"))
    assert (reply.status, reply.trouble) == (302, Trouble.REDIRECT)


async def test_a_body_that_never_ends_is_given_up_in_time_although_each_byte_comes(good: Path, ways: Ways):
    began = time.monotonic()
    reply, _ = await sent(good, ways, drips, seconds=0.4)
    assert (reply.status, reply.trouble) == (None, Trouble.SLOW)
    assert time.monotonic() - began < 3


async def test_a_connection_that_breaks_off_is_no_good_answer(good: Path, ways: Ways):
    reply, _ = await sent(good, ways, breaks_off)
    assert (reply.status, reply.trouble) == (None, Trouble.BROKEN)


async def test_a_private_address_is_not_even_called(good: Path, ours: Authority):
    reply, heard = await sent(good, Ways((), ours.certificate), says(204))
    assert (reply.status, reply.trouble, heard) == (None, Trouble.INTERNAL, False)


async def test_plain_http_where_tls_is_expected_is_told_as_such(ways: Ways):
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 x\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    reply = await post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"{}", {}, ways=ways)
    server.close()
    assert reply.trouble == Trouble.TLS


async def test_where_nobody_listens_and_what_has_no_address(ways: Ways):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert (await post(f"https://127.0.0.1:{port}/", b"{}", {}, ways=ways)).trouble == Trouble.REFUSED
    assert (await post("https://no-such-host.invalid/", b"{}", {}, ways=ways)).trouble == Trouble.NO_HOST
    assert (await post("ftp://crm.example.com/", b"{}", {}, ways=ways)).trouble == Trouble.ADDRESS


async def test_new_authorities_count_from_the_next_delivery_on(tmp_path: Path, good: Path, ours: Authority):
    file = tmp_path / "authorities.pem"
    file.write_bytes(Authority(tmp_path / "old", "old").made().certificate.read_bytes())
    assert (await sent(good, Ways(HOUSE, file), says(200)))[0].trouble == Trouble.UNTRUSTED
    file.write_bytes(ours.certificate.read_bytes())
    assert (await sent(good, Ways(HOUSE, file), says(200)))[0].trouble is None


@given(st.integers(min_value=100, max_value=599))
def test_only_a_success_is_no_trouble(status: int):
    assert (trouble_of_status(status) is None) == (200 <= status < 300)


def test_what_nobody_has_foreseen_is_a_broken_connection():
    assert trouble_of(RuntimeError("?")) == Trouble.BROKEN
