"""Hosts of a test's own on this machine: network namespaces, with cables between them. They go when the test ends.

Only the thread that enters a host is there, with what it starts: programs, sockets, name look-ups.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET; os.unshare and os.setns come with Python 3.12


class HostsUnavailable(Exception):
    """This user may not make a host; the message says what is missing."""


def _checked(status: int) -> None:
    if status != 0:
        raise HostsUnavailable(f"hosts of a test's own need root: {os.strerror(ctypes.get_errno())}")


def _this_place() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@contextmanager
def _back_afterwards() -> Iterator[None]:
    here = _this_place()
    try:
        yield
    finally:
        _checked(_LIBC.setns(here, _NEW_NETWORK))
        os.close(here)


class Host:
    """A machine with loopback alone, until it is wired. Raises HostsUnavailable."""

    def __init__(self) -> None:
        with _back_afterwards():
            _checked(_LIBC.unshare(_NEW_NETWORK))
            self._place = _this_place()
            self.run("ip", "link", "set", "lo", "up")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The block runs on this host."""
        with _back_afterwards():
            _checked(_LIBC.setns(self._place, _NEW_NETWORK))
            yield

    def run(self, *command: str) -> None:
        with self.inside():
            subprocess.run(command, check=True)

    def wire(self, cable: str, other: Host, addresses: Sequence[str], others: Sequence[str]) -> None:
        """One cable, named so at both ends, with addresses such as 198.51.100.1/24 at each."""
        end = f"/proc/{os.getpid()}/fd/{other._place}"
        self.run("ip", "link", "add", cable, "type", "veth", "peer", "name", cable, "netns", end)
        for host, own in ((self, addresses), (other, others)):
            for address in own:
                # No look for others with the same IPv6 address: it would be of no use for a second or two.
                no_look = ("nodad",) if ":" in address else ()
                host.run("ip", "address", "add", address, "dev", cable, *no_look)
            host.run("ip", "link", "set", cable, "up")

    def route(self, *by: str) -> None:
        """All that is not near goes by these gateways, one of each kind."""
        for gateway in by:
            self.run("ip", "-6" if ":" in gateway else "-4", "route", "add", "default", "via", gateway)

    def forward(self) -> None:
        """Passes on what is for others."""
        with self.inside():
            for switch in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
                Path("/proc/sys/net", switch).write_text("1")

    def refuse_udp(self, cable: str) -> None:
        """A firewall: no UDP that comes by the cable is passed on; what is for this host itself comes in."""
        for family in ("-4", "-6"):
            self.run("ip", family, "rule", "add", "iif", cable, "ipproto", "udp", "priority", "100", "prohibit")

    def without_udp(self) -> None:
        """No UDP leaves this host, to whomever."""
        for family in ("-4", "-6"):
            self.run("ip", family, "rule", "add", "ipproto", "udp", "priority", "100", "prohibit")

    def close(self) -> None:
        """The host is gone as soon as no program runs on it."""
        os.close(self._place)
