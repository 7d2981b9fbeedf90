"""An empty mount point is told from a folder that lost everything."""

from __future__ import annotations

import pytest

from crm_core.history.model import Recording
from recording.storage import RecordingKeeper
from recording.vault import SoundAway, SoundMissing, Vault
from recording.verifying import Verifier, Wanted
from recording.volume import MARK, attach, is_away
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk
from tests.unit.recording.stored_talks import DAY, a_kept_talk, heard, row_of


def test_a_folder_is_marked_once_and_known_again_wherever_it_is_mounted(tmp_path):
    folder = tmp_path / "recordings"
    assert attach(folder)
    assert attach(folder)
    assert not is_away(folder)
    folder.rename(tmp_path / "elsewhere")
    assert is_away(folder)
    folder.mkdir()  # the mount point without its volume
    assert is_away(folder)
    assert not attach(folder)
    assert not (folder / MARK).exists()
    folder.rmdir()
    (tmp_path / "elsewhere").rename(folder)
    assert attach(folder)


async def test_while_only_the_mount_point_is_there_no_recording_is_called_missing(database, tmp_path):
    folder = tmp_path / "recordings"
    attach(folder)
    kept = await a_kept_talk(database, folder)
    raw_talk(folder / "20261122/c2-1.raw")
    async with database.begin() as session:
        contact, leg, recording = rows_of_talk("c2-1", ended=BEGAN)
        session.add(contact)
        await session.flush()
        session.add_all([leg, recording])
    folder.rename(tmp_path / "elsewhere")
    (folder / "20261122").mkdir(parents=True)  # Asterisk goes on and makes the day's folder on the wrong disk
    keeper = RecordingKeeper(database, folder, clock=(BEGAN + DAY).timestamp)
    assert await keeper.sweep() == 0
    assert (await row_of(database, kept + 1)).status == "recording"
    with pytest.raises(SoundAway):
        await heard(Vault(folder), "20261122/c1-1.flac")
    assert (await Verifier(database, Vault(folder), Wanted()).run()).findings == []
    (folder / "20261122").rmdir()
    folder.rmdir()
    (tmp_path / "elsewhere").rename(folder)
    assert await keeper.sweep() == 1
    async with database.begin() as session:
        assert (await session.get_one(Recording, kept + 1)).status == "ready"
    with pytest.raises(SoundMissing):
        await heard(Vault(folder), "20261122/c3-1.flac")
