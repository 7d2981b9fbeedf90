"""Talks as Asterisk leaves them: raw files with a tone per side, and their rows."""

from datetime import UTC, datetime

import numpy as np

from crm_core.history.model import Contact, Leg, Recording

RATE = 8000
BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def raw_talk(path, seconds=4.0, *, agent=440, customer=880):
    """MixMonitor's form: 8 kHz, 16 bit, left the agent, right the customer; tones in Hz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * RATE)) / RATE
    sides = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (agent, customer)]
    path.write_bytes((np.stack(sides, axis=1) * 32767).astype("<i2").tobytes())
    return path


def loudest(samples):
    """The strongest frequency, in Hz."""
    return round(float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples)))


def rows_of_talk(leg="c1-1", *, agent="1018", began=BEGAN, ended=None):
    """A contact, its answered leg, and a recording that runs; `ended` closes contact and leg."""
    contact = leg.rpartition("-")[0]
    file = f"20261122/{leg}.raw"
    return (
        Contact(id=contact, direction="inbound", started_at=began, ended_at=ended),
        Leg(id=leg, contact_id=contact, agent=agent, offered_at=began, answered_at=began, ended_at=ended),
        Recording(contact_id=contact, leg_id=leg, agent=agent, file=file, started_at=began),
    )
