"""Vehicles by VIN and plate, and who has which role to them."""
