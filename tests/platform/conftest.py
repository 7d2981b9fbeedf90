"""The platform under test: one for most tests, a fresh one for those that kill it or stop it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hotline.settings import Settings
from ivr.prompts import make_prompts
from tests.integration.site import wait_until
from tests.integration.test_first_menu import ShortHum
from tests.platform.cut_link import RUN_PROXIED, ProxyInThread
from tests.platform.postgres_site import PostgresCallCentre, on_postgres
from tests.platform.site import CallCentre, at_rest
from tests.platform.two_asterisks import TwoAsterisks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Asterisk of this machine, and prompts of half a second, so that a test need not listen long."""
    folder = tmp_path_factory.mktemp("cache")
    kept = Settings().cache_dir
    for part in kept.iterdir():
        if part.name != "prompts":
            (folder / part.name).symlink_to(part.resolve())
    make_prompts(folder / "prompts", tell=lambda _: None, voices=lambda *_: [ShortHum()])
    return folder


@pytest.fixture(scope="session")
def shared_call_centre(cache: Path) -> Iterator[CallCentre]:
    with closing(CallCentre(cache)) as centre:
        centre.up()
        yield centre


@pytest.fixture
def call_centre(shared_call_centre: CallCentre) -> Iterator[CallCentre]:
    with at_rest(shared_call_centre) as centre:
        yield centre


@pytest.fixture
def own_call_centre(cache: Path) -> Iterator[CallCentre]:
    with closing(CallCentre(cache)) as centre:
        yield centre


@pytest.fixture(scope="module")
def shared_two_asterisks(cache: Path) -> Iterator[TwoAsterisks]:
    centre = TwoAsterisks(cache)
    try:
        centre.up()
        yield centre
    finally:
        centre.close()


@pytest.fixture
def centre(shared_two_asterisks: TwoAsterisks) -> Iterator[TwoAsterisks]:
    """Two Asterisks at rest, and both get calls, whatever the test before did to one of them."""
    shared = shared_two_asterisks
    wait_until(lambda: shared.dealt_calls() == 2, 30, "both Asterisks get calls")
    shared.begin_test()
    yield shared
    for node in shared.both.values():
        node.rx("channel request hangup all")
        wait_until(node.at_rest, 20, "silence")
    shared.telephones.unplug_everything()


@pytest.fixture
def postgres_centre(cache: Path) -> Iterator[PostgresCallCentre]:
    with on_postgres(cache) as centre:
        yield centre


@pytest.fixture
def proxied(own_call_centre: CallCentre) -> Iterator[tuple[CallCentre, ProxyInThread]]:
    proxy = ProxyInThread(own_call_centre.ports["AMI_PORT"])
    os.environ["HOTLINE_TEST_AMI_PROXY"] = str(proxy.port)
    try:
        own_call_centre.up(RUN_PROXIED)
        yield own_call_centre, proxy
    finally:
        del os.environ["HOTLINE_TEST_AMI_PROXY"]
        own_call_centre.close()
        proxy.close()
