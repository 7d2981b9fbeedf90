"""Is a port free? Asked before anything is started, so that the answer is one sentence."""

from __future__ import annotations

import socket

from hotline.packages import SetupRefused


def require_free(host: str, port: int, setting: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    """Raise SetupRefused when another program has the port or we may not have it."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:  # as servers do: a port in TIME_WAIT is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise SetupRefused(f"Port {port} needs root. Set {setting} to one above 1023.") from None
        except OSError as taken:
            raise SetupRefused(
                f"Port {port} on {host} is taken by another program ({taken.strerror}). "
                f"End it, or set {setting} to a free port."
            ) from None
