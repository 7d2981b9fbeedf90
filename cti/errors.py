"""What cti refuses or fails with.

AsteriskUnreachable (503)  no link, or no answer in time
AsteriskRefused (502)      Asterisk said no
"""

from __future__ import annotations

from crm_core.errors import PlatformError, Unreachable


class AsteriskUnreachable(Unreachable):
    def __init__(self, action: str) -> None:
        super().__init__("The telephone system does not answer ({action}).", action=action)


class AsteriskRefused(PlatformError):
    status = 502

    def __init__(self, action: str, answer: str) -> None:
        super().__init__("The telephone system refused: {action}: {answer}", action=action, answer=answer)
        self.answer = answer

    @property
    def is_gone(self) -> bool:
        """The channel is not there any more."""
        return "No such channel" in self.answer or "Channel does not exist" in self.answer
