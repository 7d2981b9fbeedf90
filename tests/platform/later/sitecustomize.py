"""A platform that lives some seconds later than its machine: first on PYTHONPATH, with LIVES_LATER_SECONDS set.

Python imports this before everything else, so each `from crm_core.clock import now` finds the later clock.
"""

import os
import time
from datetime import UTC, datetime

_LATER = float(os.environ.get("LIVES_LATER_SECONDS", "0"))

if _LATER:
    from crm_core import clock

    _time = time.time
    time.time = lambda: _time() + _LATER
    clock.now = lambda: datetime.fromtimestamp(_time() + _LATER, UTC)
