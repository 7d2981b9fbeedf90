"""One of a thing reads as one: "1 complaint is open", although the sentence is written for several.

A msgid is written for several. Where its first gap is filled with 1, the translation under the context "one" of the
reader's language is taken, if there is one; Chinese needs none. So templates and words stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from gettext import GNUTranslations
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

ONE = "one"
_GAP = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def phrase(translations: GNUTranslations, message: str, values: Mapping[str, object]) -> str:
    """The translation of `message` for these values; its gaps are not filled yet."""
    gap = _GAP.search(message)
    if gap and str(values.get(gap[1] or gap[2], "")) == "1":
        singular = translations.pgettext(ONE, message)
        if singular != message:
            return singular
    return translations.gettext(message)


def for_templates(translations: GNUTranslations) -> Callable[..., str]:
    """What `_()` of the templates calls, in place of jinja's own, which does not know the values."""

    @pass_context
    def gettext(context: Context, message: str, /, **values: Any) -> str:
        text = phrase(translations, message, values)
        return (Markup(text) if context.eval_ctx.autoescape else text) % values  # noqa: S704 - our own catalogue

    return gettext
