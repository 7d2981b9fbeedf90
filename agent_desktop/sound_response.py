"""The answer that is a recording's sound, with HTTP ranges, from wherever the sound lies."""

from __future__ import annotations

from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from recording.files import sound_type
from recording.vault import Vault

PRIVATE = {"Cache-Control": "private, no-store"}


class SoundResponse(FileResponse):
    """Holds the sound open in the vault while it is sent. Nothing is kept by the browser."""

    def __init__(self, vault: Vault, file: str) -> None:
        super().__init__(file, media_type="application/octet-stream", headers=PRIVATE)
        self._vault, self._file = vault, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises SoundMissing or SoundAway before anything was sent."""
        async with self._vault.sound(self._file) as path:
            self.path = path
            self.headers["content-type"] = sound_type(path)
            await super().__call__(scope, receive, send)
