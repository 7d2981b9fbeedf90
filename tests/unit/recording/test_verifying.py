"""A recording that was changed, cut, lost or exchanged is found by name, and so is who writes into the chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.chaining import link
from crm_core.history.model import Recording
from crm_core.seals.chain_check import ANCHORED, head_of
from crm_core.seals.findings import FindingKind
from crm_core.seals.model import RecordingSeal, SealHead
from crm_core.seals.sealing import chained
from recording.data_keys import DataKeys
from recording.erasing import erase
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.vault import Vault
from recording.verifying import Verifier, Wanted
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import DAY, Shelf, a_kept_talk

FILES = [f"20261122/c{n}-1.flac" for n in (1, 2, 3)]


@pytest.fixture
async def folder(database, tmp_path):
    """Three talks of different sound."""
    folder = tmp_path / "recordings"
    for number in (1, 2, 3):
        await a_kept_talk(database, folder, f"c{number}", 0.5, customer=500 + 100 * number)
    return folder


async def found(database, folder, **wanted):
    checked = await Verifier(database, Vault(folder), Wanted(**wanted)).run()
    assert not checked.away
    return [(one.kind.value, one.name) for one in checked.findings]


def write(path, content):
    path.chmod(0o600)
    path.write_bytes(content)


async def test_recordings_that_nobody_touched_are_whole(database, folder):
    checked = await Verifier(database, Vault(folder), Wanted()).run()
    assert (checked.whole, checked.seals, checked.files, checked.read) == (True, 3, 3, 3)


async def test_a_changed_a_cut_and_a_missing_file_are_named_each_for_itself(database, folder):
    first, second, third = (folder / name for name in FILES)
    content = bytearray(first.read_bytes())
    content[-20] ^= 1
    write(first, bytes(content))
    write(second, second.read_bytes()[:-100])
    third.unlink()
    assert await found(database, folder) == list(zip(["changed", "cut", "missing"], FILES, strict=True))
    assert await found(database, folder, read=lambda _: False) == [("cut", FILES[1]), ("missing", FILES[2])]


async def test_two_exchanged_files_are_told_as_such(database, folder):
    first, second = folder / FILES[0], folder / FILES[1]
    one, other = first.read_bytes(), second.read_bytes()
    write(first, other)
    write(second, one)
    assert await found(database, folder) == [("swapped", FILES[0]), ("swapped", FILES[1])]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sha256": "0" * 64}, "row_changed"),
        ({"file": FILES[1]}, "row_changed"),
        ({"status": "deleted"}, "row_changed"),
        ({"place": "s3"}, "row_changed"),
    ],
)
async def test_a_row_that_was_rewritten_is_found(database, folder, change, expected):
    async with database.begin() as session:
        await session.execute(update(Recording).where(Recording.id == 1).values(**change))
    assert [kind for kind, _ in await found(database, folder)] == [expected]


async def test_a_row_that_was_taken_out_is_found_and_one_that_was_put_in(database, folder):
    async with database.begin() as session:
        await session.execute(delete(Recording).where(Recording.id == 1))
        await session.execute(text("PRAGMA foreign_keys=off"))
        forged = {"contact_id": "c2", "leg_id": "c2-9", "agent": "1018", "file": "20261122/c2-9.flac"}
        session.add(Recording(**forged, started_at=BEGAN, status="ready"))
    assert await found(database, folder) == [("row_missing", FILES[0]), ("unsealed", "20261122/c2-9.flac")]


async def test_a_changed_seal_a_missing_seal_and_a_cut_off_end_are_found(database, folder):
    async with database.begin() as session:
        await session.execute(update(RecordingSeal).where(RecordingSeal.n == 2).values(sha256="0" * 64))
    assert ("chain_changed", "2") in await found(database, folder)
    async with database.begin() as session:
        await session.execute(delete(RecordingSeal).where(RecordingSeal.n == 2))
    assert ("chain_missing", "2") in await found(database, folder)
    async with database.begin() as session:
        await session.execute(delete(RecordingSeal).where(RecordingSeal.n == 3))
    assert ("chain_missing", "2-3") in await found(database, folder)


async def test_a_forger_who_makes_file_row_and_the_whole_chain_anew_is_found_by_the_audit_log(database, folder):
    async with database.begin() as session:
        seals, end = await head_of(session)
        detail = noting(seals=seals, hash=end)
        await audit(session, at=BEGAN, actor="system", action=ANCHORED, detail=detail)
    async with database.begin() as session:
        last = ""
        for n in (1, 2, 3):
            row = await session.get_one(RecordingSeal, n)
            row.previous = last
            row.bytes += 0 if n != 2 else 1
            last = row.hash = chained(last, row)
        await session.execute(update(SealHead).values(hash=last))
        await session.execute(update(Recording).where(Recording.id == 2).values(bytes=Recording.bytes + 1))
    kinds = {kind for kind, _ in await found(database, folder)}
    assert FindingKind.CHAIN_REWRITTEN in kinds


async def test_a_volume_that_is_gone_is_no_lost_recording_and_nothing_is_called_whole(database, folder):
    folder.rename(folder.with_name("away"))
    checked = await Verifier(database, Vault(folder), Wanted()).run()
    assert (checked.whole, checked.findings, bool(checked.away)) == (False, [], True)
    folder.with_name("away").rename(folder)
    assert await found(database, folder) == []


async def test_what_was_deleted_by_right_is_no_finding(database, folder):
    async with database.begin() as session:
        await erase(session, Vault(folder), 2, BEGAN + DAY)
    assert await found(database, folder) == []


async def test_only_the_days_that_were_asked_for_are_looked_at(database, folder):
    for name in FILES:
        (folder / name).unlink()
    assert await found(database, folder, since=BEGAN + DAY) == []
    assert await found(database, folder, until=BEGAN) == []
    assert len(await found(database, folder, since=BEGAN, until=BEGAN + timedelta(seconds=1))) == 3


async def test_encrypted_ones_are_checked_without_the_key_and_opened_with_it_also_in_a_store(
    database, folder, tmp_path
):
    keys, shelf = DataKeys(database, SiteKeys(tmp_path / "keys")), Shelf()
    keys.site.add(BEGAN)
    vault = Vault(folder, store=shelf, keys=keys, copies=tmp_path / "copies")
    shelving = Shelving(database, vault, now=lambda: BEGAN + DAY)
    while await shelving.sweep():
        pass
    checked = await Verifier(database, vault, Wanted()).run()
    assert (checked.whole, checked.read, checked.opened) == (True, 3, 3)
    blind = Vault(folder, store=shelf)
    checked = await Verifier(database, blind, Wanted()).run()
    assert (checked.whole, checked.read, checked.opened) == (True, 3, 0)
    name = f"{FILES[0]}.enc"
    shelf[name] = shelf[name][:50] + b"x" + shelf[name][51:]
    for reader in (vault, blind):
        checked = await Verifier(database, reader, Wanted()).run()
        assert [(one.kind, one.name) for one in checked.findings] == [("changed", name)]
    del shelf[name]
    checked = await Verifier(database, blind, Wanted(read=lambda _: False)).run()
    assert [(one.kind, one.name) for one in checked.findings] == [("missing", name)]
    shelf.away = True
    checked = await Verifier(database, vault, Wanted()).run()
    assert (bool(checked.away), checked.findings, checked.whole) == (True, [], False)


def test_a_link_depends_on_what_came_before():
    assert link("", [1]) != link("x", [1])
