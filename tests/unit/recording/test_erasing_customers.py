"""A request for erasure: sound, texts and notes go with proof, what must stay stays, and after a kill it goes on."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm_core.access.model import AuditEntry
from crm_core.access.roles import Role
from crm_core.callbacks.model import VoiceMessage
from crm_core.cases.model import Case
from crm_core.consent.model import DoNotContact
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.erasure import actions
from crm_core.erasure.model import ErasureItem, ErasureRequest
from crm_core.erasure.queries import sums
from crm_core.erasure.scope import things_of
from crm_core.errors import Invalid, NotAllowed, Refused
from crm_core.history.model import Contact, ContactNote, Recording
from crm_core.jobs.model import Job
from crm_core.jobs.runner import Due
from crm_core.leads.model import Lead
from crm_core.retention.holds import hold
from crm_core.retention.listing import count_due
from crm_core.retention.rules import Retention
from crm_core.retention.wishes import set_wish
from crm_core.transcripts.model import Transcript, TranscriptLine
from recording.erasing_customers import erasure_job
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import DAY, a_kept_talk, killed_in

NOW = BEGAN + 2 * DAY
BY: dict[str, Any] = {"actor": "2001", "at": NOW}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recordings"


@pytest.fixture
async def customer(database, folder):
    """Chen has three calls, all recorded, one with a transcript and notes; another customer has one."""
    numbers = [await a_kept_talk(database, folder, call, 0.5) for call in ("c1", "c2", "c3", "other")]
    async with database.begin() as session:
        chen, other = Customer(name="陈建国", created_at=BEGAN), Customer(name="王", created_at=BEGAN)
        session.add_all([chen, other])
        await session.flush()
        for call in ("c1", "c2", "c3", "other"):
            contact = await session.get_one(Contact, call)
            contact.customer_id, contact.note = (other if call == "other" else chen).id, f"note {call}"
        session.add(ContactNote(contact_id="c1", agent="1018", text="likes blue", began_at=BEGAN))
        session.add(Transcript(recording_id=numbers[0], status="done"))
        await session.flush()
        line = {"side": "customer", "began": 0.0, "ended": 1.0, "confidence": 0.9}
        session.add(TranscriptLine(recording_id=numbers[0], text="我的车在漏油", **line))
        session.add(VoiceMessage(contact_id="c2", left_at=BEGAN, done_at=BEGAN, heard="请回电", note="called back"))
        return chen.id


async def request_of(database, customer, **more):
    async with database.begin() as session:
        row = await actions.ask(session, customer, "letter of 24 November", **BY)
        await actions.confirm(session, row.id, typed="", roles=(Role.SUPERVISOR,), actor="2002", at=NOW)
        return row.id


async def carry_out(database, vault, request, most=100):
    """As the runner of jobs does; gives when it would go on, None = done."""
    again = NOW
    for _ in range(most):
        async with database.begin() as session:
            due = Due(kind=actions.JOB, key=str(request), payload={}, due_at=NOW)
            again = await erasure_job(vault)(session, due, NOW)
        if again != NOW:
            break
    return again


async def test_sound_transcript_texts_and_notes_go_with_proof_and_others_keep_theirs(database, folder, customer):
    digest = hashlib.sha256((folder / "20261122/c1-1.flac").read_bytes()).hexdigest()
    request = await request_of(database, customer)
    assert await carry_out(database, Vault(folder), request) is None
    assert [path.name for path in folder.glob("*/*.flac")] == ["other-1.flac"]
    async with database.begin() as session:
        assert [row.status for row in await session.scalars(select(Recording).order_by(Recording.id))] == [
            *["deleted"] * 3,
            "ready",
        ]
        assert list(await session.scalars(select(TranscriptLine))) == []
        assert list(await session.scalars(select(ContactNote))) == []
        assert [one.note for one in await session.scalars(select(Contact).order_by(Contact.id))] == [
            "",
            "",
            "",
            "note other",
        ]
        message = await session.get_one(VoiceMessage, "c2")
        assert (message.heard, message.note, message.text_state) == ("", "", "silent")
        items = {(one.kind, one.subject): one for one in await session.scalars(select(ErasureItem))}
        assert items["sound", "recording:1"].sha256 == digest
        assert items["transcript", "recording:1"].sha256 == hashlib.sha256("我的车在漏油".encode()).hexdigest()
        assert (items["call", "calls:3"].result, items["call", "calls:3"].why) == ("stayed", "law")
        row = await session.get_one(ErasureRequest, request)
        assert (row.state, row.how, row.erased, row.stayed) == ("done", "second", 8, 1)
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "erasure_done"))).one()
        assert row.proof in entry.detail
        assert "陈建国" not in entry.detail


async def test_what_is_held_of_an_open_case_or_an_open_message_stays_and_says_why(database, folder, customer):
    async with database.begin() as session:
        await hold(session, "c1", "lawsuit 7", actor="9001", at=NOW)
        case = Case(number="GD-1", customer_id=customer, kind="repair", title="leak", opened_at=BEGAN)
        session.add(case)
        await session.flush()
        (await session.get_one(Contact, "c3")).case_id = case.id
        (await session.get_one(VoiceMessage, "c2")).done_at = None
    async with database.begin() as session:
        told = {(one.kind, one.why): one.count for one in sums(await things_of(session, customer))}
    assert told[("sound", "hold")] == told[("sound", "case")] == told[("sound", "message")] == 1
    assert told[("transcript", "hold")] == told[("case", "law")] == 1
    assert not [kind for kind, why in told if not why]
    request = await request_of(database, customer)
    assert await carry_out(database, Vault(folder), request) is None
    assert len(list(folder.glob("*/*.flac"))) == 4
    async with database.begin() as session:
        row = await session.get_one(ErasureRequest, request)
        assert (row.erased, row.state) == (0, "done")


async def test_what_is_held_after_the_confirmation_stays_too(database, folder, customer):
    request = await request_of(database, customer)
    async with database.begin() as session:
        await hold(session, "c1", "lawsuit 7", actor="9001", at=NOW)
    await carry_out(database, Vault(folder), request)
    assert sorted(path.name for path in folder.glob("*/*.flac")) == ["c1-1.flac", "other-1.flac"]


async def test_a_second_person_confirms_or_an_administrator_who_types_the_number(database, customer):
    async with database.begin() as session:
        row = await actions.ask(session, customer, "letter", **BY)
        number = row.id
    async with database.begin() as session:
        with pytest.raises(Refused):
            await actions.ask(session, customer, "again", **BY)
        with pytest.raises(Invalid):
            await actions.ask(session, customer, " ", **BY)
        with pytest.raises(NotAllowed):
            await actions.confirm(session, number, typed=str(customer), roles=(Role.SUPERVISOR,), **BY)
        with pytest.raises(Invalid):
            await actions.confirm(session, number, typed="77", roles=(Role.ADMINISTRATOR,), **BY)
        assert (await session.scalars(select(ErasureItem))).first() is None
    async with database.begin() as session:
        row = await actions.confirm(session, number, typed=str(customer), roles=(Role.ADMINISTRATOR,), **BY)
        assert (row.state, row.how) == ("running", "typed")
        assert [job.key for job in await session.scalars(select(Job).where(Job.kind == actions.JOB))] == [str(number)]
        with pytest.raises(Refused):
            await actions.drop(session, number, **BY)


async def test_a_kill_between_two_parts_goes_on_where_it_was(database, folder, customer, monkeypatch):
    monkeypatch.setattr("recording.erasing_customers.AT_ONCE", 2)
    request = await request_of(database, customer)
    assert await carry_out(database, Vault(folder), request, most=4) == NOW  # each part is weighed, then erased
    async with database.begin() as session:
        done = [one.result for one in await session.scalars(select(ErasureItem).order_by(ErasureItem.id))]
    assert [bool(one) for one in done[:5]] == [True, True, True, True, False]
    assert await carry_out(database, Vault(folder), request) is None
    assert [path.name for path in folder.glob("*/*.flac")] == ["other-1.flac"]


async def test_a_volume_that_is_gone_is_waited_for_and_nothing_is_called_erased(database, folder, customer):
    request = await request_of(database, customer)
    folder.rename(folder.with_name("gone"))
    assert await carry_out(database, Vault(folder), request) == NOW + timedelta(minutes=5)
    async with database.begin() as session:
        assert (await session.get_one(ErasureRequest, request)).state == "running"
        assert {row.status for row in await session.scalars(select(Recording))} == {"ready"}
    folder.with_name("gone").rename(folder)
    assert await carry_out(database, Vault(folder), request) is None
    assert [path.name for path in folder.glob("*/*.flac")] == ["other-1.flac"]


async def due(database, rules, at):
    async with database.begin() as session:
        return await count_due(session, rules, at)


async def test_the_customers_wish_comes_before_the_queues_the_kinds_and_the_sites_time(database, customer):
    at = BEGAN + 50 * DAY
    async with database.begin() as session:
        (await session.get_one(Contact, "c1")).queue = "repair"
        (await session.get_one(Contact, "other")).queue = "repair"
        recordings = list(await session.scalars(select(Recording).order_by(Recording.id)))
        recordings[1].leg_id, recordings[2].agent = "c2-m", "survey"
    assert await due(database, Retention(days=40), at) == 4
    assert await due(database, Retention(days=60), at) == 0
    assert await due(database, Retention(days=40, queues={"repair": 0}), at) == 2
    assert await due(database, Retention(days=60, queues={"repair": 40}), at) == 2
    assert await due(database, Retention(days=0, messages=40), at) == 1
    assert await due(database, Retention(days=40, surveys=0, messages=0), at) == 2
    async with database.begin() as session:
        await set_wish(session, customer, 0, **BY)
    assert await due(database, Retention(), at) == 3
    assert await due(database, Retention(days=60, queues={"repair": 0}), at) == 3
    async with database.begin() as session:
        await set_wish(session, customer, 90, **BY)
    assert await due(database, Retention(days=40), at) == 1
    async with database.begin() as session:
        await set_wish(session, customer, None, **BY)
        with pytest.raises(Invalid):
            await set_wish(session, customer, "soon", **BY)
    assert await due(database, Retention(days=40), at) == 4


async def test_with_the_person_go_name_numbers_and_wishes_and_what_statistics_count_stays(database, folder, customer):
    async with database.begin() as session:
        chen = await session.get_one(Customer, customer)
        chen.name_pinyin, chen.birthday, chen.city = "chenjianguo cjg", "03-07", "长春"
        session.add(Customer(name="陈建囯", created_at=BEGAN, merged_into_id=customer))
        session.add(CustomerPhone(customer_id=customer, e164="+8613812345678"))
        session.add(DoNotContact(e164="+8613812345678", reason="asked", by="1018", at=BEGAN))
        session.add(Lead(number="L-1", customer_id=customer, source="hotline", wish="红色的", created_at=BEGAN))
        await session.execute(update(Contact).values(caller="+8613812345678"))
    async with database.begin() as session:
        row = await actions.ask(session, customer, "letter", whole=True, **BY)
        await actions.confirm(session, row.id, typed="", roles=(Role.SUPERVISOR,), actor="2002", at=NOW)
    assert await carry_out(database, Vault(folder), row.id) is None
    async with database.begin() as session:
        rows = await session.execute(
            select(Customer.name, Customer.name_pinyin, Customer.birthday).order_by(Customer.id)
        )
        told = {tuple(one) for one in rows}
        assert told == {(f"#{customer}", "", ""), ("王", "", ""), (f"#{customer + 2}", "", "")}
        assert (await session.get_one(Customer, customer)).city == "长春"
        assert list(await session.scalars(select(CustomerPhone))) == []
        assert [one.wish for one in await session.scalars(select(Lead))] == [""]
        callers = await session.execute(select(Contact.id, Contact.caller).order_by(Contact.id))
        assert dict(iter(callers)) == {"c1": "", "c2": "", "c3": "", "other": "+8613812345678"}
        assert [one.e164 for one in await session.scalars(select(DoNotContact))] == ["+8613812345678"]
        items = {one.kind: one for one in await session.scalars(select(ErasureItem))}
        assert [items[kind].result for kind in ("person", "numbers", "wishes")] == ["erased"] * 3
        assert all(len(items[kind].sha256) == 64 for kind in ("person", "numbers", "wishes"))


async def test_a_person_with_an_open_case_stays_until_it_is_closed(database, folder, customer):
    async with database.begin() as session:
        session.add(Case(number="GD-1", customer_id=customer, kind="repair", title="leak", opened_at=BEGAN))
        row = await actions.ask(session, customer, "letter", whole=True, **BY)
        await actions.confirm(session, row.id, typed="", roles=(Role.SUPERVISOR,), actor="2002", at=NOW)
    await carry_out(database, Vault(folder), row.id)
    async with database.begin() as session:
        assert (await session.get_one(Customer, customer)).name == "陈建国"
        items = {one.kind: (one.result, one.why) for one in await session.scalars(select(ErasureItem))}
    assert items["person"] == items["numbers"] == ("stayed", "case")


async def test_a_kill_after_the_files_went_leaves_no_proof_behind(database, folder, customer):
    digest = hashlib.sha256((folder / "20261122/c1-1.flac").read_bytes()).hexdigest()
    request = await request_of(database, customer)
    vault, due = Vault(folder), Due(kind=actions.JOB, key=str(request), payload={}, due_at=NOW)
    async with database.begin() as session:
        assert await erasure_job(vault)(session, due, NOW) == NOW, "first it is written down what will go"
    assert len(list(folder.glob("*/*.flac"))) == 4
    await killed_in(database, lambda session: erasure_job(vault)(session, due, NOW))
    assert [path.name for path in folder.glob("*/*.flac")] == ["other-1.flac"]
    async with database.begin() as session:
        assert (await session.get_one(Recording, 1)).status == "ready", "as before, until it goes on"
    assert await carry_out(database, vault, request) is None
    async with database.begin() as session:
        sounds = select(ErasureItem).where(ErasureItem.kind == "sound").order_by(ErasureItem.id)
        items = list(await session.scalars(sounds))
        assert [one.result for one in items] == ["erased"] * 3
        assert items[0].sha256 == digest
        row = await session.get_one(ErasureRequest, request)
        assert (row.state, row.erased) == ("done", 8)
