"""A recording's sound is opened in one way, whatever its file became."""

from __future__ import annotations

import pytest

from recording.vault import SoundAway, SoundMissing, Vault

FRESH = "20261122/1764.1-1.raw"


def put(folder, name, text="sound"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("there", ["1764.1-1.raw", "1764.1-1.flac", "1764.1-1.opus"])
async def test_a_recording_is_found_by_its_first_name_also_after_it_was_packed(tmp_path, there):
    path = put(tmp_path, f"20261122/{there}")
    vault = Vault(tmp_path)
    async with vault.sound(FRESH) as found:
        assert found == path
    assert await vault.present(FRESH)
    assert vault.peaks(FRESH) == tmp_path / "20261122/1764.1-1.peaks.json"


@pytest.mark.parametrize(
    "name", ["20261122/c2-1.flac", "../hotline.db", "20261122/../../etc/passwd.flac", "x.flac", ""]
)
async def test_what_is_not_there_or_not_ours_is_missing(tmp_path, name):
    put(tmp_path, FRESH)
    with pytest.raises(SoundMissing):
        async with Vault(tmp_path).sound(name):
            pass
    assert not await Vault(tmp_path).present(name)


async def test_a_volume_that_is_not_mounted_is_told_apart_from_a_lost_recording(tmp_path):
    with pytest.raises(SoundAway):
        async with Vault(tmp_path / "gone").sound(FRESH):
            pass
    with pytest.raises(SoundAway):
        await Vault(tmp_path / "gone").present(FRESH)
