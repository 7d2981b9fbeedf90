"""How long the property tests look, and which files are begun first.

Profile `ci` by default, `--hypothesis-profile full` for the stated sizes.
"""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", _COMMON, max_examples=150, stateful_step_count=40)
settings.register_profile("full", _COMMON, max_examples=10_000, stateful_step_count=80)
settings.load_profile("ci")

HERE = Path(__file__).parent
BEGUN_FIRST = (
    "platform/test_restored_site.py",
    "platform/test_voice_survey.py",
    "platform/test_large_import.py",
    "platform/test_ledger.py",
    "platform/test_upgrade.py",
    "platform/test_standby.py",
    "platform/test_reports_beside_calls.py",
    "platform/test_dialer_kills.py",
    "platform/test_recovery.py",
    "platform/test_database_away.py",
    "unit/agent_desktop/test_rights.py",
    "unit/agent_desktop/test_rights_foreign.py",
    "unit/test_guides.py",
    "unit/crm_core/test_demo.py",
    "unit/crm_core/test_quality_night.py",
    "unit/crm_core/test_moving.py",
    "unit/crm_core/test_big_site.py",
)
"""Files with one or two long tests, the longest first: begun last, one of them would run alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file stay together and in order. For xdist, see `--no-loadscope-reorder` in the Makefile."""
    rank = {HERE / path: place for place, path in enumerate(BEGUN_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
