"""How the documentation is built: `make docs`, once with the tag zh and once with en. Sphinx reads this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHINESE = tags.has("zh")  # type: ignore[name-defined]  # noqa: F821 - Sphinx puts `tags` here

project = "Hotline"
author = "The Hotline authors"
release = version = PROJECT["version"]
language = "zh_CN" if CHINESE else "en"
root_doc = "zh/index" if CHINESE else "en/index"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# The pages for who builds Hotline are English, belong to both, and name files of the repository.
exclude_patterns = ["en" if CHINESE else "zh", "features.md", "meeting-points.md", "decisions", "images/*.md"]
suppress_warnings = ["myst.xref_missing", "myst.header"]
html_theme = "furo"
html_title = "Hotline 使用文档" if CHINESE else "Hotline documentation"
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["guide.css"]
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {"color-brand-primary": "#1f5fbf", "color-brand-content": "#1f5fbf"},
}
html_search_language = "zh" if CHINESE else "en"
