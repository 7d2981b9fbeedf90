"""A person's own phone hears a draft: all of it as callers will, nothing of it real, and no contact."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from crm_core.errors import PlatformError
from crm_core.history import events as feed
from ivr.flow_file import read_flow
from ivr.heard_trial import HeardTrial
from ivr.question_prompts import prompt_of
from ivr.saying import file_of
from ivr.trial import Trial
from ivr.trial_notices import notices
from ivr.trial_prompts import speak_trial
from tests.integration import scenarios
from tests.integration.mouth import Mouth
from tests.integration.platform import Platform, platform
from tests.integration.site import DESK_PHONES, SiteUnderTest, wait_until
from tests.platform.listening_customer import Melodies, found_in

DRAFT = read_flow("""
name: main
languages: [zh-CN]
start: main
give_up: agent
nodes:
  main: {kind: menu, prompts: [what], keys: {1: brochure, 2: outside}, give_up: agent, tries: 1}
  brochure:
    kind: do
    operation: request_material
    given: {material: brochure}
    ways: {noted: said, unavailable: agent}
  said: {kind: say, prompts: [noted], then: agent}
  outside: {kind: transfer, number: "13812345678", unreachable: agent}
  agent: {kind: queue, queue: repair, topic: ""}
texts: {zh-CN: {what: 手册请按一，服务站请按二, noted: 已经登记}}
""")
NOTICES = notices(DRAFT, {"zh-CN": {"repair": "维修"}})
HEARD = HeardTrial(flow=DRAFT, trial=Trial(), notices=NOTICES)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("melodies")
    assert speak_trial(folder, DRAFT, NOTICES, voices=lambda *_: [Melodies()]) > 4
    assert speak_trial(folder, DRAFT, NOTICES, voices=lambda *_: []) == 0  # all of it is there
    return folder


@asynccontextmanager
async def at_a_phone(site: SiteUnderTest, folder: Path, spoken: Path) -> AsyncIterator[tuple[Platform, Mouth]]:
    (folder / "prompts").symlink_to(spoken)
    with Mouth(DESK_PHONES) as mouth:
        site.phone("1001", mouth.spoken(scenarios.phone_answers()))
        async with platform(site, folder) as running:
            yield running, mouth


async def hears(mouth: Mouth, spoken: Path, name: str, since: float) -> None:
    wanted, _ = soundfile.read(spoken / "zh-CN" / f"{name}.wav")

    def heard() -> bool:
        return found_in(mouth.sound_since(since), np.asarray(wanted)[:-800]) is not None  # type: ignore[arg-type]

    await asyncio.to_thread(wait_until, heard, 8, name)


async def test_a_draft_is_heard_and_its_ends_are_told_instead_of_done(
    telephone_site: SiteUnderTest, spoken: Path, tmp_path: Path
) -> None:
    async with at_a_phone(telephone_site, tmp_path, spoken) as (running, mouth):
        began = time.monotonic()
        await running.bridge.desk.menu_trials.call("1001", HEARD)
        await hears(mouth, spoken, file_of("手册请按一，服务站请按二"), began)
        mouth.press("1")
        for text in (NOTICES.deeds["zh-CN"]["request_material"], NOTICES.ends["zh-CN"]["agent"]):
            await hears(mouth, spoken, prompt_of(text), began)
        await asyncio.to_thread(wait_until, telephone_site.asterisk.at_rest)
        assert "维修" in NOTICES.ends["zh-CN"]["agent"]
        assert [event for event in running.records if isinstance(event, feed.ContactStarted | feed.CallQueued)] == []
        assert running.bridge.runtime.switchboard.book.contacts == {}
    assert telephone_site.log_trouble() == []


async def test_nobody_is_dialled_for_a_transfer_and_the_person_may_hang_up(
    telephone_site: SiteUnderTest, spoken: Path, tmp_path: Path
) -> None:
    async with at_a_phone(telephone_site, tmp_path, spoken) as (running, mouth):
        began = time.monotonic()
        await running.bridge.desk.menu_trials.call("1001", HEARD)
        await hears(mouth, spoken, file_of("手册请按一，服务站请按二"), began)
        mouth.press("2")
        await hears(mouth, spoken, prompt_of(NOTICES.ends["zh-CN"]["outside"]), began)
        with pytest.raises(PlatformError):
            await running.bridge.desk.menu_trials.hang_up("1002")
        await running.bridge.desk.menu_trials.hang_up("1001")
        await asyncio.to_thread(wait_until, telephone_site.asterisk.at_rest)
        assert running.of(feed.CallTransferred) == []


async def test_a_token_is_taken_once_and_a_ready_agent_is_not_rung(
    telephone_site: SiteUnderTest, spoken: Path, tmp_path: Path
) -> None:
    async with at_a_phone(telephone_site, tmp_path, spoken) as (running, _):
        desk = running.bridge.desk
        token = desk.menu_trials._keep("1001", HEARD)
        assert desk.menu_trials.take(token) is HEARD
        assert desk.menu_trials.take(token) is None
        assert desk.menu_trials.take("") is None
        await desk.sign_in("1001", ready=True)
        with pytest.raises(PlatformError, match="break"):
            await desk.menu_trials.call("1001", HEARD)
        with pytest.raises(PlatformError):
            await desk.menu_trials.call("9999", HEARD)
