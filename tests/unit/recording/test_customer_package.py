"""What a customer gets when asking for everything that is held: all of it, nothing of others, and it is noted."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.cases.model import Case
from crm_core.consent.model import Consent, DoNotContact
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.errors import Invalid, NotFound
from crm_core.files.model import StoredFile
from crm_core.history.model import Contact
from crm_core.self_service.model import CallerPin
from crm_core.subject_access.gathering import BY_NUMBER, LEFT_OUT, everything_about, reached
from crm_core.tables import METADATA
from crm_core.transcripts.model import Transcript, TranscriptLine
from crm_core.vehicles.model import Vehicle, VehicleRole
from recording.customer_package import pack
from recording.vault import Vault
from tests.unit.recording.calls import BEGAN
from tests.unit.recording.stored_talks import a_kept_talk

NUMBER = "+8613812345678"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recordings"


@pytest.fixture
async def chen(database, folder, tmp_path):
    """Chen with a merged twin, a car, a case with a file, a talk and its text; Wang with a talk."""
    numbers = [await a_kept_talk(database, folder, call, 0.5) for call in ("c1", "other")]
    content = b"%PDF invoice"
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "files" / digest[:2] / digest
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    async with database.begin() as session:
        chen, wang = Customer(name="陈建国", created_at=BEGAN), Customer(name="王海", created_at=BEGAN)
        session.add_all([chen, wang])
        await session.flush()
        session.add(Customer(name="陈建囯", created_at=BEGAN, merged_into_id=chen.id))
        session.add(CustomerPhone(customer_id=chen.id, e164=NUMBER))
        session.add(DoNotContact(e164=NUMBER, reason="asked", by="1018", at=BEGAN))
        session.add(CallerPin(customer_id=chen.id, hash="$argon2id$secret", set_by="1018", set_at=BEGAN))
        session.add(
            Consent(customer_id=chen.id, purpose="care", channel="call", given=True, words="是", by="1018", at=BEGAN)
        )
        car = Vehicle(vin="LFV2A21K0A1234567", model="远辰 E5")
        case = Case(number="GD-1", customer_id=chen.id, kind="repair", title="漏油", opened_at=BEGAN)
        session.add_all([car, case])
        await session.flush()
        session.add(VehicleRole(vehicle_id=car.id, customer_id=chen.id, role="owner"))
        file = {"media_type": "application/pdf", "size": 3, "by": "1018", "at": BEGAN}
        session.add(StoredFile(subject=f"case/{case.id}", name="../../发票.pdf", sha256=digest, **file))
        for call, person in (("c1", chen), ("other", wang)):
            contact = await session.get_one(Contact, call)
            contact.customer_id, contact.note = person.id, f"note of {person.name}"
        line = {"side": "customer", "began": 0.0, "ended": 1.0, "confidence": 0.9}
        for number, text in zip(numbers, ("我的车在漏油", "王先生的车"), strict=True):
            session.add(Transcript(recording_id=number, status="done"))
            await session.flush()
            session.add(TranscriptLine(recording_id=number, text=text, **line))
        return chen.id


async def test_the_package_holds_all_of_the_customer_and_nothing_of_others(database, folder, chen, tmp_path):
    target = tmp_path / "chen.zip"
    why: dict[str, Any] = {"why": "letter of 24 November", "actor": "2001", "at": BEGAN + timedelta(days=3)}
    async with database.begin() as session:
        packed = await pack(session, Vault(folder), tmp_path / "files", chen, target, **why)
    assert (packed.recordings, packed.files, packed.lost) == (1, 1, 0)
    with zipfile.ZipFile(target) as package:
        names = package.namelist()
        told = json.loads(package.read("data.json"))
        sums = dict(reversed(line.split("  ")) for line in package.read("sha256.txt").decode().splitlines())  # type: ignore[arg-type]
        assert {name: hashlib.sha256(package.read(name)).hexdigest() for name in names if name != "sha256.txt"} == sums
        [sound] = [name for name in names if name.startswith("recordings/")]
        assert package.read(sound) == (folder / "20261122/c1-1.flac").read_bytes()
        assert [name for name in names if name.startswith("files/")] == ["files/1-_.._发票.pdf"]
    tables, whole = told["tables"], json.dumps(told, ensure_ascii=False)
    for mine in ("陈建国", "陈建囯", "漏油", "我的车在漏油", "note of 陈建国", NUMBER, "LFV2A21K0A1234567"):
        assert mine in whole
    for foreign in ("王海", "王先生", "argon2id"):
        assert foreign not in whole
    assert {"consent", "do_not_contact", "leg", "recording", "transcript_line", "vehicle"} <= set(tables)
    async with database.begin() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "customer_exported"))
    assert (entry.actor, entry.subject) == ("2001", f"customer/{chen}")
    assert packed.sha256 in entry.detail
    assert hashlib.sha256(target.read_bytes()).hexdigest() == packed.sha256


async def test_nobody_and_no_reason_are_refused(database, folder, chen, tmp_path):
    async with database.begin() as session:
        with pytest.raises(Invalid):
            await pack(session, Vault(folder), tmp_path, chen, tmp_path / "x", why=" ", actor="2001", at=BEGAN)
        with pytest.raises(NotFound):
            await pack(session, Vault(folder), tmp_path, 4711, tmp_path / "x", why="letter", actor="2001", at=BEGAN)
        assert await everything_about(session, 4711) == {}


def test_every_table_of_a_customer_is_in_it_or_left_out_with_a_reason():
    known = {"customer"}
    for table in METADATA.sorted_tables:
        if table.name not in LEFT_OUT and list(reached(table, known)):
            known.add(table.name)
    named = {
        table.name
        for table in METADATA.sorted_tables
        if any(key.column.table.name in known for column in table.columns for key in column.foreign_keys)
    }
    general = {"erasure_item"}  # its request is in it
    assert named - known - set(LEFT_OUT) - general - {"vehicle", "vehicle_recall", "warranty_claim"} == set()
    assert set(LEFT_OUT) <= set(METADATA.tables)
    assert all("e164" in METADATA.tables[name].columns for name in BY_NUMBER)
