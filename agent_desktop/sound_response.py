"""The answer that is a recording's sound, with HTTP ranges, from wherever the sound lies."""

from __future__ import annotations

from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from recording.files import sound_type
from recording.vault import Vault

PRIVATE = {"Cache-Control": "private, no-store"}


class SoundResponse(FileResponse):
    """Holds the sound open in the vault while it is sent. Nothing is kept by the browser."""

    def __init__(self, vault: Vault, file: str, *, saved_as: str = "") -> None:
        """`saved_as` is the name without ending under which a browser keeps it; "" = it is only played."""
        super().__init__(file, media_type="application/octet-stream", headers=PRIVATE)
        self._vault, self._file, self._saved_as = vault, file, saved_as

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises SoundMissing or SoundAway before anything was sent."""
        async with self._vault.sound(self._file) as path:
            self.path = path
            self.headers["content-type"] = sound_type(path)
            if self._saved_as:
                self.headers["content-disposition"] = f'attachment; filename="{self._saved_as}{path.suffix}"'
            await super().__call__(scope, receive, send)
