"""Pages from templates, in the reader's language and theme; the whole page for a browser, one block for htmx."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from gettext import GNUTranslations
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2_fragments import render_block

from agent_desktop import catalogues, formats, plurals, words
from agent_desktop.navigation import RailEntry, alarm_for, rail_for
from agent_desktop.site import Site, Viewer
from crm_core import phone

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
THEMES = ("light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "hl_language", "hl_theme"
READER_COOKIE = "hl_reader"  # the language of whoever signed in last: known also when the database is not


class _CompiledOnce(BytecodeCache):
    """Templates are compiled once in a process, not once for each application: all of them take 3 s."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        # Jinja's key is the template's name; the bucket refuses code of another source by its checksum.
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@lru_cache
def _compiled(_language: str, _zone: str) -> _CompiledOnce:
    """By what the filters depend on: Jinja works out a filter of a constant when it compiles."""
    return _CompiledOnce()


class Rendering:
    """One environment per language, made once. Kept at `app.state.rendering`."""

    def __init__(self, site: Site, *, clock: Callable[[], float] = time.time, debug: bool = False) -> None:
        self.site, self.clock = site, clock
        self._translations = {language: catalogues.load(language) for language in catalogues.LANGUAGES}
        self._environments = {language: self._environment(language, debug=debug) for language in catalogues.LANGUAGES}

    def render(self, template: str, block: str | None = None, *, language: str = "zh-CN", **values: object) -> str:
        """The HTML of a template or of one of its blocks, e.g. for a push over a WebSocket."""
        environment = self._environments[language]
        if block is None:
            return environment.get_template(template).render(values)
        return str(render_block(environment, template, block, values))

    def translate(self, language: str, message_id: str, values: Mapping[str, object] | None = None) -> str:
        """A msgid in the reader's language, its `{gaps}` filled."""
        text = plurals.phrase(self._translations[language], message_id, values or {}) if message_id else ""
        return text.format(**values) if values else text

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def _environment(self, language: str, *, debug: bool) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=debug,
            bytecode_cache=_compiled(language, str(self.site.zone)),
        )
        translations: GNUTranslations = self._translations[language]
        environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            asset=asset, site=self.site, language=language, theme="light", viewer=None, rail=[], now=self.now
        )
        environment.globals["gettext"] = plurals.for_templates(translations)
        environment.filters.update(self._filters(language))
        environment.globals["ui"] = environment.get_template("macros.html").module
        return environment

    def _filters(self, language: str) -> dict[str, Callable[..., Any]]:
        zone, gettext = self.site.zone, self._translations[language].gettext

        def word_of(table: Mapping[str, str]) -> Callable[[str | None], str]:
            return lambda code: gettext(table[code or ""]) if (code or "") in table else (code or formats.NOTHING)

        return {
            "duration": formats.duration,
            "time_span": lambda seconds: formats.time_span(seconds, language),
            "time_left": lambda due: formats.time_left(
                (formats.as_datetime(due) - self.now()).total_seconds(), language
            ),
            "day": lambda at: formats.day(
                formats.as_datetime(at).astimezone(zone).date(), self.now().astimezone(zone).date(), language
            ),
            "date": lambda on: formats.day(formats.as_date(on), self.now().astimezone(zone).date(), language),
            "moment": lambda at: formats.moment(at, self.now(), zone, language),
            "clock": lambda at, seconds=False: formats.clock(at, zone, seconds=seconds),
            "epoch": lambda at: at.timestamp() if isinstance(at, datetime) else at,
            "iso": lambda at: formats.as_datetime(at).astimezone(zone).isoformat(timespec="seconds"),
            "count": formats.count,
            "money": lambda yuan: formats.money(yuan, language),
            "rate": formats.rate,
            "rate_figure": formats.rate_figure,
            "masked": lambda number: formats.masked_number(number, language),
            "national": formats.national,
            "telephone": phone.shown,
            "hotline_number": formats.hotline_number,
            "plate_text": formats.plate_text,
            "is_new_energy_plate": formats.is_new_energy_plate,
            "vin_parts": formats.vin_parts,
            "state_word": word_of(words.STATES),
            "outcome_word": word_of(words.OUTCOMES),
            "kind_word": word_of(words.KINDS),
            "direction_word": word_of(words.DIRECTIONS),
            "offer_word": word_of(words.OFFER_RESULTS),
            "ended_by_word": word_of(words.ENDED_BY),
            "relation_word": word_of(words.RELATIONS),
            "class_word": word_of(words.CLASSES),
            "topic_word": word_of(words.TOPICS),
            "why_word": word_of(words.WHYS),
            "consult_word": word_of(words.CONSULT_RESULTS),
            "verdict_text": lambda reason: word_of(words.VERDICTS)(reason.word).format(
                number=reason.value, time=formats.duration(reason.value)
            ),
            "queue_result_word": word_of(words.QUEUE_RESULTS),
            "language_word": word_of(words.LANGUAGES),
            "recording_word": word_of(words.RECORDING_STATES),
            "missing_word": word_of(words.MISSING_RECORDINGS),
        }


def page(
    request: Request,
    template: str,
    block: str | None = None,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """The whole page; only `block` when htmx asks. Both vary by HX-Request, so that no cache mixes them."""
    rendering: Rendering = request.app.state.rendering
    viewer = viewer_of(request)
    seen = {
        "request": request,
        "viewer": viewer,
        "theme": theme_of(request),
        "rail": _rail(request, viewer),
        **values,
    }
    wanted = block if request.headers.get("HX-Request") == "true" else None
    html = rendering.render(template, wanted, language=language_of(request), **seen)
    return HTMLResponse(
        html, status_code, {"Vary": "HX-Request, Cookie", "Cache-Control": "no-store", **(headers or {})}
    )


def _rail(request: Request, viewer: Viewer | None) -> list[RailEntry]:
    if viewer is None:
        return []
    entries, alarm = rail_for(viewer.roles, request.url.path), alarm_for(viewer.roles)
    if alarm is not None:
        floor = request.app.state.telephony.floor()
        if floor.asterisks_away or floor.proxy_away:
            return [alarm, *entries]
    return entries


def translate(request: Request, message_id: str, **values: object) -> str:
    """A msgid in the language of this request, its `{gaps}` filled."""
    rendering: Rendering = request.app.state.rendering
    return rendering.translate(language_of(request), message_id, values)


def viewer_of(request: Request) -> Viewer | None:
    """Who is signed in, as the security layer found; None on public pages."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    return viewer


def language_of(request: Request) -> str:
    """The person's own language, else this browser's last choice, else what the browser asks for, else Chinese."""
    viewer = viewer_of(request)
    kept = [request.cookies.get(name, "") for name in (LANGUAGE_COOKIE, READER_COOKIE)]
    for chosen in [viewer.language] if viewer else kept:
        if chosen in catalogues.LANGUAGES:
            return chosen
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"


def theme_of(request: Request) -> str:
    viewer = viewer_of(request)
    chosen = viewer.theme if viewer else request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "light"


@lru_cache(maxsize=256)
def asset(name: str) -> str:
    """The address of a static file with its content's hash, so that it can be cached for ever."""
    file = STATIC / name
    tag = sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{name}?v={tag}"
