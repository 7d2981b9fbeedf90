"""A volume that is really full: talks wait as Asterisk left them, and are finished when there is room again."""

from __future__ import annotations

import contextlib
import subprocess

import pytest

from crm_core.history.model import Recording
from recording.data_keys import DataKeys
from recording.shelving import Shelving
from recording.site_keys import SiteKeys
from recording.storage import RecordingKeeper
from recording.vault import Vault
from recording.verifying import Verifier, Wanted
from tests.empty_databases import sqlite_database
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk
from tests.unit.recording.stored_talks import DAY, heard


@pytest.fixture
def volume(tmp_path):
    """600 kB of memory as a volume of its own."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("only the superuser mounts a volume")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_what_does_not_fit_is_neither_lost_nor_called_finished_and_goes_on_when_there_is_room(volume, tmp_path):
    database = sqlite_database(tmp_path / "hotline.db")
    keys = DataKeys(database, SiteKeys(tmp_path / "keys"))
    keys.site.add(BEGAN)
    raw = raw_talk(volume / "20261122/c1-1.raw", 4.0)
    sound = raw.read_bytes()
    async with database.begin() as session:
        contact, leg, recording = rows_of_talk(ended=BEGAN)
        session.add(contact)
        await session.flush()
        session.add_all([leg, recording])
    ballast = volume / "ballast"
    fill(ballast)
    keeper = RecordingKeeper(database, volume, clock=(BEGAN + DAY).timestamp)
    assert await keeper.sweep() == 0
    assert raw.read_bytes() == sound
    assert [path.name for path in volume.glob("20261122/*")] == [raw.name], "no half file stands in the way"
    assert await status(database) == "recording"
    vault = Vault(volume, keys=keys, copies=tmp_path / "copies")
    left = (volume / "ballast").stat().st_size - 120_000
    with ballast.open("r+b") as out:
        out.truncate(left)  # room for the packed file, none for a second one beside it
    assert await keeper.sweep() == 1
    fill(ballast)
    shelving = Shelving(database, vault, now=lambda: BEGAN + DAY)
    assert await shelving.sweep() == 0
    plain = await heard(vault, "20261122/c1-1.flac")
    ballast.unlink()
    assert await shelving.sweep() == 1
    assert await heard(vault, "20261122/c1-1.flac") == plain
    assert [path.suffix for path in volume.glob("20261122/c1-1.flac*")] == [".enc"]
    assert (await Verifier(database, vault, Wanted()).run()).whole
    await database.close()


def fill(ballast) -> None:
    """As full as it gets."""
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as out:
        while out.write(b"x" * 4096) == 4096:
            pass


async def status(database) -> str:
    async with database.begin() as session:
        return (await session.get_one(Recording, 1)).status
