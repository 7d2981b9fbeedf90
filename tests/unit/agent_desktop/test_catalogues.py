"""Every sentence that a reader may meet has a Chinese translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from agent_desktop import catalogues
from agent_desktop.rendering import Rendering
from agent_desktop.site import Site

ROOT = Path(__file__).parents[3]
REFUSALS = {"PlatformError", "Refused", "NotAllowed", "NotFound", "Invalid", "Unreachable"}
ROOMS = ("agent_desktop", "crm_core", "cti", "acd", "ivr", "recording", "reports", "asterisk_conf")


def texts_of(message: object) -> list[str]:
    """The msgids of what an extractor found; a call whose argument is not a literal has none."""
    parts = message if isinstance(message, tuple) else (message,)
    return [part for part in parts if isinstance(part, str)][:1]


def template_messages() -> Iterator[tuple[str, str]]:
    options = {"trimmed": "false", "silent": "false", "extensions": "jinja2.ext.do"}
    for template in (ROOT / "agent_desktop/templates").rglob("*.html"):
        with template.open("rb") as file:
            for _line, _function, message, _comments in babel_extract(file, ("_", "gettext", "ngettext"), [], options):
                yield from ((template.name, text) for text in texts_of(message))


def marked_messages() -> Iterator[tuple[str, str]]:
    keywords = {"N_": None, "translate": (2,)}
    for module in (ROOT / "agent_desktop").rglob("*.py"):
        with module.open("rb") as file:
            for _line, message, _comments, _context in extract("python", file, keywords=keywords):
                yield from ((module.name, text) for text in texts_of(message))


def refusal_messages() -> Iterator[tuple[str, str]]:
    """The first argument of a PlatformError made in place, or of super().__init__ in a class derived from one."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    classes = [
        node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef)
    ]
    kinds = set(REFUSALS)
    for _generation in range(4):
        kinds |= {c.name for c in classes if kinds & {ast.unparse(b).split(".")[-1] for b in c.bases}}
    for file in files:
        yield from ((file.name, text) for text in literal_refusals(ast.parse(file.read_text()), kinds))


def calls_in(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def literal_refusals(tree: ast.Module, kinds: set[str]) -> Iterator[str]:
    own = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name in kinds]
    calls = [
        c for k in own for c in ast.walk(k) if isinstance(c, ast.Call) and ast.unparse(c.func).endswith("__init__")
    ]
    calls += [c for c in ast.walk(tree) if isinstance(c, ast.Call) and ast.unparse(c.func).split(".")[-1] in kinds]
    for call in calls:
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and " " in first.value:
            yield first.value


def test_every_sentence_of_the_pages_and_of_every_refusal_is_translated():
    chinese = catalogues.merged("zh-CN")
    found = {*template_messages(), *marked_messages(), *refusal_messages()}
    missing = sorted((where, text) for where, text in found if not (chinese.get(text) and chinese.get(text).string))
    assert not missing, "add these to a .po file of agent_desktop/locales/zh_CN:\n" + "\n".join(map(str, missing))


@pytest.mark.parametrize("language", list(catalogues.LANGUAGES))
def test_a_translation_keeps_the_gaps_of_its_sentence(language: str):
    for message in catalogues.merged(language):
        if message.id and message.string:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            source = message.id if isinstance(message.id, str) else message.id[0]
            assert all(gaps(text) <= gaps(source) | {"num"} for text in texts), source  # type: ignore[arg-type]


def gaps(text: str) -> set[str]:
    return {percent or brace for percent, brace in re.findall(r"%\((\w+)\)|\{(\w+)\}", text)}


def test_a_word_reads_in_the_language_of_its_reader():
    assert catalogues.load("zh-CN").gettext("Ready") == "就绪"
    assert catalogues.load("en").gettext("Ready") == "Ready"


def test_one_of_a_thing_reads_as_one_in_english_and_chinese_does_not_change():
    site = Rendering(Site(name="Hotline", zone=ZoneInfo("Asia/Shanghai")))
    said = "{count} complaints are open"
    assert site.translate("en", said, {"count": 1}) == "1 complaint is open"
    assert site.translate("en", said, {"count": "1"}) == "1 complaint is open"
    assert site.translate("en", said, {"count": 11}) == "11 complaints are open"
    assert site.translate("zh-CN", said, {"count": 1}) == "有 1 件投诉没有办结"


@pytest.mark.parametrize(("count", "shown"), [(1, "1 vehicle"), (0, "0 vehicles"), ("2<b>", "2&lt;b&gt; vehicles")])
def test_a_page_counts_one_as_one_and_keeps_markup_out(count: object, shown: str):
    environment = Rendering(Site(name="Hotline", zone=ZoneInfo("Asia/Shanghai")))._environments["en"]
    assert environment.from_string('{{ _("%(count)s vehicles", count=count) }}').render(count=count) == shown


def test_what_is_said_of_one_is_said_somewhere_of_several():
    written = {text for _, text in (*template_messages(), *marked_messages())}
    gone = [message.id for message in catalogues.merged("en") if message.context == "one" and message.id not in written]
    assert not gone


ONE_WORD = {r"座席": "坐席", r"班长": "班组长", r"区域经理": "大区经理"}


def test_screens_and_guides_have_one_word_for_one_thing():
    files = [*(ROOT / "agent_desktop/locales/zh_CN").rglob("*.po"), *(ROOT / "docs/zh").glob("*.md")]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    others = [(file.name, word) for file, text in texts.items() for word in ONE_WORD if re.search(word, text)]
    assert not others, f"the words of the product are {', '.join(ONE_WORD.values())}"
