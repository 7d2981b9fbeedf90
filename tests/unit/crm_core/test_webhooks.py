"""Other systems are told: in order, at least once, signed, again after failures, and never inside our own network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from standardwebhooks import Webhook as Verifier

from crm_core import clock
from crm_core.access.model import AuditEntry
from crm_core.db import Database
from crm_core.errors import Invalid
from crm_core.integration import deliver, webhooks
from crm_core.integration.addresses import UnsafeAddress, check_url, choose
from crm_core.integration.model import OutboxEvent, Webhook, WebhookDelivery
from crm_core.integration.outbox import tell
from crm_core.integration.post import LONGEST_ANSWER, Ways, post
from crm_core.integration.sequence import number_events
from crm_core.integration.webhook_rules import GIVE_UP_AFTER, next_try, wants
from crm_core.jobs.runner import JobRunner
from tests.unit.crm_core.builders import NOW

LOOPBACK = Ways(("127.0.0.0/8",))
BY = {"actor": "9001"}


class Receiver:
    """A real HTTP server that keeps what it got and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.status, self.body, self.before = 200, b"", lambda: asyncio.sleep(0)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = (await reader.readexactly(int(headers["content-length"]))).decode()
        self.got.append((headers, body))
        await self.before()
        more = "location: http://127.0.0.1/secret\r\n" if self.status == 302 else ""
        answer = f"HTTP/1.1 {self.status} x\r\n{more}content-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
        writer.write(answer.encode() + self.body)
        await writer.drain()
        writer.close()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    yield receiver, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    server.close()


async def subscribed(db: Database, url: str, *kinds: str) -> Webhook:
    async with db.begin() as session:
        return await webhooks.subscribe(session, name="CRM", url=url, kinds=kinds or ("*",), at=NOW, **BY)


async def happen(db: Database, *kinds: str, at: datetime = NOW) -> None:
    for kind in kinds:
        async with db.begin() as session:
            await tell(session, kind, "case/1", {"number": "GD-0716-0001"}, at=at)
    async with db.begin() as session:
        await number_events(session)


async def run(db: Database, at: datetime) -> None:
    only = {deliver.WEBHOOK: deliver.handlers(db, LOOPBACK)[deliver.WEBHOOK]}
    # The runner would look again for as long as there is something due; each event ends in a later time.
    await JobRunner(db, only).run_due(at)


async def the_webhook(db: Database) -> Webhook:
    async with db.begin() as session:
        return (await session.scalars(select(Webhook).execution_options(populate_existing=True))).one()


async def test_events_arrive_in_order_and_signed_and_only_those_wanted(db: Database, receiver):
    here, url = receiver
    hook = await subscribed(db, url, "case.*", "lead.won")
    await happen(db, "case.opened", "customer.merged", "lead.won", "case.closed")
    await run(db, NOW)
    assert here.kinds == ["case.opened", "lead.won", "case.closed"]
    headers, body = here.got[0]
    sent_at = clock.from_instant(float(headers["webhook-timestamp"]))
    assert headers["webhook-signature"] == Verifier(hook.secret).sign(headers["webhook-id"], sent_at, body)
    assert json.loads(body)["data"] == {"subject": "case/1", "number": "GD-0716-0001"}
    await run(db, NOW + timedelta(seconds=5))
    assert len(here.got) == 3


async def test_a_failed_event_holds_the_later_ones_back_and_keeps_its_id(db: Database, receiver):
    here, url = receiver
    await subscribed(db, url)
    await happen(db, "case.opened", "case.closed")
    here.status = 500
    await run(db, NOW)
    await run(db, NOW + timedelta(seconds=1))
    assert here.kinds == ["case.opened"]
    here.status = 200
    await run(db, NOW + timedelta(seconds=5))
    assert here.kinds == ["case.opened", "case.opened", "case.closed"]
    assert here.ids[0] == here.ids[1] != here.ids[2]
    assert (await the_webhook(db)).failing_since is None


async def test_after_three_days_of_failures_it_pauses_and_goes_on_where_it_stopped(db: Database, receiver):
    here, url = receiver
    await subscribed(db, url)
    await happen(db, "case.opened")
    here.status = 503
    at = NOW
    while (await the_webhook(db)).paused_at is None and at < NOW + timedelta(days=5):
        await run(db, at)
        at += timedelta(hours=2)
    paused = await the_webhook(db)
    assert (paused.pause_reason, paused.paused_at <= NOW + GIVE_UP_AFTER + timedelta(hours=2)) == ("failing", True)
    assert 10 < len(here.got) < 50
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).where(AuditEntry.action == "webhook_paused")) == 1
        await webhooks.resume(session, paused.id, at=at, **BY)
    here.status = 200
    await happen(db, "case.closed", at=at)
    await run(db, at)
    assert here.kinds[-2:] == ["case.opened", "case.closed"]


async def test_a_receiver_that_says_gone_is_asked_no_more(db: Database, receiver):
    here, url = receiver
    here.status = 410
    await subscribed(db, url)
    await happen(db, "case.opened")
    await run(db, NOW)
    assert (await the_webhook(db)).pause_reason == "gone"


async def test_no_transaction_is_open_while_the_receiver_thinks(db: Database, receiver):
    here, url = receiver

    async def write_meanwhile() -> None:
        async with asyncio.timeout(3):
            await happen(db, "customer.created")

    here.before = write_meanwhile
    await subscribed(db, url, "case.*")
    await happen(db, "case.opened")
    await run(db, NOW)
    assert here.kinds == ["case.opened"]


async def test_a_crash_between_sending_and_noting_sends_the_same_id_again(db: Database, receiver):
    here, url = receiver
    hook = await subscribed(db, url)
    await happen(db, "case.opened")
    async with db.begin() as session:
        message = await deliver.next_message(session, hook.id, NOW)
    await deliver._post(message, LOOPBACK)  # and here the process dies
    await run(db, NOW + timedelta(seconds=1))
    assert len(here.ids) == 2
    assert len(set(here.ids)) == 1


async def test_an_event_whose_transaction_ended_late_is_not_passed_over(db: Database, receiver):
    here, url = receiver
    await subscribed(db, url)
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time")
    async with db.begin() as slow:
        await tell(slow, "case.opened", "case/1", at=NOW)
        await slow.flush()  # it has its id, and nobody sees it yet
        await happen(db, "case.closed")
        await run(db, NOW)
    await happen(db)
    await run(db, NOW + timedelta(seconds=5))
    assert here.kinds == ["case.closed", "case.opened"]


async def test_a_replay_sends_everything_since_then_with_the_old_ids(db: Database, receiver):
    here, url = receiver
    hook = await subscribed(db, url)
    await happen(db, "case.opened")
    await happen(db, "case.closed", "lead.won", at=NOW + timedelta(hours=1))
    await run(db, NOW)
    async with db.begin() as session:
        assert await webhooks.replay(session, hook.id, since=NOW + timedelta(minutes=30), at=NOW, **BY) == 2
    await run(db, NOW + timedelta(seconds=5))
    assert here.ids[3:] == here.ids[1:3]
    async with db.begin() as session:
        with pytest.raises(Invalid):
            await webhooks.replay(session, hook.id, since=NOW + timedelta(days=1), at=NOW, **BY)


async def test_a_replay_during_a_delivery_is_not_lost(db: Database, receiver):
    here, url = receiver
    hook = await subscribed(db, url)
    await happen(db, "case.opened")
    await run(db, NOW)
    await happen(db, "case.closed")
    async with db.begin() as session:
        second = await deliver.next_message(session, hook.id, NOW)
    async with db.begin() as session:
        await webhooks.replay(session, hook.id, since=NOW, at=NOW, **BY)
    async with db.begin() as session:
        await deliver.note(session, second, await deliver._post(second, LOOPBACK), NOW)
    await run(db, NOW + timedelta(seconds=5))
    assert here.kinds == ["case.opened", "case.closed", "case.opened", "case.closed"]


async def test_a_new_secret_and_the_old_one_both_sign_for_a_day(db: Database, receiver):
    here, url = receiver
    old = await subscribed(db, url)
    async with db.begin() as session:
        new = await webhooks.turn_secret(session, old.id, at=NOW, **BY)
    await happen(db, "case.opened")
    await run(db, NOW)
    headers, body = here.got[0]
    sent_at = clock.from_instant(float(headers["webhook-timestamp"]))
    wanted = {Verifier(secret).sign(headers["webhook-id"], sent_at, body) for secret in (old.secret, new.secret)}
    assert set(headers["webhook-signature"].split(" ")) == wanted
    await happen(db, "case.closed")
    await run(db, NOW + timedelta(days=2))
    assert len(here.got[1][0]["webhook-signature"].split(" ")) == 1


async def test_the_log_tells_what_was_sent_and_answered_and_the_test_button_is_on_it(db: Database, receiver):
    here, url = receiver
    hook = await subscribed(db, url)
    here.body = b"thanks"
    await happen(db, "case.opened")
    await run(db, NOW)
    await deliver.send_test(db, hook.id, LOOPBACK, NOW)
    async with db.begin() as session:
        rows = await webhooks.log(session, hook.id)
    assert [(row.kind, row.status, row.answer) for row in rows] == [
        ("hotline.test", 200, "thanks"),
        ("case.opened", 200, "thanks"),
    ]
    async with db.begin() as session:
        await deliver.handlers(db, Ways())[deliver.SWEEP](session, None, NOW + timedelta(days=31))
        assert await session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0


async def test_redirects_are_not_followed_and_a_huge_answer_is_cut(receiver):
    here, url = receiver
    here.status = 302
    assert (await post(url, b"{}", {}, ways=LOOPBACK)).status == 302
    assert len(here.got) == 1
    here.status, here.body = 200, b"x" * (LONGEST_ANSWER * 20)
    reply = await post(url, b"{}", {}, ways=LOOPBACK)
    assert (reply.status, len(reply.text)) == (200, 2000)


async def test_our_own_network_is_not_called_unless_the_operator_allows_it(receiver):
    here, url = receiver
    for address in (url, url.replace("127.0.0.1", "localhost"), "https://[::1]/", "https://169.254.169.254/latest"):
        reply = await post(address, b"{}", {}, ways=Ways())
        assert reply.status is None
        assert reply.failure
    assert here.got == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  refused, not listened on
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_an_internal_address_is_refused_however_it_is_written(address: str):
    with pytest.raises(UnsafeAddress):
        choose([address], (), secure=True)
    with pytest.raises(UnsafeAddress):
        choose(["93.184.215.14", address], (), secure=True)


def test_a_public_address_is_called_by_https_only_and_an_allowed_network_also_without():
    assert choose(["93.184.215.14"], (), secure=True) == "93.184.215.14"
    with pytest.raises(Invalid):
        choose(["93.184.215.14"], (), secure=False)
    assert choose(["10.1.2.3"], ("10.1.2.0/24",), secure=False) == "10.1.2.3"
    with pytest.raises(UnsafeAddress):
        choose(["10.1.3.3"], ("10.1.2.0/24",), secure=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm",
        "ftp://a.example/",
        "https://",
        "https://u:p@a.example/",
        "https://a.example/#x",
        "https://a b/",
        "javascript:1",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(url: str):
    with pytest.raises(Invalid):
        check_url(url)


@given(st.text(max_size=80))
def test_no_text_breaks_the_check_of_an_address(url: str):
    try:
        host, port, _ = check_url(url)
    except Invalid:
        return
    assert host
    assert 0 < port < 65536


@given(st.integers(min_value=1, max_value=60), st.integers(min_value=0, max_value=5 * 86400))
def test_it_is_tried_again_later_and_never_after_three_days(tries: int, seconds: int):
    at = NOW + timedelta(seconds=seconds)
    again = next_try(tries, NOW, at)
    assert again is None if seconds >= GIVE_UP_AFTER.total_seconds() else at < again <= NOW + GIVE_UP_AFTER


def test_a_place_wants_what_it_named():
    assert wants(["case.*"], "case.opened")
    assert not wants(["case.*"], "cases.opened")
    assert wants(["*"], "lead.won")
    assert not wants(["lead.lost"], "lead.won")


async def test_numbers_are_given_once_and_in_order(db: Database):
    await happen(db, *["case.opened"] * 5)
    await happen(db, *["case.closed"] * 3)
    async with db.begin() as session:
        numbers = list(await session.scalars(select(OutboxEvent.sequence).order_by(OutboxEvent.id)))
    assert numbers == list(range(1, 9))
