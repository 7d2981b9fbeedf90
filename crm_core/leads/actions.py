"""Everything that is done to a lead, under one roof: capturing, delivery, the dealer's part, the nurture plan."""

from __future__ import annotations

from crm_core.leads.capturing import LeadOpenAlready, capture, mention, open_lead_of, verify
from crm_core.leads.dealer_actions import feedback, lost, name_follower, won
from crm_core.leads.delivery import reassign, send, take_back
from crm_core.leads.nurture import nurture, nurture_called
from crm_core.leads.record import CustomerSaysNo
from crm_core.leads.setting_aside import invalidate, reopen

__all__ = [
    "CustomerSaysNo",
    "LeadOpenAlready",
    "capture",
    "feedback",
    "invalidate",
    "lost",
    "mention",
    "name_follower",
    "nurture",
    "nurture_called",
    "open_lead_of",
    "reassign",
    "reopen",
    "send",
    "take_back",
    "verify",
    "won",
]
