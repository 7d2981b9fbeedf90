"""The telephone side of a site: Asterisk, prompts, recognisers, the trunk."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket

from agent_desktop.words import N_
from asterisk_conf.install import cached, on_path
from hotline.doctor.findings import Finding, absent, fault, fine
from hotline.looks import ask_sip
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from ivr.catalogue import LANGUAGES
from ivr.prompts import check_prompts

TRUNK_SECONDS = 4.0
_SIP = re.compile(r"sips?:(?:[^@]*@)?(\[[0-9A-Fa-f:]+\]|[^:;?]+)(?::(\d+))?")


def asterisk(settings: Settings) -> Finding:
    build = on_path() or cached(settings.cache_dir)
    if build is None:
        remedy = N_("Run: hotline setup. Where there is no Debian mirror see docs/other-systems.md.")
        return fault("asterisk", N_("There is no Asterisk 22.10.1 or newer."), remedy)
    return fine("asterisk", N_("Asterisk {version}"), version=build.version.removeprefix("Asterisk "))


def prompts(settings: Settings) -> Finding:
    faults = check_prompts(settings.prompts_dir)
    if faults:
        told = N_("{count} prompts are missing or cannot be played, the first: {first}.")
        return fault("prompts", told, N_("Run: hotline setup"), count=len(faults), first=faults[0].rstrip("."))
    return fine("prompts", N_("all are there"))


def models(settings: Settings) -> list[Finding]:
    """Without one callers answer by keys: no fault."""
    there = vosk_models(settings)
    found = []
    for language in LANGUAGES:
        folder = there.get(language)
        if folder is None:
            told, remedy = (
                N_("No recogniser for {language}: callers answer by keys."),
                N_("Run: hotline speech install"),
            )
            found.append(absent("speech", told, remedy, language=language))
        elif not (folder / "conf").is_dir() and not (folder / "am").is_dir():
            told = N_("{folder} is no Vosk model.")
            remedy = N_("Remove it and run hotline speech install, or correct HOTLINE_SPEECH_MODELS.")
            found.append(fault("speech", told, remedy, folder=folder))
        else:
            found.append(fine("speech", N_("recogniser for {language}"), language=language))
    return found


def trunk(settings: Settings) -> Finding:
    """Is there an answer to OPTIONS where outgoing calls go? Any answer will do: it shows the way and the peer."""
    found = _SIP.match(settings.trunk_contact)
    if found is None:
        remedy = N_("Set HOTLINE_TRUNK_CONTACT to sip:host:port of the carrier.")
        return fault("trunk", N_("{contact} is no SIP address."), remedy, contact=settings.trunk_contact)
    host, port = found[1].strip("[]"), int(found[2] or 5060)
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4]
    except OSError:
        remedy = N_("Correct HOTLINE_TRUNK_CONTACT, or ask who keeps the name server.")
        return fault("trunk", N_("The name {host} is not known."), remedy, host=host)
    if ipaddress.ip_address(address[0]).is_loopback:
        return absent(
            "trunk", N_("no carrier in the settings ({contact}); trunks are entered at /admin/lines"), contact=found[0]
        )
    try:
        asyncio.run(asyncio.wait_for(ask_sip(str(address[0]), port), TRUNK_SECONDS))
    except (TimeoutError, OSError, ValueError):
        told = N_("The carrier at {host}:{port} gives no answer to OPTIONS.")
        remedy = N_("See that the firewall lets UDP to it out and back, and that the carrier knows this address.")
        return fault("trunk", told, remedy, host=host, port=port)
    return fine("trunk", N_("{host}:{port} answers"), host=host, port=port)
