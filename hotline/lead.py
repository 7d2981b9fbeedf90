"""Leads, or stands by: of all telephony processes of a site one routes calls, and the next is ready when it is silent.

See docs/decisions/0056-standby.md; how a platform process leads: hotline/leading.py.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_core.leading.file_lease import since_boot as _now
from crm_core.leading.lease import Lease, Seen
from hotline.leader_note import Leader, LeaderNote
from hotline.pulse import Pulse

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.2
RENEWALS = 3  # in the time that the lease holds: two may be lost
ANSWER_LIMIT = 1.0
STOPPED_SECONDS = 1.0
NOTE_HOLDS = 0.1  # seconds for which one look at the note is enough
LEAD_LOST = 71  # our exit status
_T = TypeVar("_T")


class LeaseKeeper:
    """Asks the lease with a limit: a database that hangs must not keep us from looking at the note."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._hanging: asyncio.Task[Any] | None = None
        self._deaf = False
        self.deaf_until = 0.0  # the end of the last time without answers

    async def ask(self, question: Coroutine[Any, Any, _T]) -> _T | None:
        """None = no answer in time."""
        if self._hanging is not None and not self._hanging.done():
            question.close()
            await asyncio.sleep(LOOK_EVERY)
            self._silence("still no answer")
            return None
        task = asyncio.create_task(question)
        done, _ = await asyncio.wait({task}, timeout=ANSWER_LIMIT)
        if not done:
            self._hanging = task
            task.add_done_callback(lambda late: late.cancelled() or late.exception())
            self._silence(f"no answer within {ANSWER_LIMIT} s")
            return None
        try:
            answer = task.result()
        except (SQLAlchemyError, OSError) as away:
            self._silence(str(away).partition("\n")[0])
            return None
        if self._deaf:
            log.info("lead_lease_answers_again")
            self._deaf, self.deaf_until = False, _now()
        return answer

    def _silence(self, why: str) -> None:
        if not self._deaf:
            log.error("lead_lease_not_answered", reason=why[:300])
        self._deaf = True


class Lead:
    """Held by the process that leads. `unsure`: the one before may still write, it could not be ended."""

    def __init__(self, epoch: int, note: LeaderNote, *, unsure: bool = False, end: Callable[[int], None]) -> None:
        self.epoch, self.unsure = epoch, unsure
        self._note, self._end = note, end
        self.pulse = Pulse()  # of the loop that does the leader's work: the one that we are made in
        self._until = 0.0  # until then nobody else can lead; 0 = not renewed yet: the note is asked

    def still(self) -> None:
        """Asked before each action and each record. It does not return when another process leads: then this one ends,
        at once and whatever it was doing, for nothing it knows is true any more.

        Who cannot renew the lease because the database is away leads on until the note names another: calls go on.
        """
        now = _now()
        if now < self._until:
            return
        leader = self._note.read()
        if leader is not None and leader.epoch > self.epoch:
            self._lost(f"process {leader.pid} leads as {leader.epoch}")
        self._until = now + NOTE_HOLDS

    async def keep(self, keeper: LeaseKeeper) -> None:
        """Renew until cancelled; in any thread."""
        seconds = keeper.lease.seconds
        while True:
            asked = _now()
            renewed = await keeper.ask(keeper.lease.renew(self.epoch))
            if renewed:
                self._until = asked + seconds
            elif renewed is False:
                self._lost("the lease is another's")
            self.still()
            await asyncio.sleep(max(0.0, asked + seconds / RENEWALS - _now()))

    async def give_back(self, keeper: LeaseKeeper) -> None:
        """The next one need not wait until we have been silent for long enough."""
        await keeper.ask(keeper.lease.give_back(self.epoch))

    def _lost(self, why: str) -> None:
        log.error("lead_lost", epoch=self.epoch, reason=why)
        self._end(LEAD_LOST)


class Candidate:
    """`end` is how a process ends that lost the lead: without a word more to anybody."""

    def __init__(self, lease: Lease, note: LeaderNote, *, end: Callable[[int], None] = os._exit) -> None:
        self._keeper, self._note, self._end = LeaseKeeper(lease), note, end
        self._free_since = 0.0  # when we first saw that the holder had not renewed; 0 = it has
        self._stopped_since = 0.0  # when we first saw that it is stopped; 0 = it is not

    async def lead(self, stand_by: Callable[[], None] = lambda: None) -> Lead:
        """Return when this process leads. `stand_by` is called once when another does."""
        told = False
        while True:
            seen = await self._keeper.ask(self._keeper.lease.look())
            if seen is not None and (found := await self._try(seen)) is not None:
                return found
            if seen is not None and not told:
                told = True
                log.info("standing_by", leader=seen.holder, epoch=seen.epoch)
                stand_by()
            await asyncio.sleep(LOOK_EVERY)

    async def _try(self, seen: Seen) -> Lead | None:
        former = self._note.read()
        mine = former is not None and former.epoch == seen.epoch
        if mine and former is not None and await self._ended_as_stopped(former):
            log.info("stopped_leader_ended", pid=former.pid, epoch=former.epoch)
        gone = mine and former is not None and former.is_gone
        self._free_since = (self._free_since or _now()) if seen.free else 0.0
        if not (gone or (seen.free and self._may_trust(seen, former))):
            return None
        above = former.epoch if former is not None else 0
        lease = self._keeper.lease
        epoch = await self._keeper.ask(lease.take(f"{os.uname().nodename}/{os.getpid()}", seen, gone=gone, above=above))
        if epoch is None or not self._note.write(epoch):
            return None
        unsure = former is not None and not gone and not await former.end()
        return await self._confirmed(epoch, above, "unknown" if unsure else "gone" if gone else "ended")

    async def _ended_as_stopped(self, former: Leader) -> bool:
        """Who is stopped is seen at once, and not waited for until its lease is over."""
        self._stopped_since = (self._stopped_since or _now()) if former.is_stopped else 0.0
        return bool(self._stopped_since) and _now() >= self._stopped_since + STOPPED_SECONDS and await former.end()

    async def _confirmed(self, epoch: int, above: int, former: str) -> Lead | None:
        """Between the lease and the note we may have been stopped ourselves, for so long that another one leads: with
        the note written, the lease must still be ours. Where the one before could not be ended, its lease of before
        may hold by its own clock although it does not by the database's: that time is waited for.
        """
        if not await self._is_ours(epoch):
            return None
        log.info("leading", epoch=epoch, after=above, former=former)
        lead = Lead(epoch, self._note, unsure=former == "unknown", end=self._end)
        if lead.unsure:
            keeping = asyncio.create_task(lead.keep(self._keeper))
            await asyncio.sleep(self._keeper.lease.seconds + NOTE_HOLDS)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        return lead

    async def _is_ours(self, epoch: int) -> bool:
        """Asked until there is an answer."""
        while True:
            renewed = await self._keeper.ask(self._keeper.lease.renew(epoch))
            if renewed is not None:
                return renewed
            await asyncio.sleep(LOOK_EVERY)

    def _may_trust(self, seen: Seen, former: Leader | None) -> bool:
        """After a silence of the database's own the leader has not renewed either, and gets the time to do so."""
        if not seen.holder:
            return True  # given back
        late = former is not None and former.epoch == seen.epoch and former.is_at_work
        if late and _now() < self._free_since + self._keeper.lease.patience:
            return False
        return self._keeper.deaf_until < _now() - self._keeper.lease.seconds
