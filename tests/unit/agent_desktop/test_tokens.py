"""The measured contrasts of the design are recomputed from tokens.css; colours live there and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DESKTOP = Path(__file__).parents[3] / "agent_desktop"
TOKENS = DESKTOP / "static/css/tokens.css"
RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!;?\w)|\b(?:rgb|rgba|hsl|hsla|oklch)\(")
SOFT = ("ready", "ringing", "talking", "hold", "acw", "break", "offline", "good", "warn", "breach")
TEXT = ("ink", "ink-2", "ink-3", "accent", "control-line", *SOFT)
TABLE = {
    "light": (17.8, 8.2, 5.4, 7.4, 3.3, 5.4, 5.4, 5.7, 6.6, 5.8, 6.6, 5.4, 5.4, 6.3, 6.0),
    "dark": (15.5, 9.2, 6.2, 7.7, 3.9, 8.4, 8.3, 7.8, 7.3, 8.4, 8.5, 6.2, 8.4, 11.0, 7.0),
    "wall": (17.4, 11.5, 7.3, 8.1, 4.1, 9.6, 8.7, 8.9, 8.3, 9.7, 9.8, 6.5, 9.6, 13.0, 7.4),
}


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme; dark and wall override light."""
    text = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(), flags=re.S)
    values: dict[str, str] = {}
    for selector, body in re.findall(r"(:root[^{]*)\{([^}]*)\}", text):
        if selector.strip() == ":root" or f'"{theme}"' in selector:
            values |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))
    return values


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", list(TABLE))
def test_text_on_its_surface_has_the_contrast_that_the_design_promises(theme: str):
    colours = tokens(theme)
    measured = {name: round(contrast(colours[name], colours["surface"]), 1) for name in TEXT}
    assert measured == pytest.approx(dict(zip(TEXT, TABLE[theme], strict=True)), abs=0.06)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_state_can_be_read_on_its_own_soft_ground(theme: str):
    colours = tokens(theme)
    assert min(contrast(colours[name], colours[f"{name}-soft"]) for name in SOFT) >= 4.55


def test_no_template_or_style_names_a_colour_of_its_own():
    files = [*DESKTOP.glob("templates/**/*.html"), *DESKTOP.glob("static/css/*.css"), *DESKTOP.glob("frontend/*.ts")]
    found = [
        f"{file.name}:{number}: {line.strip()[:90]}"
        for file in files
        if file != TOKENS
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if RAW_COLOUR.search(re.sub(r"&#\w+;|href=\"[^\"]*\"|#\{\{|url\([^)]*\)|#private\w*", "", line))
    ]
    assert not found, "use a token of tokens.css:\n" + "\n".join(found)
