"""A contact's recordings are listed; hearing one takes leave, leaves a trace, and the link soon dies."""

from datetime import timedelta

import pytest
import soundfile
from sqlalchemy import select

from crm_core.access.chain import verify
from crm_core.access.model import AuditEntry
from crm_core.access.roles import Role
from recording.library import Library, LinkExpired, NoSuchRecording, NotYourRecording
from recording.policy import Listener
from recording.raw_audio import peaks_path
from recording.storage import RecordingKeeper
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN, raw_talk, rows_of_talk

SECRET = "only for these tests, not for a site"
AGENT = Listener(number="1018", roles=(Role.AGENT,))
COLLEAGUE = Listener(number="1019", roles=(Role.AGENT,))
REVIEWER = Listener(number="3001", roles=(Role.QUALITY,))
DEALER = Listener(number="9001", roles=(Role.DEALER_MANAGER,))


def after(seconds):
    return BEGAN + timedelta(seconds=seconds)


@pytest.fixture
def library(tmp_path):
    return Library(Vault(tmp_path), SECRET)


@pytest.fixture
async def recorded(database, tmp_path):
    """One finished talk of agent 1018; gives its recording's id."""
    raw_talk(tmp_path / "20261122/c1-1.raw")
    async with database.begin() as session:
        for row in rows_of_talk(ended=after(4)):
            session.add(row)
            await session.flush()
        number = row.id
    await RecordingKeeper(database, tmp_path, clock=lambda: after(60).timestamp()).sweep()
    return number


async def test_a_contacts_recordings_are_listed_and_say_who_may_hear_them(database, library, recorded):
    async with database.begin() as session:
        [own] = await library.of_contact(session, "c1", AGENT)
        [others] = await library.of_contact(session, "c1", COLLEAGUE)
        assert await library.of_contact(session, "c2", AGENT) == []
    assert (own.id, own.agent, own.seconds, own.status, own.playable) == (recorded, "1018", 4.0, "ready", True)
    assert not others.playable


async def test_listening_gives_the_sound_with_its_waveform_and_is_audited(database, library, recorded):
    async with database.begin() as session:
        leave = await library.listen(session, recorded, REVIEWER, at=after(100))
        file = await library.file_of(session, leave.token, REVIEWER, at=after(160))
    async with library.vault.sound(file) as path:
        assert soundfile.info(path).channels == 2
    assert leave.until == after(160)
    assert len(leave.peaks.customer) == len(leave.peaks.agent) == 800
    async with database.begin() as session:
        [entry] = await session.scalars(select(AuditEntry))
        assert (await verify(session)).whole
    assert (entry.actor, entry.action, entry.subject) == ("3001", "recording.listen", f"recording:{recorded}")
    assert "c1-1" in entry.detail


@pytest.mark.parametrize("listener", [COLLEAGUE, DEALER, Listener(number="1018", roles=())])
async def test_who_may_not_hear_gets_no_link_and_cannot_use_anothers(database, library, recorded, listener):
    async with database.begin() as session:
        with pytest.raises(NotYourRecording):
            await library.listen(session, recorded, listener, at=after(100))
        leave = await library.listen(session, recorded, AGENT, at=after(100))
        with pytest.raises((LinkExpired, NotYourRecording)):
            await library.file_of(session, leave.token, listener, at=after(101))


async def test_a_link_dies_after_a_minute_or_when_it_was_changed_or_forged(database, library, recorded, tmp_path):
    stranger = Library(Vault(tmp_path), "another secret of good length")
    async with database.begin() as session:
        token = (await library.listen(session, recorded, AGENT, at=after(100))).token
        forged = (await stranger.listen(session, recorded, AGENT, at=after(100))).token
        for wrong, moment in [(token, 161), (token[:-2] + "xx", 101), (forged, 101), ("", 101), ("a.b.c", 101)]:
            with pytest.raises(LinkExpired):
                await library.file_of(session, wrong, AGENT, at=after(moment))


async def test_a_reviewer_who_lost_the_role_cannot_use_a_link_made_before(database, library, recorded):
    async with database.begin() as session:
        token = (await library.listen(session, recorded, REVIEWER, at=after(100))).token
        with pytest.raises(NotYourRecording):
            await library.file_of(session, token, Listener(number="3001", roles=(Role.AGENT,)), at=after(101))


async def test_what_does_not_exist_cannot_be_heard(database, library, recorded, tmp_path):
    async with database.begin() as session:
        with pytest.raises(NoSuchRecording):
            await library.listen(session, recorded + 1, AGENT, at=after(100))
        (tmp_path / "20261122/c1-1.flac").unlink()
        with pytest.raises(NoSuchRecording):
            await library.listen(session, recorded, AGENT, at=after(100))


async def test_a_lost_waveform_does_not_silence_the_sound(database, library, recorded, tmp_path):
    peaks_path(tmp_path / "20261122/c1-1.flac").write_text("{")
    async with database.begin() as session:
        leave = await library.listen(session, recorded, AGENT, at=after(100))
        assert await library.file_of(session, leave.token, AGENT, at=after(101))
    assert leave.peaks.customer == ()


def test_a_short_secret_is_refused(tmp_path):
    with pytest.raises(ValueError, match="too short"):
        Library(Vault(tmp_path), "secret")


async def test_looking_at_the_waveform_is_no_listening_but_takes_the_same_right(database, library, recorded):
    async with database.begin() as session:
        assert len((await library.peaks(session, recorded, AGENT)).agent) == 800
        with pytest.raises(NotYourRecording):
            await library.peaks(session, recorded, COLLEAGUE)
        assert list(await session.scalars(select(AuditEntry))) == []


async def test_one_listening_is_kept_alive_for_twelve_hours_and_no_longer(database, library, recorded):
    async with database.begin() as session:
        token = (await library.listen(session, recorded, AGENT, at=after(100))).token
        alive = await library.keep_alive(session, recorded, token, AGENT, at=after(100 + 12 * 3600))
        assert await library.file_of(session, token, AGENT, at=after(130 + 12 * 3600), alive=alive)
        with pytest.raises(LinkExpired):
            await library.keep_alive(session, recorded, token, AGENT, at=after(161 + 12 * 3600))
        with pytest.raises(NotYourRecording):
            await library.keep_alive(session, recorded, token, COLLEAGUE, at=after(101))
        other = (await library.listen(session, recorded, AGENT, at=after(100))).token
        with pytest.raises(LinkExpired):
            await library.file_of(session, other + "x", AGENT, at=after(101), alive=alive)
