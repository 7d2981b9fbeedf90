"""One module per screen; `routers` are all of them."""

from __future__ import annotations

from agent_desktop.pages import (
    admin_closure,
    admin_hours,
    admin_people,
    admin_queues,
    admin_teams,
    admin_versions,
    contact,
    customer_phone,
    dealer_care,
    dealer_complaints,
    dealer_daily,
    dealer_today,
    desk,
    files,
    floor,
    floor_acts,
    login,
    messages,
    recordings,
    wallboard,
)

routers = (
    login.router,
    desk.router,
    floor.router,
    floor_acts.router,
    wallboard.router,
    contact.router,
    recordings.router,
    customer_phone.router,
    messages.router,
    files.router,
    admin_queues.router,
    admin_people.router,
    admin_teams.router,
    admin_hours.router,
    admin_closure.router,
    admin_versions.router,
    dealer_today.router,
    dealer_complaints.router,
    dealer_care.router,
    dealer_daily.router,
)
