"""The seals of the packed recordings, as they stand in the site's chain: each can be worked out again. Pure.

A seal's hash is the SHA-256 of a JSON list: the hash of the seal before, then its fields in the order of `FIELDS`. So a
seal that was changed shows here, and one that was made later shows against the site's chain, whose end is told too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FIELDS = (
    "n",
    "recording_id",
    "kind",
    "file",
    "place",
    "sha256",
    "plain_sha256",
    "bytes",
    "replaces",
    "sealed_at_microseconds",
)


def hash_of(seal: Mapping[str, Any]) -> str:
    """What the seal's hash must be."""
    told = [seal.get("previous", ""), *(seal.get(name) for name in FIELDS)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def faults_of_seals(part: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    """What does not hold together, one sentence each. A recording without a seal is no fault: the manifest says so."""
    seals = part.get("seals", [])
    if not isinstance(seals, list) or not all(isinstance(one, dict) for one in seals):
        return ["this is no list of seals"]
    told = [f"seal {one.get('n')}: its fields do not fit its hash" for one in seals if hash_of(one) != one.get("hash")]
    last = {one.get("recording_id"): one for one in sorted(seals, key=lambda one: one.get("n") or 0)}
    for one in manifest.get("recordings", []):
        seal = last.get(one.get("id"))
        if one.get("seal") and seal is None:
            told.append(f"recording {one.get('id')}: the manifest tells of a seal that is not here")
        elif seal is not None and one.get("file") and seal.get("plain_sha256") != one.get("sha256"):
            told.append(f"recording {one.get('id')}: the sound is not the one that was sealed")
    return told
