"""One module per screen; `routers` are all of them."""

from __future__ import annotations

from agent_desktop.pages import customer_phone, desk, login, wallboard

routers = (login.router, desk.router, wallboard.router, customer_phone.router)
