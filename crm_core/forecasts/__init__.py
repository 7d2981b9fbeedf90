"""What is known and wished beside the history: targets of staffing, corrections, scenarios, older volumes."""
