"""A phone lives as long as the sign-in that got its secret: what has ended takes registration and secret with it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.ports import Telephony
from crm_core import clock
from crm_core.access.actions import SignInState, sign_in_state
from crm_core.db import Database
from crm_core.errors import PlatformError
from cti.accounts import IssuedPhone, PhoneAccounts

log = structlog.get_logger(__name__)
LOOK_EVERY = 2.0  # seconds; a person who was put out is off the telephone within five


class PhoneSessions:
    """Beside the telephone, wherever the pages are: so it asks the database. One that is away ends no phone."""

    def __init__(self, database: Database, telephony: Telephony, accounts: PhoneAccounts) -> None:
        self._database, self._telephony, self._accounts = database, telephony, accounts

    async def run(self) -> None:
        while True:
            try:
                await self.look(clock.now())
            except sqlite3.Error as busy:  # Asterisk's own file of phones, which it writes at that moment
                log.warning("phones_not_looked_at", error=str(busy))
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, at: datetime) -> None:
        """End every phone whose sign-in is over; by time alone not before its call has ended."""
        for phone in await self._accounts.issued():
            try:
                if await self._is_over(phone, at):
                    await self._end(phone)
            except (SQLAlchemyError, OSError, PlatformError) as away:
                log.warning("phone_not_looked_at", phone=phone.user, error=type(away).__name__)

    async def _is_over(self, phone: IssuedPhone, at: datetime) -> bool:
        state = SignInState.HOLDS
        if phone.session:
            async with self._database.begin() as session:
                state = await sign_in_state(session, phone.session, at)
        if state is SignInState.ENDED:
            return True
        over = state is SignInState.OVER or phone.expires_at <= clock.instant(at)
        return over and not (phone.session and self._telephony.desk(phone.user).call)

    async def _end(self, phone: IssuedPhone) -> None:
        log.info("phone_ended_with_its_sign_in", phone=phone.user)
        if phone.session:
            await self._telephony.revoke_phone(phone.user)
        else:
            await self._accounts.revoke(phone.user)
