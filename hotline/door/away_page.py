"""What a browser is shown while the platform does not answer: who waits is taken on by the page itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hotline.door.forwarding import Header

AGAIN_SECONDS = 3
_WORDS = {
    "zh-CN": ("正在启动", "站点正在启动或重新启动，通话不受影响。就绪后本页会自动打开。"),
    "en": (
        "Starting",
        "The site is starting, or starting again; calls go on. This page opens by itself when it is ready.",
    ),
}
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{margin:0;display:grid;place-content:center;min-height:100vh;color-scheme:light dark;
font:16px/1.6 system-ui,"Noto Sans SC",sans-serif;text-align:center}}h1{{font-size:20px;margin:0}}p{{margin:8px 24px}}
</style></head><body><h1>{title}</h1><p>{sentence}</p></body></html>
"""


def away(headers: Iterable[Header]) -> tuple[str, str]:
    """Text and its media type, for who asked: a page in the browser's language, for programs a plain sentence."""
    asked = {name.lower(): value.decode("latin-1") for name, value in headers}
    language = "zh-CN" if asked.get(b"accept-language", "").lower().startswith("zh") else "en"
    title, sentence = _WORDS[language]
    if "text/html" not in asked.get(b"accept", ""):
        return sentence, "text/plain"
    return _PAGE.format(language=language, seconds=AGAIN_SECONDS, title=title, sentence=sentence), "text/html"
