"""Seals, rules of keeping and requests for erasure do the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from crm_core.customers.model import Customer
from crm_core.db import Database
from crm_core.erasure import actions
from crm_core.erasure.scope import things_of
from crm_core.history.model import Contact, Recording
from crm_core.retention.listing import count_due, list_due
from crm_core.retention.rules import Retention
from crm_core.retention.wishes import set_wish
from crm_core.seals.chain_check import check_chain
from crm_core.seals.model import RecordingSeal
from crm_core.seals.places import backlog, places
from crm_core.seals.sealing import Form, Sealed, seal, seal_deleted
from recording.data_keys import DataKeys
from recording.encryption import new_key
from recording.site_keys import SiteKeys

BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = BEGAN + timedelta(days=50)


async def talks(db: Database) -> int:
    async with db.begin() as session:
        customer = Customer(name="陈建国", created_at=BEGAN)
        session.add(customer)
        await session.flush()
        for number in (1, 2):
            queue = "repair" if number == 1 else "sales"
            contact = Contact(id=f"c{number}", direction="inbound", started_at=BEGAN, queue=queue)
            contact.customer_id, contact.note = customer.id, "x"
            session.add(contact)
            await session.flush()
            row = Recording(contact_id=f"c{number}", leg_id=f"c{number}-1", agent="1018", file="", started_at=BEGAN)
            row.status = "ready"
            session.add(row)
            await session.flush()
            form = Form(file=f"20261122/c{number}-1.flac", sha256=f"{number}" * 64, plain_sha256="0" * 64, bytes=9)
            await seal(session, row.id, Sealed.KEPT, form, BEGAN)
        return customer.id


async def faults(db: Database) -> list[str]:
    async with db.begin() as session:
        return [one.kind.value async for one in check_chain(session, {})]


async def test_seals_follow_each_other_and_a_changed_one_is_found(db: Database):
    await talks(db)
    async with db.begin() as session:
        await seal_deleted(session, (await session.scalars(select(Recording.id))).first() or 0, LATER)
    assert await faults(db) == []
    async with db.begin() as session:
        assert [(one.place, one.count, one.bytes) for one in await places(session)] == [("", 2, 18)]
        waiting = await backlog(session, encrypt=True, store=True)
        assert (waiting.count, waiting.since) == (2, BEGAN)
        await session.execute(update(RecordingSeal).where(RecordingSeal.n == 2).values(bytes=10))
    assert await faults(db) == ["chain_changed"]


async def test_the_rule_that_is_a_recordings_own_decides(db: Database):
    customer = await talks(db)
    async with db.begin() as session:
        assert await count_due(session, Retention(days=40), LATER) == 2
        assert await count_due(session, Retention(days=40, queues={"sales": 0}, messages=30), LATER) == 1
        await set_wish(session, customer, 60, actor="2001", at=BEGAN)
        assert await count_due(session, Retention(days=40), LATER) == 0
        await set_wish(session, customer, 0, actor="2001", at=BEGAN)
        run = await list_due(session, Retention(), LATER)
        assert run is not None
        assert run.count == 2


async def test_a_request_for_erasure_puts_down_what_it_covers(db: Database):
    customer = await talks(db)
    async with db.begin() as session:
        row = await actions.ask(session, customer, "letter", actor="2001", at=LATER)
        await actions.confirm(session, row.id, typed="", roles=(), actor="2002", at=LATER)
        kinds = [str(one.kind) for one in await things_of(session, customer)]
    assert kinds == ["sound", "sound", "note", "note", "call"]


async def test_data_keys_are_wrapped_anew(db: Database, tmp_path):
    keys = DataKeys(db, SiteKeys(tmp_path / "keys"))
    keys.site.add(BEGAN)
    secret = new_key()
    async with db.begin() as session:
        await keys.keep(session, "20261122/c1-1.flac.enc", secret, BEGAN)
        await keys.keep(session, "20261122/c1-1.opus.enc", secret, BEGAN)
    new = keys.site.add(LATER)
    assert not await keys.rewrap()
    assert await keys.counts() == {new.id: 1}
    assert await keys.of("20261122/c1-1.raw") == secret
