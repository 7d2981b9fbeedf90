"""What leaves with a recording leaves with a reason: downloads, shares that end, evidence that proves itself."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
from sqlalchemy import select

from crm_core import clock
from crm_core.access.model import AuditEntry, User
from crm_core.access.roles import Role
from crm_core.cases.model import Case
from crm_core.disclosure import packages
from crm_core.disclosure.model import EvidencePackage, RecordingShare
from crm_core.history.model import Recording, RecordingMark
from recording.evidence.check import check
from recording.evidence.form import ACCESS, COVER, MANIFEST, TIMELINE
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

REVIEWER = "3001"
WHY = {"why": "为了诉讼 2026-118"}


@pytest.fixture
async def recorded(web: WebSite, tmp_path: Path) -> int:
    """The one recorded talk has its sound, and a reviewer is here and signed in."""
    file = "20261122/old-1-1.flac"
    web.app.state.vault.folder = tmp_path / "recordings"
    path = tmp_path / "recordings" / file
    path.parent.mkdir(parents=True)
    tone = 0.3 * np.sin(np.arange(24_000) / 3)
    soundfile.write(path, np.stack([tone, tone], axis=1), 8_000, format="FLAC")
    async with web.db.begin() as session:
        row = (await session.scalars(select(Recording))).one()
        row.file, row.seconds = file, 3.0
        known = await session.get_one(User, 1)
        session.add(
            User(number=REVIEWER, name="田雨", name_en="Tian Yu", roles="quality", password_hash=known.password_hash)
        )
        at = row.started_at + timedelta(seconds=1)
        session.add(RecordingMark(recording_id=row.id, kind="pause", began_at=at, ended_at=at, by="1018", why="button"))
        number = row.id
    await entered(web, REVIEWER)
    return number


async def entered(web: WebSite, number: str) -> None:
    signed = await web.enter(number)
    web.client.headers["X-CSRF-Token"] = signed.csrf


async def on_log(web: WebSite, action: str) -> list[AuditEntry]:
    async with web.db.begin() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def test_a_download_needs_a_reason_which_is_on_the_log_before_the_file_goes(web: WebSite, recorded: int):
    refused = await web.client.post(f"/recordings/{recorded}/download", data={"why": " . "})
    assert refused.status_code == 422
    assert await on_log(web, "recording_downloaded") == []
    url = (await web.client.post(f"/recordings/{recorded}/download", data=WHY)).json()["url"]
    [entry] = await on_log(web, "recording_downloaded")
    assert (entry.actor, entry.subject) == (REVIEWER, f"recording:{recorded}")
    assert "诉讼 2026-118" in entry.detail
    answer = await web.client.get(url)
    assert answer.content[:4] == b"fLaC"
    assert re.search(rf'attachment; filename="R-\d{{8}}-{recorded:04}.flac"', answer.headers["content-disposition"])


async def test_a_download_link_is_one_persons_and_one_minutes(web: WebSite, recorded: int, monkeypatch):
    url = (await web.client.post(f"/recordings/{recorded}/download", data=WHY)).json()["url"]
    assert (await web.client.get(url[:-2] + "xx")).status_code == 403
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await web.client.get(url)).status_code == 403


async def test_an_agent_hears_the_own_talk_and_takes_nothing_out(web: WebSite, recorded: int):
    await entered(web, people.AGENT)
    assert (await web.client.get(f"/recordings/{recorded}")).status_code == 200
    for what in ("download", "shares", "evidence"):
        assert (await web.client.post(f"/recordings/{recorded}/{what}", data=WHY)).status_code == 403


async def test_an_open_page_keeps_its_link_alive_and_the_link_alone_dies(web: WebSite, recorded: int, monkeypatch):
    began = clock.now()
    url = (await web.client.post(f"/recordings/{recorded}/listen")).json()["url"]
    token = url.rpartition("/")[2]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=45))
    renewed = await web.client.post(f"/recordings/{recorded}/alive", data={"token": token})
    assert renewed.status_code == 204
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=90))
    assert (await web.client.get(url, headers={"Range": "bytes=8-15"})).status_code == 206
    sign = web.client.cookies.get("hl_alive")
    web.client.cookies.delete("hl_alive")
    assert (await web.client.get(url)).status_code == 403
    other = (await web.client.post(f"/recordings/{recorded}/listen")).json()["url"]
    web.client.cookies.set("hl_alive", sign or "")
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=170))
    assert (await web.client.get(other)).status_code == 403  # the sign is for one link, and over
    assert len(await on_log(web, "recording.listen")) == 2


async def test_anothers_listening_cannot_be_kept_alive(web: WebSite, recorded: int):
    token = (await web.client.post(f"/recordings/{recorded}/listen")).json()["url"].rpartition("/")[2]
    await entered(web, people.AGENT)
    for sent in (token, token[:-2] + "xx", ""):
        assert (await web.client.post(f"/recordings/{recorded}/alive", data={"token": sent})).status_code == 403


async def test_a_shared_recording_is_heard_until_it_is_revoked(web: WebSite, recorded: int):
    form = {"with": "person", "person": people.ENGLISH_AGENT, "days": "7", "why": "Zum Mithören"}
    told = await web.client.post(f"/recordings/{recorded}/shares", data=form)
    assert "Wang Fang" in told.text or "王芳" in told.text
    await entered(web, people.ENGLISH_AGENT)
    assert (await web.client.get(f"/recordings/{recorded}")).status_code == 200
    assert f'href="/recordings/{recorded}"' in (await web.client.get("/recordings?shared=1")).text
    assert (await web.client.post(f"/recordings/{recorded}/listen")).status_code == 200
    assert (await web.client.post(f"/recordings/{recorded}/shares/1/revoke")).status_code == 403
    await entered(web, REVIEWER)
    assert "已撤销" in (await web.client.post(f"/recordings/{recorded}/shares/1/revoke")).text
    await entered(web, people.ENGLISH_AGENT)
    assert (await web.client.get(f"/recordings/{recorded}")).status_code == 404
    assert f'href="/recordings/{recorded}"' not in (await web.client.get("/recordings")).text
    assert [len(await on_log(web, f"recording_share{d}")) for d in ("d", "_revoked")] == [1, 1]


async def test_a_share_ends_by_itself(web: WebSite, recorded: int):
    form = {"person": people.ENGLISH_AGENT, "days": "1", "why": "weekly round"}
    await web.client.post(f"/recordings/{recorded}/shares", data=form)
    async with web.db.begin() as session:
        (await session.get_one(RecordingShare, 1)).until = clock.now() - timedelta(seconds=1)
    await entered(web, people.ENGLISH_AGENT)
    assert (await web.client.get(f"/recordings/{recorded}")).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"person": people.ADMIN},
        {"person": REVIEWER},
        {"person": "nobody"},
        {"person": people.ENGLISH_AGENT, "days": "4000"},
        {"person": people.ENGLISH_AGENT, "why": ""},
        {"with": "case", "case": "GD-0713-0183"},
        {"with": "case", "case": "TS-9999-0001"},
    ],
)
async def test_it_is_shared_only_with_whom_it_may_concern(web: WebSite, recorded: int, form: dict[str, str]):
    whole = {"days": "7", "why": "weekly round"} | form
    assert (await web.client.post(f"/recordings/{recorded}/shares", data=whole)).status_code == 422
    assert await on_log(web, "recording_shared") == []


async def test_the_dealer_of_a_complaint_hears_what_is_shared_with_it(web: WebSite, recorded: int):
    async with web.db.begin() as session:
        case = Case(number="TS-0708-0131", kind="complaint", title="交付延误", customer_id=people.WANG, dealer_id=1)
        case.opened_at = clock.now()
        session.add(case)
        known = await session.get_one(User, 1)
        dealer = User(number="5101", name="孙丽", roles=Role.DEALER_RELATIONS, password_hash=known.password_hash)
        dealer.dealer_id = 1
        session.add(dealer)
    form = {"with": "case", "case": "ts-0708-0131", "days": "3", "why": "for the dealer's answer"}
    assert (await web.client.post(f"/recordings/{recorded}/shares", data=form)).status_code == 200
    await entered(web, "5101")
    listen = f"/dealer/complaints/TS-0708-0131/recordings/{recorded}/listen"
    assert (await web.client.post(listen)).status_code == 200
    assert (await web.client.get(f"/recordings/{recorded}")).status_code == 404
    async with web.db.begin() as session:
        (await session.get_one(RecordingShare, 1)).revoked_at = clock.now()
    assert (await web.client.post(listen)).status_code == 404


async def made(web: WebSite, recorded: int, tmp_path: Path) -> Path:
    asked = await web.client.post(f"/recordings/{recorded}/evidence", data=WHY | {"whole": "1"})
    assert "data-busy" in asked.text
    assert await web.app.state.evidence.work() == 1
    answer = await web.client.get(f"/recordings/{recorded}/evidence/1")
    assert answer.status_code == 200
    (tmp_path / "taken.zip").write_bytes(answer.content)
    return tmp_path / "taken.zip"


async def test_an_evidence_package_is_made_taken_and_checked_and_tells_who_heard_it(web, recorded: int, tmp_path: Path):
    await web.client.post(f"/recordings/{recorded}/listen")
    package = await made(web, recorded, tmp_path)
    checked = check(package)
    assert checked.faults == ()
    async with web.db.begin() as session:
        row = await session.get_one(EvidencePackage, 1)
        assert (row.state, row.fingerprint, row.bytes) == ("done", checked.fingerprint, package.stat().st_size)
    with ZipFile(package) as archive:
        manifest, access = json.loads(archive.read(MANIFEST)), json.loads(archive.read(ACCESS))
        cover, timeline = archive.read(COVER).decode(), json.loads(archive.read(TIMELINE))
    assert manifest["why"] == WHY["why"]
    assert manifest["recordings"][0]["marks"][0]["kind"] == "pause"
    assert manifest["call"]["number"] == "138 **** 7706"  # a reviewer sees no whole number
    assert [one["action"] for one in access["entries"]] == ["recording.listen", "evidence_asked"]
    assert [one["kind"] for one in timeline["moments"]][-1] == "ended"
    assert "陈建国" in cover
    assert "Who had these recordings" in cover
    assert checked.fingerprint in cover
    [taken] = await on_log(web, "evidence_taken")
    assert (taken.actor, taken.subject) == (REVIEWER, f"recording:{recorded}")


async def test_a_hostile_name_and_reason_stay_text_on_the_cover(web: WebSite, recorded: int, tmp_path: Path):
    hostile = {"why": "<script>alert(1)</script>"}
    await web.client.post(f"/recordings/{recorded}/evidence", data=hostile)
    await web.app.state.evidence.work()
    (tmp_path / "x.zip").write_bytes((await web.client.get(f"/recordings/{recorded}/evidence/1")).content)
    cover = ZipFile(tmp_path / "x.zip").read(COVER).decode()
    assert "<script>" not in cover
    assert cover.count("<h1>") == 2


async def test_a_package_is_for_who_may_hear_all_that_is_in_it(web: WebSite, recorded: int, tmp_path: Path):
    await made(web, recorded, tmp_path)
    async with web.db.begin() as session:
        known = await session.get_one(User, 1)
        session.add(User(number="2011", name="x", roles="team_leader", password_hash=known.password_hash))
    await entered(web, "2011")  # leads nobody
    for path in (f"/recordings/{recorded}/evidence", f"/recordings/{recorded}/evidence/1"):
        assert (await web.client.get(path)).status_code == 404


async def test_a_package_goes_after_its_days_and_when_its_recording_is_deleted(web: WebSite, recorded, tmp_path: Path):
    await made(web, recorded, tmp_path)
    [kept] = (tmp_path / "evidence").glob("*.zip")
    async with web.db.begin() as session:
        (await session.get_one(EvidencePackage, 1)).ended_at = clock.now() - packages.KEPT
    await web.app.state.evidence.work()
    assert not kept.exists()
    assert (await web.client.get(f"/recordings/{recorded}/evidence/1")).status_code == 404
    await web.client.post(f"/recordings/{recorded}/evidence", data=WHY)
    await web.app.state.evidence.work()
    async with web.db.begin() as session:
        (await session.get_one(Recording, recorded)).status = "deleted"
    await web.app.state.evidence.work()
    assert list((tmp_path / "evidence").glob("*.zip")) == []


async def test_a_maker_that_died_is_followed_by_another_and_a_lost_sound_is_told(
    web: WebSite, recorded, tmp_path: Path
):
    await web.client.post(f"/recordings/{recorded}/evidence", data=WHY)
    async with web.db.begin() as session:
        assert await packages.take_up(session, clock.now())
        assert await packages.take_up(session, clock.now()) is None
    assert await web.app.state.evidence.work() == 0
    async with web.db.begin() as session:
        (await session.get_one(EvidencePackage, 1)).taken_until = clock.now() - timedelta(seconds=1)
    (tmp_path / "recordings/20261122/old-1-1.flac").unlink()
    assert await web.app.state.evidence.work() == 1
    (tmp_path / "x.zip").write_bytes((await web.client.get(f"/recordings/{recorded}/evidence/1")).content)
    checked = check(tmp_path / "x.zip")
    assert checked.faults == ()
    assert checked.manifest["recordings"][0]["no_sound"]


async def test_a_key_that_cannot_be_read_fails_with_a_sentence(web: WebSite, recorded: int, tmp_path: Path):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "evidence-key.pem").write_text("rubbish")
    await web.client.post(f"/recordings/{recorded}/evidence", data=WHY)
    await web.app.state.evidence.work()
    assert "密钥" in (await web.client.get(f"/recordings/{recorded}/evidence")).text


async def test_nobody_fills_the_disk_with_packages(web: WebSite, recorded: int):
    answers = [
        await web.client.post(f"/recordings/{recorded}/evidence", data=WHY) for _ in range(packages.MOST_OPEN + 1)
    ]
    assert [one.status_code for one in answers] == [200] * packages.MOST_OPEN + [409]
