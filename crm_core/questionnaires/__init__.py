"""Questionnaires as versions, and what customers answered: by key, by voice, to an agent or by a link."""
