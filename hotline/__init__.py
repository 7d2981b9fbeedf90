"""The front door: settings, wiring, commands. Nobody imports this room."""

__version__ = "0.2.0"
