"""A supervisor takes along everything about one customer from the page; others cannot, and it is in the audit log."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.customers.model import CustomerPhone
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def chen(web: WebSite) -> int:
    async with web.db.begin() as session:
        found = await session.scalar(
            select(CustomerPhone.customer_id).where(CustomerPhone.e164 == people.CHEN_NUMBER).limit(1)
        )
    assert found is not None
    return found


async def test_everything_about_a_customer_is_downloaded_with_a_reason_and_noted(
    web: WebSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = tmp_path / "made"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    customer = await chen(web)
    signed = await web.enter(people.ADMIN)
    page = await web.client.get(f"/admin/erasure/customer/{customer}")
    assert f'action="/admin/erasure/customer/{customer}/export"' in page.text
    refused = await web.client.post(
        f"/admin/erasure/customer/{customer}/export", data={"export_why": " ", "csrf_token": signed.csrf}
    )
    assert refused.status_code == 422
    assert "form-error" in refused.text
    taken = await web.client.post(
        f"/admin/erasure/customer/{customer}/export",
        data={"export_why": "letter of 24 November", "csrf_token": signed.csrf},
    )
    assert (taken.status_code, taken.headers["content-type"]) == (200, "application/zip")
    assert "no-store" in taken.headers["cache-control"]
    with zipfile.ZipFile(io.BytesIO(taken.content)) as package:
        told = json.loads(package.read("data.json"))
    assert told["tables"]["customer"][0]["id"] == customer
    async with web.db.begin() as session:
        entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "customer_exported")))
    assert [(entry.actor, entry.subject) for entry in entries] == [(people.ADMIN, f"customer/{customer}")]
    assert not list(made.iterdir())


async def test_an_agent_takes_nothing_along(web: WebSite):
    customer = await chen(web)
    signed = await web.enter(people.AGENT)
    refused = await web.client.post(
        f"/admin/erasure/customer/{customer}/export", data={"export_why": "curious", "csrf_token": signed.csrf}
    )
    assert refused.status_code in (403, 404)
