"""Whether a site's pages answer, asked as a monitor does."""

from __future__ import annotations

import httpx2

from hotline.shape import plainly


def pages_answer(address: str) -> bool:
    """False for a moment after a kill: calls are routed before the pages are loaded."""
    try:
        answer = httpx2.get(f"{address}/healthz", trust_env=False, timeout=2, verify=plainly())
    except httpx2.HTTPError:
        return False
    return answer.status_code == 200
