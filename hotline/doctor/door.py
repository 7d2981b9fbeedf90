"""The door to other machines: is its certificate one that browsers take, and for how long?"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from agent_desktop.words import N_
from crm_core import clock
from hotline.doctor.findings import Finding, absent, fault, fine, warning
from hotline.door.certificate import CertificateRefused, examine
from hotline.settings import Settings

SOON = timedelta(days=14)


def certificate(settings: Settings) -> Finding:
    """The refusal's own sentence has the remedy."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return absent("certificate", N_("not used: only this machine, or a proxy before it, opens the pages"))
    host = urlsplit(settings.public_url).hostname or ""
    try:
        found = examine(settings.tls_certificate, settings.tls_key, host=host, now=clock.now())
    except CertificateRefused as refused:
        remedy = N_("Put the right files in place; hotline serve takes a renewed one by itself.")
        return fault("certificate", N_("{sentence}"), remedy, sentence=str(refused))
    values = {"names": ", ".join(found.names), "ends": f"{found.ends:%Y-%m-%d}"}
    if found.ends - clock.now() < SOON:
        told, remedy = N_("The one for {names} ends on {ends}."), N_("Renew it with your authority in time.")
        return warning("certificate", told, remedy, **values)
    return fine("certificate", N_("for {names}, until {ends}"), **values)
