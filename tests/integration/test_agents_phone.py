"""The agent's phone: lost in a talk, registered with a secret of its own, revoked."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import time
from pathlib import Path

from crm_core.history import events as feed
from crm_core.history.events import Outcome
from cti.views import PhoneAccount
from tests.integration import scenarios
from tests.integration.platform import platform
from tests.integration.site import SiteUnderTest

HOTLINE = "4001718888"


def channel_of(site: SiteUnderTest, endpoint: str) -> str:
    rows = site.asterisk.rx("core show channels concise").splitlines()
    return next(row.split("!")[0] for row in rows if row.startswith(f"PJSIP/{endpoint}-"))


async def test_a_lost_phone_keeps_the_customer_and_gets_them_back(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    async with platform(telephone_site, tmp_path) as running:
        telephone_site.phone("1001", scenarios.phone_answers(), calls=2)
        telephone_site.phone("1002", scenarios.phone_answers())
        await running.bridge.desk.sign_in("1001", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller())
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 1)
        await running.bridge.desk.sign_in("1002", ready=True)
        # Without a BYE from the phone the dialplan takes it for lost, as when the audio stops.
        telephone_site.asterisk.rx(f"channel request hangup {channel_of(telephone_site, '1001')}")
        await running.until(lambda: len(running.of(feed.TalkBegan)) == 2, 5.0)
        assert [event.agent for event in running.of(feed.TalkBegan)] == ["1001", "1001"]
        await running.bridge.desk.hang_up("1001")
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED


def register(site: SiteUnderTest, account: PhoneAccount) -> int:
    """The status of a REGISTER with this account's secret, over UDP: the digest is the same as over WebSocket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        phone.connect(("127.0.0.1", site.site.sip_port))
        port, uri, user = phone.getsockname()[1], "sip:127.0.0.1", account.user

        def ask(sequence: int, authorization: str = "") -> str:
            phone.send(
                f"REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{port}{sequence}\r\n"
                f"From: <sip:{user}@127.0.0.1>;tag=t\r\nTo: <sip:{user}@127.0.0.1>\r\nCall-ID: {port}{time.time()}\r\n"
                f"CSeq: {sequence} REGISTER\r\nContact: <sip:{user}@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\n"
                f"Expires: 60\r\n{authorization}Content-Length: 0\r\n\r\n".encode()
            )
            while True:
                answer = phone.recv(65_536).decode()
                if answer.startswith("SIP/2.0"):
                    return answer

        challenge = ask(1)
        nonce, realm = (re.search(rf'{key}="([^"]+)"', challenge)[1] for key in ("nonce", "realm"))
        opaque = re.search(r'opaque="([^"]+)"', challenge)

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        key = f"{md5(f'{user}:{realm}:{account.secret}')}:{nonce}:00000001:c:auth:{md5(f'REGISTER:{uri}')}"
        authorization = (
            f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{md5(key)}", algorithm=MD5, cnonce="c", qop=auth, nc=00000001'
            + (f', opaque="{opaque[1]}"' if opaque else "")
            + "\r\n"
        )
        return int(ask(2, authorization).split(" ")[1])


async def test_a_revoked_phone_is_out_at_once(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        desk = running.bridge.desk
        first = await desk.phone_account("1018", "session-1")
        assert await asyncio.to_thread(register, telephone_site, first) == 200
        await desk.sign_in("1018", ready=True)
        await running.until(lambda: desk.desk("1018").reachable)
        second = await desk.phone_account("1018", "session-2")
        assert await asyncio.to_thread(register, telephone_site, first) == 401
        assert await asyncio.to_thread(register, telephone_site, second) == 200
        began = time.monotonic()
        await desk.revoke_phone("1018")
        assert await asyncio.to_thread(register, telephone_site, second) == 401
        assert "/sip:1018@" not in telephone_site.asterisk.rx("pjsip show aor 1018")
        assert time.monotonic() - began < 5.0
        await running.until(lambda: not desk.desk("1018").reachable, 5.0)


async def test_visitors_get_a_phone_each_until_none_is_left(telephone_site: SiteUnderTest, tmp_path: Path) -> None:
    async with platform(telephone_site, tmp_path) as running:
        account = await running.bridge.desk.visitor_account()
        assert account.user == "visitor-1"
        assert await asyncio.to_thread(register, telephone_site, account) == 200
        assert account.expires_at > time.time()
