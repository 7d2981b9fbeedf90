"""Prospects: from any contact to a dealer, and back as won or lost."""
