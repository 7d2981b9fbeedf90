"""One module per screen; `routers` are all of them."""

from __future__ import annotations

from agent_desktop.pages import desk

routers = (desk.router,)
