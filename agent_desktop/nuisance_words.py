"""Why a number is a nuisance, for people. The keys are crm_core.nuisance.scoring.REASONS."""

from __future__ import annotations

from agent_desktop.words import N_

REASONS = {
    "silent": N_("Says nothing"),
    "abusive": N_("Abusive"),
    "prank": N_("Prank"),
    "advertising": N_("Wants to sell something"),
    "repeated": N_("Calls again and again"),
    "other": N_("Another reason"),
}
