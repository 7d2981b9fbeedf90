"""Where this site's recordings lie and with which keys, by its settings."""

from __future__ import annotations

from crm_core.db import Database
from hotline.settings import Settings
from recording.data_keys import DataKeys
from recording.object_store import S3, ObjectStore, S3Place
from recording.site_keys import SiteKeys
from recording.vault import Vault


def site_vault(settings: Settings, database: Database) -> Vault:
    """The one of this process. ImportError, with what to install, when S3 is wanted and its library is not there."""
    keys = DataKeys(database, SiteKeys(settings.keys_file))
    copies = settings.run_dir.resolve() / "sound-copies"
    return Vault(settings.recordings_dir, store=_store(settings), keys=keys, copies=copies)


def _store(settings: Settings) -> ObjectStore | None:
    if not settings.recordings_bucket:
        return None
    place = S3Place(
        bucket=settings.recordings_bucket,
        access_key=settings.recordings_s3_key,
        secret_key=settings.recordings_s3_secret.get_secret_value(),
        endpoint=settings.recordings_s3_endpoint,
        region=settings.recordings_s3_region,
        prefix=settings.recordings_s3_prefix.strip("/"),
    )
    return S3(place)
