"""The public API: other systems ask with keys. `routers` are all of its operations."""

from __future__ import annotations

from agent_desktop.api.v1 import customers, network, recording_pause, records, reports, responses, upserts

routers = (
    customers.router,
    records.router,
    network.router,
    upserts.router,
    reports.router,
    responses.router,
    recording_pause.router,
)
