"""How long the property tests look: profile `ci` by default, `--hypothesis-profile full` for the stated sizes."""

import gc

from hypothesis import HealthCheck, settings

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", _COMMON, max_examples=150, stateful_step_count=40)
settings.register_profile("full", _COMMON, max_examples=10_000, stateful_step_count=80)
settings.load_profile("ci")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
