"""What people attach: kept once, known by its content and not by its name, gone when nothing holds it."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from crm_core.db import Database
from crm_core.errors import Invalid, NotFound
from crm_core.files.kinds import CSV, DOCX, PDF, PNG, TEXT
from crm_core.files.store import clean_name, file, files_of, path_of, put, remove
from crm_core.files.sweep import sweep
from tests.unit.crm_core.builders import NOW

A_PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


async def stream(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return packed.getvalue()


def kept_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


async def keep(db: Database, folder: Path, name: str, *parts: bytes, subject: str = "case/1", most: int = 1000) -> int:
    async with db.begin() as session:
        kept = await put(session, folder / "files", subject, name, stream(*parts), actor="1018", at=NOW, most=most)
        return kept.id


async def test_a_picture_sent_in_pieces_is_kept_whole_and_found_at_its_case(db: Database, tmp_path: Path):
    file_id = await keep(db, tmp_path, "照片.png", A_PNG[:5], A_PNG[5:])
    async with db.begin() as session:
        (kept,) = await files_of(session, "case/1")
    assert (kept.id, kept.name, kept.media_type, kept.size) == (file_id, "照片.png", PNG, len(A_PNG))
    assert path_of(tmp_path / "files", kept.sha256).read_bytes() == A_PNG


async def test_the_same_content_at_two_cases_lies_once_in_the_folder(db: Database, tmp_path: Path):
    await keep(db, tmp_path, "a.png", A_PNG)
    await keep(db, tmp_path, "b.png", A_PNG, subject="case/2")
    assert len(kept_in(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("手册.pdf", b"%PDF-1.7 ...", PDF),
        ("表.csv", "车牌,车型\n吉A1,E6".encode(), CSV),
        ("gbk.txt", "投诉内容".encode("gb18030"), TEXT),
        ("合同.docx", archive("word/document.xml"), DOCX),
    ],
)
async def test_the_content_says_what_a_file_is(db: Database, tmp_path: Path, name: str, content: bytes, kind: str):
    async with db.begin() as session:
        assert (await file(session, await keep(db, tmp_path, name, content))).media_type == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"MZ\x90\0 a program"),
        ("page.txt", b"<html><script>alert(1)</script>"),
        ("drawing.csv", b"  <svg onload=alert(1)>"),
        ("macro.docx", archive("word/document.xml", "word/vbaProject.bin")),
        ("any.docx", archive("something.else")),
        ("broken.xlsx", b"PK\x03\x04 no archive"),
        ("empty.txt", b""),
    ],
)
async def test_what_could_do_harm_is_refused_and_nothing_stays_behind(
    db: Database, tmp_path: Path, name: str, content: bytes
):
    with pytest.raises(Invalid):
        await keep(db, tmp_path, name, content)
    assert not kept_in(tmp_path)


async def test_a_file_that_is_too_large_is_refused_while_it_comes(db: Database, tmp_path: Path):
    with pytest.raises(Invalid, match="at most"):
        await keep(db, tmp_path, "a.txt", b"a" * 600, b"b" * 600)
    assert not kept_in(tmp_path)


def test_a_name_is_a_name_and_no_path_and_has_no_tricks():
    assert clean_name("../../etc/pass\0wd.txt") == "passwd.txt"
    assert clean_name("C:\\a\\工单.pdf") == "工单.pdf"
    assert clean_name("bill\u202efdp.exe") == "billfdp.exe"
    assert clean_name("  ..  ") == "file"
    assert len(clean_name("长" * 300 + ".pdf")) < 120


async def test_a_text_called_a_program_is_called_a_text(db: Database, tmp_path: Path):
    async with db.begin() as session:
        assert (await file(session, await keep(db, tmp_path, "run.exe", b"hello"))).name == "run.exe.txt"


async def test_the_sweep_takes_what_nothing_holds_after_a_day_and_only_that(db: Database, tmp_path: Path):
    folder = tmp_path / "files"
    held = await keep(db, tmp_path, "held.txt", b"held")
    lost = await keep(db, tmp_path, "lost.txt", b"lost")
    async with db.begin() as session:
        path = path_of(folder, (await file(session, lost)).sha256)
        await remove(session, lost, actor="1018", at=NOW)
        with pytest.raises(NotFound):
            await file(session, lost)
    for one in kept_in(tmp_path):
        os.utime(one, (NOW.timestamp(), NOW.timestamp()))
    async with db.begin() as session:
        assert await sweep(session, folder, NOW + timedelta(hours=20)) == 0
        assert await sweep(session, folder, NOW + timedelta(hours=30)) == 1
        assert not path.exists()
        assert path_of(folder, (await file(session, held)).sha256).exists()
