"""How long recordings are kept, what must stay longer, and what was deleted with the proof of it."""
