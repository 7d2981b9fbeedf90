"""From the version before to this one with twenty calls up, and back by the backup that the upgrade took."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from crm_core.schema import known_schema
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.former_version import FormerCentre, former_version
from tests.platform.site import REPAIR, ROOT, CallCentre, new_number
from tests.platform.test_recovery import ids, in_talk
from tests.platform.test_upgrade import AGENTS, all_as_before, lines, served, twenty_calls, upgrade, version_of


@pytest.fixture
def former_centre(cache: Path, tmp_path: Path) -> Iterator[CallCentre]:
    former = former_version(tmp_path / "former")
    with closing(FormerCentre(cache, AGENTS, former)) as centre:
        centre.settings |= {"HOTLINE_BACKUP_DIR": str(tmp_path / "kept"), "HOTLINE_BACKUP_PASSPHRASE": "two horses"}
        yield centre


def schema_of(centre: CallCentre) -> str:
    [row] = centre.rows("SELECT version_num FROM alembic_version")
    return str(row["version_num"])


def restored(centre: CallCentre) -> None:
    """Back as the documents say: stop, the folder out of the way, the backup, start; with the code of `centre.root`."""
    centre.down()
    shutil.rmtree(centre.run_dir)
    done = centre.command("restore")
    assert done.returncode == 0, done.stderr
    centre.up()


def one_call(centre: CallCentre) -> None:
    """From the first ring to the end of the talk."""
    number = new_number()
    centre.telephones.phone("1001", scenarios.phone_answers())
    with centre.agent("1001") as agent:
        centre.call(number, scenarios.caller(number, keys=REPAIR))
        wait_until(lambda: in_talk(centre, number), 60, "a talk")
        assert agent.ask("/api/call/hang-up").status_code == 200
        assert centre.contact(number, seconds=30)["outcome"] == "answered"


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_former_version_gives_way_to_this_one_under_twenty_calls_and_comes_back_from_the_backup(
    former_centre: CallCentre, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    centre = former_centre
    supervisor = centre.up()
    then = schema_of(centre)
    assert then < known_schema(), "tables have changed since"
    with ExitStack() as people:
        agents, talking, waiting = twenty_calls(centre, people)
        before, asterisk = lines(centre), centre.pid("asterisk")
        began = time.monotonic()
        done = upgrade(centre, ROOT)
        record_property("upgrade_seconds", round(time.monotonic() - began, 1))
        assert done.returncode == 0, done.stdout + done.stderr + centre.said() + centre.platform_log()[-4000:]
        print(done.stdout)
        assert version_of(centre) == ROOT
        assert schema_of(centre) == known_schema()
        all_as_before(centre, before, talking, waiting)
        assert (supervisor.poll(), centre.pid("asterisk")) == (None, asterisk)
        served(centre, agents, talking, waiting)
    assert ids(centre.rows("SELECT id FROM contact WHERE id NOT LIKE 'old-%'")) == centre.cel_calls()
    restored(centre)
    assert (version_of(centre), schema_of(centre)) == (centre.root, then)
    one_call(centre)
