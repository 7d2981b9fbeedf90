"""What an API key may do. What is not granted to a key is denied."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    READ_CUSTOMERS = "customers:read"
    WRITE_CUSTOMERS = "customers:write"
    READ_VEHICLES = "vehicles:read"
    WRITE_VEHICLES = "vehicles:write"  # also orders, deliveries and workshop visits: what ERP and DMS send
    READ_CONTACTS = "contacts:read"
    READ_CASES = "cases:read"
    WRITE_CASES = "cases:write"
    READ_LEADS = "leads:read"
    WRITE_LEADS = "leads:write"
    READ_CONSENTS = "consents:read"
    WRITE_CONSENTS = "consents:write"
    READ_DEALERS = "dealers:read"
    READ_KNOWLEDGE = "knowledge:read"
    READ_EVENTS = "events:read"
    WRITE_RESPONSES = "responses:write"  # how many came by other ways, nothing that names a customer
    PAUSE_RECORDINGS = "recordings:pause"
    READ_REPORTS = "reports:read"  # figures of the whole site, nothing that names a customer
