"""What people are told of lines: a trunk that is lost or back, a limit of dialling that was reached."""

from __future__ import annotations

ABOUT = "line"
"""`subject` is a trunk's id with the kinds unreachable, rejected and back, or cap/<who> with the kind cap."""
