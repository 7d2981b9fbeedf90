"""Can this database be used? Each answer is one sentence with the remedy, before anything is changed in it."""

from __future__ import annotations

import socket
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from crm_core.errors import PlatformError, Refused, Unreachable
from crm_core.schema import Standing, refuse_newer, schema_of

SETTING = "HOTLINE_DATABASE_URL"
CONNECT_SECONDS = 5
OLDEST_POSTGRESQL = 130_000
PORT = 5432


class DatabaseUnusable(Refused):
    """The database is there and cannot be used as it is."""


class DatabaseAway(Unreachable):
    """Nobody answers there."""


def parsed(address: str, setting: str = SETTING) -> URL:
    """The address with our own drivers; raises DatabaseUnusable for one that is none."""
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("?")
    kind = {"postgres": "postgresql"}.get(url.get_backend_name(), url.get_backend_name())
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    raise DatabaseUnusable(
        "{setting} names no database that Hotline can use; write it as postgresql://user@host/name.", setting=setting
    )


def sync_engine(url: URL) -> Engine:
    """For checks and moves, which block; a server that is silent is given up after some seconds."""
    if url.get_backend_name() == "sqlite":
        return create_engine(url.set(drivername="sqlite"))
    return create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})


def examine(address: str, setting: str = SETTING) -> None:
    """Raise the sentence that says why the platform cannot start on this database; an empty one is fine."""
    url = parsed(address, setting)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            check_encoding(connection)
            refuse_newer(schema_of(connection))
    except DBAPIError as fault:
        raise refusal(fault, url, setting) from fault
    finally:
        engine.dispose()


def check_encoding(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    version = int(connection.scalar(text("SHOW server_version_num")) or 0)
    if version < OLDEST_POSTGRESQL:
        raise DatabaseUnusable(
            "This PostgreSQL is version {version}; Hotline needs 13 or newer.", version=version // 10_000
        )
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise DatabaseUnusable(
            "The database {name} is kept in {encoding}, which has no Chinese; make one in UTF-8: "
            "createdb --encoding=UTF8 --template=template0 NAME",
            name=connection.engine.url.database,
            encoding=encoding,
        )


def require_current(connection: Connection) -> None:
    """For a move: what is moved has the tables of this version. Raises SchemaTooNew for a newer one."""
    schema = schema_of(connection)
    refuse_newer(schema)
    if not schema.there:
        raise DatabaseUnusable("This is no database of Hotline; HOTLINE_RUN_DIR names the folder of another site.")
    if schema.standing is not Standing.CURRENT:
        raise DatabaseUnusable(
            "The database is of an older Hotline (revision {there}, this version has {known}); "
            "start it once with: hotline run, stop it, and move it then.",
            there=schema.there,
            known=schema.known,
        )


def refusal(fault: SQLAlchemyError, url: URL, setting: str = SETTING) -> PlatformError:
    """What the driver said, as a sentence for who runs the site. Passwords are in none of it."""
    said = " ".join(str(getattr(fault, "orig", None) or fault).split())
    if url.get_backend_name() == "sqlite":
        return _of_sqlite(said, url)
    if not _answers(url):
        return DatabaseAway(
            "No database server answers at {place}; start it, or correct the address in {setting}.",
            place=_place(url),
            setting=setting,
        )
    if "password authentication failed" in said or "no password supplied" in said:
        return DatabaseUnusable(
            "The database server does not accept the password of {user}; correct it in {setting}.",
            user=url.username or "this user",
            setting=setting,
        )
    if f'database "{url.database}" does not exist' in said:
        return DatabaseUnusable(
            "There is no database {name} at {place}; make it: createdb --encoding=UTF8 --template=template0 {name}",
            name=url.database,
            place=_place(url),
        )
    if "permission denied for schema" in said:
        return DatabaseUnusable(
            "{user} may not make tables in the database {name}; make it the owner: "
            "ALTER DATABASE {name} OWNER TO {user}",
            user=url.username or "this user",
            name=url.database,
        )
    return DatabaseUnusable("The database cannot be used: {said}. Check {setting}.", said=said[-300:], setting=setting)


def _of_sqlite(said: str, url: URL) -> PlatformError:
    if "not a database" in said or "malformed" in said:
        return DatabaseUnusable(
            "{file} is damaged or no SQLite database; put the last backup in its place.", file=url.database
        )
    if "locked" in said:
        return DatabaseUnusable("Another program keeps {file} locked; end it.", file=url.database)
    if "full" in said:
        return DatabaseUnusable("The disk with {file} is full. Make room there.", file=url.database)
    return DatabaseUnusable("{file} cannot be used: {said}. Check its rights.", file=url.database, said=said[-300:])


def _place(url: URL) -> str:
    where = url.host or str(url.query.get("host", "")) or "this machine"
    return where if where.startswith("/") else f"{where}:{url.port or PORT}"


def _answers(url: URL) -> bool:
    """Whether somebody listens there: the driver's own words come in the server's language."""
    where = url.host or str(url.query.get("host", "")) or "localhost"
    try:
        if where.startswith("/"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(CONNECT_SECONDS)
                probe.connect(f"{where}/.s.PGSQL.{url.port or PORT}")
        else:
            socket.create_connection((where, url.port or PORT), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
