"""The settings that somebody has set, as HOTLINE_* variables: as a file for `.env` or systemd's EnvironmentFile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from hotline.settings import Settings

LEFT_OUT = ("backup_passphrase",)  # it would lie beside what it protects


def variables(settings: Settings) -> dict[str, str]:
    """Only what differs from the defaults of this version was decided by somebody."""
    found = {}
    for name in sorted(settings.model_fields_set - set(LEFT_OUT)):
        found[f"HOTLINE_{name.upper()}"] = _text(getattr(settings, name))
    return found


def as_file(found: Mapping[str, str]) -> str:
    return "".join(f"{name}={_quoted(value)}\n" for name, value in sorted(found.items()))


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case SecretStr():
            return value.get_secret_value()
        case tuple() | list() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
        case Path():
            return str(value)
        case _:
            return str(value)


def _quoted(value: str) -> str:
    """Both readers understand single quotes, inside which nothing is special; a quote in a value ends none there."""
    if "'" not in value:
        return f"'{value}'"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
