"""Pictures of a page for a look by eye, where HOTLINE_SHOTS names a folder."""

from __future__ import annotations

import os

from playwright.async_api import Page

SHOTS = os.environ.get("HOTLINE_SHOTS", "")


async def shot(page: Page, name: str) -> None:
    """In both widths; the page is 1440 wide afterwards."""
    if SHOTS:
        for width, height in ((1440, 900), (1920, 1080)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png")
        await page.set_viewport_size({"width": 1440, "height": 900})
