"""One module per screen; `routers` are all of them."""

from __future__ import annotations

from agent_desktop.pages import contact, customer_phone, desk, floor, floor_acts, login, recordings, wallboard

routers = (
    login.router,
    desk.router,
    floor.router,
    floor_acts.router,
    wallboard.router,
    contact.router,
    recordings.router,
    customer_phone.router,
)
