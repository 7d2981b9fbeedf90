"""The sounds of a menu's prompts: heard by who sees flows, changed by who edits them, refused with a sentence."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile
from httpx2 import Response
from sqlalchemy import select, update

from crm_core.access.actions import SignedIn
from crm_core.access.model import AuditEntry, User
from ivr.flow_file import shipped_flow
from ivr.own_recordings import Kind, OwnRecordings
from ivr.saying import file_of
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PLACE = "/flows/main/sounds/zh-CN/self-menu"
FILE = file_of(shipped_flow().texts["zh-CN"]["self-menu"])


def recording(level: float = 0.2) -> bytes:
    file = BytesIO()
    soundfile.write(file, level * np.sin(np.arange(16_000) / 3), 16_000, format="WAV")
    return file.getvalue()


@pytest.fixture
async def admin(web: WebSite) -> SignedIn:
    return await web.enter(people.ADMIN)


def shelf(web: WebSite) -> OwnRecordings:
    found: OwnRecordings = web.app.state.own_recordings
    return found


async def send(web: WebSite, who: SignedIn, content: bytes, path: str = PLACE, **fields: Any) -> Response:
    form = {"csrf_token": who.csrf, "file": FILE, "node": "self", "version": "0", **fields}
    return await web.client.post(path, data=form, files={"recording": ("a.wav", content, "audio/wav")})


async def test_a_recording_is_heard_at_the_same_place_and_noted_in_the_audit_log(web: WebSite, admin: SignedIn):
    assert (await web.client.get(PLACE)).status_code == 404
    assert "尚未合成" in (await web.client.get("/flows/main?node=self")).text
    assert (await send(web, admin, recording())).status_code == 303
    heard = await web.client.get(PLACE)
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
    assert soundfile.info(BytesIO(heard.content)).samplerate == 8000
    assert shelf(web).kind("zh-CN", FILE) is Kind.OWN
    assert "自有录音" in (await web.client.get("/flows/main?node=self")).text
    async with web.db.begin() as session:
        noted = (await session.execute(select(AuditEntry).where(AuditEntry.action == "prompt_recorded"))).scalar_one()
    assert (noted.actor, noted.subject) == (people.ADMIN, "flow/main")
    assert "zh-CN/self-menu" in noted.detail


@pytest.mark.parametrize(
    ("language", "content", "sentence"),
    [
        ("zh-CN", b"no sound at all", "不是可读的声音"),
        ("zh-CN", recording(0.0), "没有声音"),
        ("en", b"no sound at all", "no sound that can be read"),
        ("en", recording(0.0), "it is silent"),
    ],
)
async def test_a_refusal_is_told_in_the_readers_language_and_changes_nothing(
    web: WebSite, language: str, content: bytes, sentence: str
):
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
    admin = await web.enter(people.ADMIN)
    answer = await send(web, admin, content)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert shelf(web).kind("zh-CN", FILE) is Kind.NONE


async def test_a_recording_of_a_text_that_was_changed_meanwhile_is_refused(web: WebSite, admin: SignedIn):
    answer = await send(web, admin, recording(), file=file_of("另一段话"))
    assert answer.status_code == 409
    assert "已被修改" in answer.text


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "nothing", ".lock", "%2Fetc%2Fpasswd"])
async def test_a_name_that_is_no_prompt_leads_to_no_file(web: WebSite, admin: SignedIn, name: str):
    assert (await web.client.get(f"/flows/main/sounds/zh-CN/{name}")).status_code == 404
    assert (await web.client.get(f"/flows/main/sounds/{name}/self-menu")).status_code == 404
    assert (await send(web, admin, recording(), f"/flows/main/sounds/zh-CN/{name}")).status_code == 404


async def test_a_team_leader_hears_and_may_not_change(web: WebSite, admin: SignedIn):
    await send(web, admin, recording())
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(roles="team_leader"))
    leader = await web.enter(people.ADMIN)
    assert (await web.client.get(PLACE)).status_code == 200
    assert "data-sound-form" not in (await web.client.get("/flows/main?node=self")).text
    assert (await send(web, leader, recording())).status_code == 403
    assert (await send(web, leader, b"", f"{PLACE}/back")).status_code == 403
