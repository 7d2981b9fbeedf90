"""Forecast, staffing, shifts and adherence on the screen."""
