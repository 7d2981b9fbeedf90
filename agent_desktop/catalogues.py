"""Words in the reader's language: `locales/<language>/LC_MESSAGES/*.po`, merged and compiled to messages.mo.

`python -m agent_desktop.catalogues` compiles. A messages.mo that is missing or older than its sources is not
needed: `load` compiles in memory then.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}
"""Language tags as in HTML and their folders; the first is the default."""


class ContradictoryTranslation(Exception):
    """Two files of one language translate the same msgid differently."""


def sources(language: str) -> list[Path]:
    """The .po files of a language, one for each part of the site, so that two authors seldom meet in one file."""
    return sorted((LOCALES / LANGUAGES[language] / "LC_MESSAGES").glob("*.po"))


def merged(language: str) -> Catalog:
    """All messages of a language in one catalogue."""
    whole = Catalog(locale=LANGUAGES[language])
    for source in sources(language):
        with source.open("rb") as file:
            part = read_po(file, locale=LANGUAGES[language])
        for message in part:
            if not message.id:
                continue
            known = whole.get(message.id, message.context)
            if known is not None and known.string != message.string:
                raise ContradictoryTranslation(f"{source.name}: {message.id!r} is also {known.string!r}")
            whole[message.id] = message
    return whole


def compiled(language: str) -> bytes:
    out = BytesIO()
    write_mo(out, merged(language))
    return out.getvalue()


def compile_all() -> list[Path]:
    """Write each language's messages.mo that is not as it should be; gives the files written.

    Nothing is written where all is done: the folder of the program may be read-only, as in a container.
    """
    written = []
    for language in LANGUAGES:
        target = _compiled_file(language)
        if not _up_to_date(target, language):
            target.write_bytes(compiled(language))
            written.append(target)
    return written


def _compiled_file(language: str) -> Path:
    return LOCALES / LANGUAGES[language] / "LC_MESSAGES" / "messages.mo"


def _up_to_date(target: Path, language: str) -> bool:
    newest = max((source.stat().st_mtime for source in sources(language)), default=0.0)
    return target.is_file() and target.stat().st_mtime >= newest


@cache
def load(language: str) -> GNUTranslations:
    """The translations of a language, read once; a msgid without one reads as itself, in English."""
    target = _compiled_file(language)
    if _up_to_date(target, language):
        return GNUTranslations(BytesIO(target.read_bytes()))
    return GNUTranslations(BytesIO(compiled(language)))


if __name__ == "__main__":
    for path in compile_all():
        print(path.relative_to(LOCALES.parent.parent))
