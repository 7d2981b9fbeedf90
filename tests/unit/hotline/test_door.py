"""The door passes on what a browser and a phone say, byte by byte, and lets nobody in whom it should not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.typing import Origin

from hotline.addresses import in_url, listened_on
from hotline.door.forwarding import networks
from hotline.door.process import Certificate, keep_fresh
from hotline.door.proxy import Ways, server
from hotline.packages import SetupRefused
from hotline.ports import require_free
from tests.certificates import Authority
from tests.ports import free_port


async def told(request: Request) -> Response:
    body = await request.body()
    answer = {
        "head": dict(request.headers),
        "length": len(body),
        "client": request.client.host if request.client else "",
    }
    return JSONResponse({**answer, "scheme": request.url.scheme})


async def in_parts(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(50):
            yield b"%03d" % number * 1000

    return StreamingResponse(parts())


async def refuses_early(request: Request) -> Response:
    return PlainTextResponse("too large", 413)


async def echo(socket: WebSocket) -> None:
    await socket.accept(subprotocol=(socket.scope["subprotocols"] or [None])[0])
    await socket.send_json({"path": socket.url.path, "cookie": socket.headers.get("cookie", "")})
    with suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())


APP = Starlette(
    routes=[
        Route("/told", told, methods=["GET", "POST", "HEAD"]),
        Route("/parts", in_parts),
        Route("/early", refuses_early, methods=["POST"]),
        WebSocketRoute("/live", echo),
        WebSocketRoute("/ws", echo),
    ]
)


@dataclass
class Opened:
    port: int
    client: httpx2.AsyncClient
    trust: ssl.SSLContext
    authority: Authority
    certificate: Certificate

    def socket(self, path: str, **how: Any) -> websockets.connect:
        return websockets.connect(f"wss://localhost:{self.port}{path}", ssl=self.trust, proxy=None, **how)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    authority = Authority(tmp_path)
    certificate = Certificate(*authority.sign(), host="localhost")
    certificate.load()
    trust = ssl.create_default_context(cafile=str(authority.file))
    async with behind() as platform:
        ways = Ways(platform=platform, asterisk=platform, trusted=networks(["10.9.9.9"]), encrypted=True)
        port = free_port()
        door = await asyncio.start_server(server(ways), "127.0.0.1", port, ssl=certificate.context)
        address = f"https://localhost:{port}"
        async with httpx2.AsyncClient(base_url=address, verify=trust, trust_env=False) as client:
            yield Opened(port, client, trust, authority, certificate)
        door.close()


@asynccontextmanager
async def behind() -> AsyncIterator[tuple[str, int]]:
    """A platform that believes its door."""
    port = free_port()
    how = uvicorn.Config(APP, host="127.0.0.1", port=port, log_config=None, forwarded_allow_ips=["127.0.0.1"])
    serving = uvicorn.Server(how)
    task = asyncio.create_task(serving.serve())
    while not serving.started:  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)
    yield "127.0.0.1", port
    serving.should_exit = True
    await task


async def test_a_door_on_ipv6_lets_in_both_kinds_of_address_and_tells_which(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = Certificate(*authority.sign(["::1", "127.0.0.1"]), host="::1")
    certificate.load()
    trust = ssl.create_default_context(cafile=str(authority.file))
    port = free_port()
    require_free("::", port, "HOTLINE_HTTPS_PORT")
    async with behind() as platform, httpx2.AsyncClient(verify=trust, trust_env=False) as client:
        ways = Ways(platform=platform, asterisk=platform, trusted=(), encrypted=True)
        door = await asyncio.start_server(server(ways), listened_on("::"), port, ssl=certificate.context)
        for address in ("::1", "127.0.0.1"):
            answer = (await client.get(f"https://{in_url(address)}:{port}/told")).json()
            assert (answer["client"], answer["scheme"]) == (address, "https")
        phone = f"wss://[::1]:{port}/sip"
        async with websockets.connect(phone, ssl=trust, proxy=None, origin=Origin(f"https://[::1]:{port}")) as socket:
            assert await socket.recv() == '{"path":"/ws","cookie":""}'
        door.close()
    other = await asyncio.get_running_loop().create_server(asyncio.Protocol, "::1", port)
    with pytest.raises(SetupRefused, match=f"Port {port} on ::1 is taken"):
        require_free("::1", port, "HOTLINE_HTTPS_PORT")
    other.close()


async def test_requests_of_every_form_come_through_on_one_connection(opened: Opened) -> None:
    answer = await opened.client.post("/told", content=b"x" * 300_000)
    assert answer.json()["length"] == 300_000
    parts = await opened.client.get("/parts")
    assert len(parts.content) == 150_000
    assert (await opened.client.head("/told")).status_code == 200

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(7):
            yield b"y" * 1000

    assert (await opened.client.post("/told", content=pieces())).json()["length"] == 7000
    assert (await opened.client.post("/early", content=b"x" * 2_000_000)).status_code == 413
    assert (await opened.client.get("/told")).json()["scheme"] == "https"


async def test_the_platform_sees_the_browsers_own_address_whatever_it_claims(opened: Opened) -> None:
    forged = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7", "X-Forwarded-Proto": "http"}
    answer = (await opened.client.get("/told", headers=forged)).json()
    assert (answer["client"], answer["scheme"]) == ("127.0.0.1", "https")
    assert "192.0.2.7" not in str(answer["head"])


async def test_a_pages_socket_goes_to_the_platform_and_a_phones_to_asterisk(opened: Opened) -> None:
    cookie = {"Cookie": "hl_session=secret"}
    async with opened.socket("/live", additional_headers=cookie) as page:
        assert await page.recv() == '{"path":"/live","cookie":"hl_session=secret"}'
        await page.send("好" * 50_000)
        assert await page.recv() == "好" * 50_000
    async with opened.socket("/sip", additional_headers=cookie, subprotocols=["sip"]) as phone:
        assert await phone.recv() == '{"path":"/ws","cookie":""}'
        assert phone.subprotocol == "sip"


async def test_another_sites_page_gets_no_phone(opened: Opened) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await opened.socket("/sip", origin="https://elsewhere.example")


async def test_a_renewed_certificate_is_taken_while_a_call_goes_on(opened: Opened) -> None:
    asked = asyncio.Event()
    keeping = asyncio.create_task(keep_fresh(opened.certificate, asked))
    async with opened.socket("/live") as page:
        await page.recv()
        before = await serial(opened)
        opened.authority.sign()
        asked.set()
        async with asyncio.timeout(10):
            while await serial(opened) == before:  # noqa: ASYNC110  no visitor between the two is refused
                await asyncio.sleep(0)
        renewed = await serial(opened)
        opened.authority.sign(until_days=-0.5)
        asked.set()
        await asyncio.sleep(0.3)
        assert await serial(opened) == renewed, "an expired one must not replace one that works"
        await page.send("still here")
        assert await page.recv() == "still here"
    keeping.cancel()


async def serial(opened: Opened) -> str:
    """Of the certificate that a new visitor is shown."""
    _, writer = await asyncio.open_connection("localhost", opened.port, ssl=opened.trust)
    told: str = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    return told


async def test_without_a_certificate_only_the_named_proxy_is_let_in() -> None:
    async with behind() as platform:
        for trusted, expected in (("127.0.0.1", b"HTTP/1.1 200"), ("10.9.9.9", b"")):
            ways = Ways(platform=platform, asterisk=platform, trusted=networks([trusted]), encrypted=False)
            port = free_port()
            door = await asyncio.start_server(server(ways), "127.0.0.1", port)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /told HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            try:
                assert await reader.read(12) == expected
            except ConnectionResetError:
                assert not expected
            writer.close()
            door.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"GET /\x00 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"\x16\x03\x01\x02\x00" * 40,
        b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 100_000,
    ],
)
async def test_what_two_servers_could_read_differently_is_refused(opened: Opened, nonsense: bytes) -> None:
    reader, writer = await asyncio.open_connection("localhost", opened.port, ssl=opened.trust)
    writer.write(nonsense)
    async with asyncio.timeout(5):
        answer = await reader.read(12)
    assert answer in (b"HTTP/1.1 400", b"HTTP/1.1 431")
    writer.close()


async def test_while_the_platform_is_away_the_door_says_so(tmp_path: Path) -> None:
    gone = ("127.0.0.1", free_port())
    ways = Ways(platform=gone, asterisk=gone, trusted=networks(["127.0.0.1"]), encrypted=False)
    port = free_port()
    door = await asyncio.start_server(server(ways), "127.0.0.1", port)
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/desk")
        words = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9"}
        page = await client.get(f"http://127.0.0.1:{port}/desk", headers=words)
    assert (answer.status_code, page.status_code) == (503, 503)
    assert "The site is starting" in answer.text
    assert "站点正在启动" in page.text
    assert 'http-equiv="refresh"' in page.text, "who waits need not press a key"
    door.close()
