"""Live text of talks on this site: recognisers of its own, so that callers in a menu are heard all the same."""

from __future__ import annotations

from cti.live_texts import LiveTexts
from hotline.settings import Settings
from hotline.speech_models import vosk_models
from ivr.recogniser_pool import Recognisers


def live_texts(settings: Settings) -> LiveTexts | None:
    """None where no processes are set aside for it."""
    if not settings.live_text_processes:
        return None
    return LiveTexts(Recognisers(vosk_models(settings), processes=settings.live_text_processes))
