"""The doctor and `hotline status` look at the second Asterisk and at Kamailio: process, answer, whom it deals calls."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hotline.doctor import nodes
from hotline.doctor.findings import Finding, State
from hotline.settings import Settings
from tests.ports import free_port

PROXY = "127.0.0.4"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(nodes, "installed_kamailio", lambda _: "6.0.1")
    monkeypatch.setattr(nodes, "is_running", lambda _: True)
    monkeypatch.setattr(nodes, "ANSWER_SECONDS", 0.3)
    (tmp_path / "kamailio").mkdir()
    return Settings(
        run_dir=tmp_path,
        nodes=2,
        proxy_host=PROXY,
        proxy_port=free_port(socket.SOCK_DGRAM, PROXY),
        second_sip_port=free_port(socket.SOCK_DGRAM),
    )


@contextmanager
def answering(host: str, port: int) -> Iterator[None]:
    """Something that speaks SIP there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((host, port))
        link.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    _, peer = link.recvfrom(4096)
                except TimeoutError:
                    continue
                link.sendto(b"SIP/2.0 200 OK\r\n\r\n", peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@contextmanager
def dispatcher(folder: Path, flags: dict[str, str]) -> Iterator[None]:
    """Kamailio's control socket, with this state of each Asterisk."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(folder / "control"))
        targets = [{"DEST": {"URI": uri, "FLAGS": flag}} for uri, flag in flags.items()]
        told = {"RECORDS": [{"SET": {"TARGETS": targets}}]}

        def serve() -> None:
            _, peer = link.recvfrom(4096)
            link.sendto(json.dumps({"jsonrpc": "2.0", "id": 1, "result": told}).encode(), peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield


def said(found: list[Finding]) -> list[str]:
    assert all(one.advice("en") and one.advice("zh-CN") for one in found if one.state in (State.FAULT, State.WARNING))
    return [f"{one.state}: {one.sentence('en')}" for one in found]


def test_a_site_with_one_asterisk_uses_none_of_it(settings: Settings):
    [found] = nodes.two_asterisks(settings.model_copy(update={"nodes": 1}))
    assert found.state is State.ABSENT


def test_each_part_that_is_away_is_told_with_the_remedy(settings: Settings):
    assert said(nodes.two_asterisks(settings)) == [
        f"fault: The second Asterisk does not answer at port {settings.second_sip_port}: its calls are cut off.",
        "fault: Kamailio does not run: no call comes in.",
    ]
    (settings.proxy_dir / "kamailio.pid").write_text(str(os.getpid()))
    with answering("127.0.0.1", settings.second_sip_port):
        assert said(nodes.two_asterisks(settings)) == [
            f"fault: Kamailio does not answer at {PROXY}:{settings.proxy_port}: no call comes in."
        ]
        with answering(PROXY, settings.proxy_port):
            assert said(nodes.two_asterisks(settings)) == ["warning: Kamailio does not tell whom it deals calls to."]


@pytest.mark.parametrize(
    ("flag", "told"),
    [("AP", "ok: both answer, and Kamailio 6.0.1 deals them the calls"),
     ("IP", "warning: Kamailio deals no calls to sip:127.0.0.1:5161.")],
)  # fmt: skip
def test_who_gets_calls_is_what_the_dispatcher_says(settings: Settings, flag: str, told: str):
    (settings.proxy_dir / "kamailio.pid").write_text(str(os.getpid()))
    flags = {"sip:127.0.0.1:5160": "AP", "sip:127.0.0.1:5161": flag}
    with (
        answering("127.0.0.1", settings.second_sip_port),
        answering(PROXY, settings.proxy_port),
        dispatcher(settings.proxy_dir, flags),
    ):
        assert said(nodes.two_asterisks(settings)) == [told]
