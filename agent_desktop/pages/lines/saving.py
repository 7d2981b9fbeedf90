"""How a page of lines saves: one transaction, then Asterisk reads its files. And what each of their forms shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desktop.admin.saving import Editor, Work, shown
from agent_desktop.lines import words


async def save_lines(edit: Editor, work: Work) -> Any:
    """In effect when this returns, also a secret alone, which is no version."""
    saved = await edit.save(work, tell=False)
    await edit.telephony.lines_changed()
    return saved


def panel(chosen: str, state: Mapping[str, Any], *, may_edit: bool, typed: Mapping[str, Any] | None) -> dict[str, Any]:
    """For the templates: `rules` is what holds or was typed; `editing` the same for whoever may edit what is chosen."""
    rules = shown(state, typed)
    return {
        "chosen": chosen if may_edit else "",
        "rules": rules,
        "editing": rules if chosen and may_edit else None,
        "errors": (typed or {}).get("errors", {}),
        "may_edit": may_edit,
        "tabs": words.TABS,
        "words": words,
    }
