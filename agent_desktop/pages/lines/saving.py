"""How a page of lines saves: one transaction, then Asterisk reads its files."""

from __future__ import annotations

from typing import Any

from agent_desktop.admin.saving import Editor, Work


async def save_lines(edit: Editor, work: Work) -> Any:
    """In effect when this returns, also a secret alone, which is no version."""
    saved = await edit.save(work, tell=False)
    await edit.telephony.lines_changed()
    return saved
