"""A new version takes the running one's place while twenty calls are up, and gives it back: nobody is cut off."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm_core.schema import known_schema
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.site import REPAIR, ROOT, Agent, CallCentre, new_number
from tests.platform.test_recovery import channels, ids, in_talk, on_music

AGENTS = tuple(str(number) for number in range(1001, 1011))
COPIED = ("hotline", "crm_core")  # what says where a version lies, and what knows the schema
REVISION = '''"""A table that the next version brings."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{known}", None, None


def upgrade() -> None:
    op.create_table("of_the_next_version", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("of_the_next_version")
'''


@pytest.fixture
def centre(cache: Path) -> Iterator[CallCentre]:
    centre = CallCentre(cache, AGENTS)
    try:
        yield centre
    finally:
        centre.close()


def another_version(folder: Path) -> Path:
    """The same code in a folder of its own."""
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name in COPIED:
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.name not in ("run", ".git"):
            (folder / path.name).symlink_to(path)
    return folder


def upgrade(centre: CallCentre, version: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotline", "upgrade", "--quick"],
        cwd=version, env=centre.environment, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip


def version_of(centre: CallCentre) -> Path:
    """In which folder the platform's code lies."""
    return Path(f"/proc/{centre.pid('platform')}/cwd").resolve()


def twenty_calls(centre: CallCentre, people: ExitStack) -> tuple[list[Agent], list[str], list[str]]:
    """Ten talks and ten callers who wait; agents, talking and waiting numbers."""
    agents, callers = [], []
    for number in AGENTS:
        centre.telephones.phone(number, scenarios.phone_answers(), calls=2)
        agents.append(people.enter_context(centre.agent(number)))
    for _ in range(2 * len(AGENTS)):
        callers.append(new_number())
        centre.call(callers[-1], scenarios.caller(callers[-1], keys=REPAIR))
    wait_until(lambda: sum(in_talk(centre, one) for one in callers) == len(AGENTS), 60, "ten talks")
    talking = [one for one in callers if in_talk(centre, one)]
    waiting = [one for one in callers if one not in talking]
    wait_until(lambda: set(waiting) <= on_music(centre), 60, "ten callers wait")
    return agents, talking, waiting


def lines(centre: CallCentre) -> set[str]:
    """Each channel's name: another one in its place would be another call."""
    return {row[0] for row in channels(centre)}


def all_as_before(centre: CallCentre, before: set[str], talking: list[str], waiting: list[str]) -> None:
    assert before <= lines(centre)
    assert all(in_talk(centre, one) for one in talking)
    assert set(waiting) <= on_music(centre)


@pytest.mark.timeout(900)
def test_an_upgrade_and_the_way_back_under_twenty_calls_drop_none(
    centre: CallCentre, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    centre.settings["HOTLINE_BACKUP_DIR"] = str(tmp_path / "kept")
    centre.settings["HOTLINE_BACKUP_PASSPHRASE"] = "two horses"
    supervisor = centre.up()
    next_version = another_version(tmp_path / "next")
    with ExitStack() as people:
        agents, talking, waiting = twenty_calls(centre, people)
        before, asterisk = lines(centre), centre.pid("asterisk")
        seconds = []
        for version in (next_version, ROOT, next_version):
            if version is next_version and seconds:  # the third time tables change
                file = next_version / "crm_core/migrations/versions/9999_of_the_next_version.py"
                file.write_text(REVISION.format(known=known_schema()))
            began = time.monotonic()
            done = upgrade(centre, version)
            seconds.append(round(time.monotonic() - began, 1))
            assert done.returncode == 0, done.stdout + done.stderr + centre.said()
            assert version_of(centre) == version
            all_as_before(centre, before, talking, waiting)
            print(seconds[-1], done.stdout.splitlines()[-1])
        record_property("upgrade_seconds", seconds)
        assert len(list((tmp_path / "kept").glob("*Z"))) == 1, "a backup was taken when tables changed, and only then"
        platform = centre.pid("platform")
        refused = upgrade(centre, ROOT)
        assert refused.returncode == 1
        assert (
            f"The database has schema 9999, and this version knows schemas up to {known_schema()} only."
            in refused.stderr
        )
        assert "hotline restore" in refused.stderr
        assert centre.pid("platform") == platform
        all_as_before(centre, before, talking, waiting)
        assert supervisor.poll() is None
        assert centre.pid("asterisk") == asterisk
        served(centre, agents, talking, waiting)
    assert ids(centre.rows("SELECT id FROM contact WHERE id NOT LIKE 'old-%'")) == centre.cel_calls()


def served(centre: CallCentre, agents: list[Agent], talking: list[str], waiting: list[str]) -> None:
    """Each agent ends the talk, and the next caller is there; everybody has one contact with one outcome."""
    for agent in agents:
        assert agent.state() == "talking"
        assert agent.ask("/api/call/hang-up").status_code == 200
    for number in talking:
        assert centre.contact(number, seconds=30)["outcome"] == "answered"
    wait_until(lambda: all(in_talk(centre, one) for one in waiting), 60, "who waited talks")
    for agent in agents:
        wait_until(lambda agent=agent: agent.state() == "talking", 30, "the desk shows the talk")
        assert agent.ask("/api/call/hang-up").status_code == 200
    for number in waiting:
        assert centre.contact(number, seconds=30)["outcome"] == "answered"


@pytest.mark.timeout(600)
def test_a_version_that_does_not_start_leaves_the_calls_alone_and_the_former_one_takes_them_back(
    centre: CallCentre, tmp_path: Path
) -> None:
    centre.settings["HOTLINE_BACKUP_DIR"] = str(tmp_path / "kept")
    centre.up()
    broken = another_version(tmp_path / "broken")
    (broken / "hotline/compose.py").write_text("raise SystemExit('this version is broken')\n")
    number = new_number()
    centre.telephones.phone("1001", scenarios.phone_answers())
    with centre.agent("1001") as agent:
        centre.call(number, scenarios.caller(number, keys=REPAIR))
        wait_until(lambda: in_talk(centre, number), 60, "the talk")
        before, asterisk = lines(centre), centre.pid("asterisk")
        done = upgrade(centre, broken)
        assert done.returncode == 1
        assert "The new version did not start" in done.stderr
        assert before <= lines(centre)
        centre.up()
        assert (centre.pid("asterisk"), version_of(centre)) == (asterisk, ROOT)
        assert in_talk(centre, number)
        wait_until(lambda: agent.state() == "talking", 30, "the desk shows the talk")
        assert agent.ask("/api/call/hang-up").status_code == 200
        assert centre.contact(number, seconds=30)["outcome"] == "answered"
