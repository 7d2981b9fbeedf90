"""Addresses of another CRM with gaps for a call's facts. Pure.

https only, to hosts that an administrator allowed; what is filled in is percent-encoded and never reaches the host.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlsplit

from crm_core.errors import Invalid

GAPS = ("caller_e164", "called", "linkedid", "queue", "agent", "direction", "customer_id", "customer_name", "language")
SAMPLE: Mapping[str, str] = {
    "caller_e164": "+8613843107706",
    "called": "4001718888",
    "linkedid": "1784169600.17",
    "queue": "repair",
    "agent": "1018",
    "direction": "inbound",
    "customer_id": "17",
    "customer_name": "陈建国",
    "language": "zh-CN",
}
LONGEST = 500
_GAP = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"(?=.{1,120}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?")


def check_host(text: str) -> str:
    """`crm.example.com` or `crm.example.com:8443` in lower case; Invalid for anything else."""
    host = text.strip().lower()
    if not _HOST.fullmatch(host):
        raise Invalid("Write a host alone: crm.example.com.", field="host")
    return host


def check_template(template: str, hosts: Collection[str]) -> str:
    """The template, trimmed. Raises Invalid with what to write instead."""
    text = template.strip()
    if len(text) > LONGEST or not text.isprintable() or " " in text or "\\" in text or not text.isascii():
        raise Invalid("Write an address of at most {most} characters, without spaces.", most=LONGEST, field="template")
    unknown = [gap for gap in _GAP.findall(text) if gap not in GAPS]
    if unknown:
        raise Invalid("There is no {gap}. Choose from the list.", gap="{" + unknown[0][:40] + "}", field="template")
    filled = fill(text, SAMPLE)
    if "{" in filled or "}" in filled:
        raise Invalid("A brace is left open.", field="template")
    try:
        parts = urlsplit(text)
        host = parts.netloc.lower()
    except ValueError:
        raise Invalid("Write a whole address, https://crm.example.com/…", field="template") from None
    if parts.scheme != "https" or not host or "{" in host or "@" in host:
        raise Invalid("The address begins with https:// and a host without gaps.", field="template")
    if host not in hosts:
        raise Invalid("{host} is not an allowed host. Allow it first.", host=host[:60], field="template")
    return text


def fill(template: str, values: Mapping[str, str]) -> str:
    """The address for one call; a fact that is not known is empty."""
    return _GAP.sub(lambda gap: quote(values.get(gap[1], ""), safe="") if gap[1] in GAPS else gap[0], template)
