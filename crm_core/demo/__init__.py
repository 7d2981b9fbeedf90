"""The demo site: a fictional car maker's customers, dealers, agents and a month of contacts, the same every time."""
