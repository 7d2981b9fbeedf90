"""A browser phone works as long as the sign-in that got its secret, and not a moment of a shift longer."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crm_core.access.actions import SignedIn, sign_in, sign_out
from crm_core.access.people import reset_password
from crm_core.clock import now
from crm_core.db import Database
from cti.accounts import SHIFT_SECONDS, VISIT_SECONDS, PhoneAccounts
from hotline import phone_sessions
from hotline.phone_sessions import PhoneSessions
from tests.browser import people
from tests.empty_databases import sqlite_database
from tests.scripted_telephony import ScriptedTelephony


@dataclass
class Site:
    db: Database
    telephony: ScriptedTelephony
    accounts: PhoneAccounts
    phones: PhoneSessions
    file: Path

    async def enter(self) -> SignedIn:
        async with self.db.begin() as session:
            return await sign_in(session, number=people.AGENT, password=people.PASSWORD, address="192.0.2.1", at=now())

    def secret(self) -> str:
        with closing(sqlite3.connect(self.file)) as database:
            return str(database.execute("SELECT md5_cred FROM ps_auths WHERE id = ?", (people.AGENT,)).fetchone()[0])

    def revoked(self) -> bool:
        return ("revoke_phone", people.AGENT) in self.telephony.wishes


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    db = sqlite_database(tmp_path / "site.db")
    async with db.begin() as session:
        await people.settle(session)
    telephony = ScriptedTelephony(people.AGENT)
    file = tmp_path / "realtime.sqlite3"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE ps_auths (id TEXT PRIMARY KEY, auth_type, username, password, md5_cred)")
    accounts = PhoneAccounts(file, domain="127.0.0.1", websocket_urls=("/sip",), visitors=1, command_line=None)
    yield Site(db, telephony, accounts, PhoneSessions(db, telephony, accounts), file)
    await db.close()


async def test_while_the_sign_in_is_good_the_phone_is_left_alone(site: Site) -> None:
    entered = await site.enter()
    await site.accounts.issue(people.AGENT, session=entered.user.session)
    await site.phones.look(now())
    assert not site.revoked()


async def test_signed_out_or_given_another_password_the_phone_is_out_at_the_next_look(site: Site) -> None:
    for end in ("sign_out", "password"):
        entered = await site.enter()
        await site.accounts.issue(people.AGENT, session=entered.user.session)
        async with site.db.begin() as session:
            if end == "sign_out":
                await sign_out(session, entered.token, now())
            else:
                await reset_password(session, people.AGENT, actor=people.ADMIN, at=now())
        site.telephony.wishes.clear()
        await site.phones.look(now())
        assert site.revoked(), end


async def test_a_shift_that_is_over_ends_the_phone_but_no_call(site: Site) -> None:
    entered = await site.enter()
    account = await site.accounts.issue(people.AGENT, session=entered.user.session)
    assert account.expires_at - time.time() <= SHIFT_SECONDS
    later = now() + timedelta(seconds=SHIFT_SECONDS + 60)
    await site.telephony.dial(people.AGENT, people.CHEN_NUMBER)
    await site.phones.look(later)
    assert not site.revoked()
    await site.telephony.hang_up(people.AGENT)
    await site.phones.look(later)
    assert site.revoked()


async def test_what_was_issued_before_a_restart_is_looked_at_too(site: Site) -> None:
    entered = await site.enter()
    await site.accounts.issue(people.AGENT, session=entered.user.session)
    again = PhoneAccounts(site.file, domain="127.0.0.1", websocket_urls=("/sip",), visitors=1, command_line=None)
    [phone] = await again.issued()
    assert (phone.user, phone.session) == (people.AGENT, entered.user.session)


async def test_a_visitors_secret_is_worth_nothing_after_the_visit(site: Site) -> None:
    account = await site.accounts.issue_visitor()
    await site.phones.look(now())
    assert [phone.user for phone in await site.accounts.issued()] == [account.user]
    await site.phones.look(now() + timedelta(seconds=VISIT_SECONDS + 60))
    assert await site.accounts.issued() == []


async def test_the_secret_itself_is_stored_nowhere(site: Site) -> None:
    entered = await site.enter()
    account = await site.accounts.issue(people.AGENT, session=entered.user.session)
    assert account.secret.encode() not in site.file.read_bytes()
    before = site.secret()
    await site.accounts.revoke(people.AGENT)
    assert site.secret() != before


async def test_while_asterisks_file_of_phones_cannot_be_read_the_watch_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_sessions, "LOOK_EVERY", 0.02)
    entered = await site.enter()
    await site.accounts.issue(people.AGENT, session=entered.user.session)
    whole = site.file.rename(site.file.with_suffix(".whole"))
    site.file.write_bytes(b"half of a file that is being put back from a backup" * 99)
    watch = asyncio.create_task(site.phones.run())
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(watch), 0.2)
        whole.replace(site.file)
        async with site.db.begin() as session:
            await sign_out(session, entered.token, now())
        async with asyncio.timeout(5):
            while not site.revoked():  # noqa: ASYNC110 - the watch tells nobody that it has looked
                await asyncio.sleep(0.01)
    finally:
        watch.cancel()
