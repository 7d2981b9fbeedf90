"""Downloads: for whoever may see the thing, with the type we found, and never as a page of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from crm_core.clock import now
from crm_core.files.store import put
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def stream(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def attached(web: WebSite, tmp_path: Path, subject: str, name: str, content: bytes) -> str:
    async with web.db.begin() as session:
        kept = await put(session, tmp_path / "files", subject, name, stream(content), actor="1018", at=now())
    return f"/files/{kept.id}"


async def test_an_agent_gets_the_file_of_a_case_under_its_chinese_name(web: WebSite, tmp_path: Path):
    address = await attached(web, tmp_path, "case/1", "维修 单.pdf", b"%PDF-1.7 content")
    await web.enter(people.AGENT)
    answer = await web.client.get(address)
    assert answer.content == b"%PDF-1.7 content"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E7%BB%B4")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_may_stand_in_a_page(web: WebSite, tmp_path: Path):
    address = await attached(web, tmp_path, "case/1", "a.png", b"\x89PNG\r\n\x1a\n....")
    await web.enter(people.AGENT)
    assert (await web.client.get(address)).headers["content-disposition"].startswith("inline")


async def test_what_no_check_speaks_for_is_nobodys(web: WebSite, tmp_path: Path):
    addresses = [
        await attached(web, tmp_path, subject, "a.txt", b"secret")
        for subject in ("payroll/1", "case/999", "case/x", "case/1; --", "")
    ]
    await web.enter(people.AGENT)
    assert [(await web.client.get(address)).status_code for address in addresses] == [404] * 5


async def test_who_may_not_see_cases_gets_no_file_of_one_and_a_stranger_none_at_all(web: WebSite, tmp_path: Path):
    address = await attached(web, tmp_path, "case/1", "a.txt", b"secret")
    assert (await web.client.get(address)).status_code in (303, 401)
    await web.enter(people.ADMIN)
    assert (await web.client.get(address)).status_code == 404


async def test_a_row_whose_content_was_lost_says_so(web: WebSite, tmp_path: Path):
    address = await attached(web, tmp_path, "case/1", "a.txt", b"secret")
    for path in (tmp_path / "files").glob("??/*"):
        path.unlink()
    await web.enter(people.AGENT)
    answer = await web.client.get(address)
    assert answer.status_code == 404
    assert "缺失" in answer.text
