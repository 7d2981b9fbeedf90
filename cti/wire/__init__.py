"""Telephony and pages as separate processes: what is told, asked and answered between them, see decision 0055."""
