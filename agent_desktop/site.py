"""What every page knows of the site, and who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Kept at `app.state.site`. Times are shown in `zone`, whatever the reader's machine says."""

    name: str
    zone: ZoneInfo
    hotline_numbers: tuple[str, ...] = ()
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The person behind a request, kept at `request.state.viewer`; `roles` are words of access.roles.Role."""

    number: str
    name: str
    roles: tuple[str, ...]
    language: str = "zh-CN"
    theme: str = "light"
    csrf_token: str = ""
