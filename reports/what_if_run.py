"""Plays two plans in a process of its own: `python -m reports.what_if_run` reads one line of JSON, writes one a day.

In: {"now": plan, "then": plan, "days": n}. Out: {"done": n} after each day; last {"result": see what_if_result}. The
process that asked kills it when nobody wants the answer any more.
"""

from __future__ import annotations

import json
import os
import sys

from reports.what_if_case import read
from reports.what_if_result import as_json, compare, play

GENTLE = 10  # calls go before questions about calls


def main() -> None:
    os.nice(GENTLE)
    told = json.loads(sys.stdin.readline())
    days = []
    for pair in play(read(told["now"]), read(told["then"]), days=int(told["days"])):
        days.append(pair)
        _tell({"done": len(days)})
    _tell({"result": as_json(compare(days))})


def _tell(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
