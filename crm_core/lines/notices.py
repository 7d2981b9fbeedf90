"""What people are told of lines: a trunk that is lost or back, a limit of dialling that was reached, and a
part of the telephone that went away."""

from __future__ import annotations

ABOUT = "line"
"""`subject` is a trunk's id with the kinds unreachable, rejected and back, or cap/<who> with cap and destination; an
Asterisk ("Asterisk 2") with node_away and node_back, Kamailio with proxy_away and proxy_back."""
