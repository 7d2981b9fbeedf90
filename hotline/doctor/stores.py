"""What a site keeps and where: database, Redis, recordings, audit log, backups."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import redis
from sqlalchemy import Connection, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from agent_desktop.words import N_
from asterisk_conf.install import version_numbers
from crm_core import clock
from crm_core.access.anchors import read_anchors
from crm_core.access.chain import ChainCheck, verify
from crm_core.db import Database, make_engine
from crm_core.errors import Unreachable
from crm_core.history.model import Contact
from crm_core.schema import Standing, plain_engine, schema_of
from cti.wire.redis_bus import without_prefix
from hotline.backup.manifest import NAME, BackupRefused, read
from hotline.backup.taking import backups
from hotline.doctor.findings import Finding, absent, fault, fine, warning
from hotline.recordings_vault import site_vault
from hotline.settings import Settings
from recording.volume import is_away

OLDEST_POSTGRES, OLDEST_SQLITE, OLDEST_REDIS = 13, (3, 35), (6, 2)
MOST_SECONDS_APART = 2.0
BACKUP_EVERY = timedelta(hours=26)  # a night's, and two hours in which it may be late


def database(settings: Settings) -> list[Finding]:
    """Does it answer, is it of a version and schema that we know, do its clock and ours agree?"""
    url = make_url(settings.database)
    file = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not file.is_file():
        return [absent("database", N_("{file} is made at the first start."), file=file)]
    engine = plain_engine(settings.database)
    try:
        with engine.connect() as connection:
            found = [*_schema(connection), *_server(connection), *_times(connection)]
    except DBAPIError as away:
        remedy = N_("Start its server, or correct HOTLINE_DATABASE_URL.")
        return [fault("database", N_("It cannot be used: {reason}."), remedy, reason=_words_of(away))]
    finally:
        engine.dispose()
    return found


def _words_of(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[-1].rstrip(".") if str(error.orig).strip() else "?"


def _schema(connection: Connection) -> list[Finding]:
    schema = schema_of(connection)
    values = {"there": schema.there, "known": schema.known}
    match schema.standing:
        case Standing.CURRENT:
            return [fine("database", N_("schema {there}"), **values)]
        case Standing.NEWER:
            told = N_("It has schema {there}, and this version knows schemas up to {known} only.")
            remedy = N_("Start the newer version, or restore the backup of before: hotline restore.")
            return [fault("database", told, remedy, **values)]
        case Standing.EMPTY:
            return [warning("database", N_("It is empty."), N_("The first start makes its tables."))]
        case _:
            if not schema.there:
                return [warning("database", N_("It is being made."), N_("Wait until hotline serve says: ready."))]
            told = N_("It has schema {there}, and this version works with {known}.")
            return [warning("database", told, N_("The next start changes it. Take a backup first."), **values)]


def _server(connection: Connection) -> list[Finding]:
    if connection.dialect.name == "sqlite":
        return [_sqlite(connection)]
    number = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    encoding = connection.scalar(text("SHOW server_encoding"))
    found = []
    if number < OLDEST_POSTGRES:
        told, remedy = N_("PostgreSQL {number} is too old."), N_("Use PostgreSQL {oldest} or newer.")
        found.append(fault("database", told, remedy, number=number, oldest=OLDEST_POSTGRES))
    if encoding != "UTF8":
        remedy = N_("Make a database with ENCODING 'UTF8' and move the site there: hotline backup, hotline restore.")
        found.append(fault("database", N_("Its signs are {encoding}, not UTF8."), remedy, encoding=encoding))
    return found or [fine("database", N_("PostgreSQL {number}"), number=number)]


def _sqlite(connection: Connection) -> Finding:
    version = ".".join(map(str, sqlite3.sqlite_version_info))
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return fault("database", N_("SQLite {version} is too old."), N_("Install a newer Python."), version=version)
    found = str(connection.scalar(text("PRAGMA quick_check(1)")))
    if found != "ok":
        remedy = N_("Stop the site, keep the file, and restore the last backup: hotline restore.")
        return fault("database", N_("Its file is damaged: {found}."), remedy, found=found.strip().rstrip("."))
    return fine("database", N_("SQLite {version}, its file is whole"), version=version)


def _times(connection: Connection) -> list[Finding]:
    """A clock that went back would put new calls before old ones."""
    now = clock.now()
    remedy = N_("Set this machine's clock right and keep it by a time server; nothing that is written is changed.")
    if connection.dialect.name != "sqlite":
        there = connection.scalar(select(func.now()))
        apart = abs(((there or now) - now).total_seconds())
        if apart > MOST_SECONDS_APART:
            return [warning("clock", N_("The database's clock and ours are {apart:.0f} s apart."), remedy, apart=apart)]
    if not schema_of(connection).there:
        return []
    newest = connection.scalar(select(func.max(Contact.started_at)))
    if newest is not None and newest > now + timedelta(minutes=1):
        told = N_("The newest call began at {newest}, and it is {now} now: this clock went back.")
        return [fault("clock", told, remedy, newest=_shown(newest), now=_shown(now))]
    return []


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def redis_server(settings: Settings) -> Finding:
    if not settings.redis_url:
        return absent("redis", N_("not used: everything is in one process"))
    remedy = N_("Start it, or correct HOTLINE_REDIS_URL; without it empty the setting: one process needs none.")
    try:
        # Protocol 2, which an old one understands, too: it is to say its version and not "unknown command".
        options = {"protocol": 2, "socket_timeout": 3, "socket_connect_timeout": 3}
        with closing(redis.Redis.from_url(without_prefix(settings.redis_url), **options)) as link:
            version = str(link.info("server")["redis_version"])
    except (redis.RedisError, OSError, ValueError, KeyError) as wrong:
        reason = str(wrong).splitlines()[0].rstrip(".") if str(wrong) else type(wrong).__name__
        return fault("redis", N_("It cannot be used: {reason}."), remedy, reason=reason)
    if (version_numbers(version) or (0,)) < OLDEST_REDIS:
        oldest = ".".join(map(str, OLDEST_REDIS))
        told = N_("Redis {version} is too old.")
        return fault("redis", told, N_("Use Redis {oldest} or newer."), version=version, oldest=oldest)
    parts = urlsplit(settings.redis_url)
    if parts.scheme in ("redis", "rediss") and not parts.password:
        told = N_("Redis {version} has no password: whoever reaches its port reads callers' numbers.")
        remedy = N_("Use its Unix socket (redis+unix:///run/redis/redis-server.sock), or set requirepass.")
        return warning("redis", told, remedy, version=version)
    return fine("redis", N_("Redis {version}"), version=version)


def recordings(settings: Settings) -> list[Finding]:
    folder = settings.recordings_dir
    if not folder.exists() and not folder.with_name(f"{folder.name}.volume").exists():
        found = [absent("recordings", N_("{folder} is made at the first start."), folder=folder)]
    elif is_away(folder):
        remedy = N_("Mount the volume that was there, or take its mark along to the new one: docs/recordings.md.")
        found = [fault("recordings", N_("The volume of {folder} is not there."), remedy, folder=folder)]
    elif not os.access(folder, os.W_OK | os.X_OK):
        remedy = N_("Run as root: chown the folder to the user of the site.")
        found = [fault("recordings", N_("{folder} cannot be written."), remedy, folder=folder)]
    else:
        found = [fine("recordings", N_("{folder} can be written"), folder=folder)]
    if settings.recordings_bucket:
        found.append(asyncio.run(_bucket(settings)))
    return found


async def _bucket(settings: Settings) -> Finding:
    engine = make_engine(settings.database)
    remedy = N_(
        "Check HOTLINE_RECORDINGS_*, the network and the store's rights; recordings wait on this disk meanwhile."
    )
    try:
        store = site_vault(settings, Database(engine)).store
        assert store is not None  # noqa: S101 - a bucket is named
        await store.size("hotline-doctor-looks")
    except ImportError:
        return fault("recordings", N_("The library for S3 is not installed."), N_("Run: pip install 'hotline[s3]'"))
    except Unreachable as away:
        told = N_("The store {bucket} does not answer: {reason}")
        return fault("recordings", told, remedy, bucket=settings.recordings_bucket, reason=str(away))
    finally:
        await engine.dispose()
    return fine("recordings", N_("the store {bucket} answers"), bucket=settings.recordings_bucket)


def audit_log(settings: Settings) -> Finding:
    """The whole chain, against the anchors outside the database."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return absent("audit log", N_("It begins at the first start."))
    try:
        check = asyncio.run(_chain(settings))
    except DBAPIError:
        return absent("audit log", N_("It cannot be read while the database is away or has no tables."))
    if check.broken_at is not None:
        told = N_("The chain does not hold at entry {entry} ({why}): somebody changed it past Hotline.")
        remedy = N_("Keep this database as proof, compare it with the backups, and find who had access to it.")
        return fault("audit log", told, remedy, entry=check.broken_at, why=check.why)
    return fine("audit log", N_("{count} entries, the chain holds"), count=check.checked)


async def _chain(settings: Settings) -> ChainCheck:
    db = Database(make_engine(settings.database))
    try:
        async with db.begin() as session:
            return await verify(session, read_anchors(settings.anchors_file))
    finally:
        await db.close()


def backup(settings: Settings) -> Finding:
    folder = settings.backup_dir
    if folder is None:
        told = N_("No backups are taken: HOTLINE_BACKUP_DIR is not set.")
        remedy = N_("Set it to a folder on another disk, and let hotline-backup.timer run: hotline units.")
        return absent("backup", told) if settings.demo else warning("backup", told, remedy)
    remedy = N_("Run: hotline backup; then see why the nightly one did not: systemctl status hotline-backup.")
    newest = backups(folder)
    if not newest:
        first = N_("Run: hotline backup, and let hotline-backup.timer run each night: hotline units.")
        return warning("backup", N_("There is none in {folder}."), first, folder=folder)
    try:
        manifest = read((newest[-1] / NAME).read_text(errors="replace"))
    except (BackupRefused, OSError) as damage:
        told = N_("The newest one, {name}, cannot be read: {reason}")
        return fault("backup", told, remedy, name=newest[-1].name, reason=str(damage))
    age = clock.now() - datetime.fromisoformat(manifest.made_at)
    values = {"name": newest[-1].name, "hours": round(age.total_seconds() / 3600)}
    if age > BACKUP_EVERY:
        return warning("backup", N_("The newest one, {name}, is {hours} hours old."), remedy, **values)
    return fine("backup", N_("{name}, {hours} hours old"), **values)
