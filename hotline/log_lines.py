"""What the processes of a site write to their log: plain lines or JSON, without secrets and telephone numbers.

The rule: what a key like `secret` or `password` names is never written. Of a telephone number (`+` and 8 to 15 digits,
a Chinese mobile number, a number with its area code) the last four digits are, wherever it stands: in a value, in the
print of an object, in a traceback. Tracebacks have no values of variables, and an error of the database has none of its
parameters (crm_core.db). A line about a call has its id as `call`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

HIDDEN = "***"
_SECRET = re.compile(r"(secret|passw|passphrase|token|authorization|cookie|csrf|api_key|\bpin\b)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.+-])(?:\+\d{8,15}|(?:86)?1[3-9]\d{9}|0\d{9,11})(?![\w.])")
_SHOWN_DIGITS = 4
_DEEPEST = 4


def log_plainly(form: str = "text") -> None:
    """`form` json = one object a line, also what libraries log; text = for people. To standard output, as before."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    if form == "json":
        renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        _libraries_too(shared, renderer)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*shared, renderer])


def masked(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: every value without secrets and telephone numbers."""
    return {key: HIDDEN if _SECRET.search(key) and value else _masked(value) for key, value in line.items()}


def without_numbers(text: str) -> str:
    return _NUMBER.sub(_end_of_number, text)


def _end_of_number(found: re.Match[str]) -> str:
    return "…" + found[0][-_SHOWN_DIGITS:]


def _masked(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return without_numbers(value)
    if value is None or isinstance(value, bool | int | float) or depth > _DEEPEST:
        return value if not isinstance(value, Mapping | list | tuple | set) else HIDDEN
    if isinstance(value, Mapping):
        return {k: HIDDEN if _SECRET.search(str(k)) else _masked(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(one, depth + 1) for one in value]
    return without_numbers(str(value))


def _libraries_too(shared: list[Processor], renderer: Processor) -> None:
    """uvicorn, asyncio and others write by `logging`: their warnings become lines of the same form."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
