"""The Asterisks of the site as one: most have one. With two, both are asked and told, and Kamailio deals the calls."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from agent_desktop.words import N_
from asterisk_conf.install import AsteriskBuild, AsteriskUnavailable
from asterisk_conf.kamailio import KamailioUnavailable, find_kamailio
from asterisk_conf.process import AsteriskProcess
from asterisk_conf.proxy import KamailioProcess
from asterisk_conf.site import AsteriskSite
from hotline.asterisk_keeper import LOOK_EVERY, AsteriskKeeper, stopped_within
from hotline.packages import SetupRefused
from hotline.ports import require_free
from hotline.settings import Settings
from hotline.telephone_site import proxy_site
from hotline.terminal import say, tell

T = TypeVar("T")
UDP = socket.SOCK_DGRAM
PAUSE_SECONDS = 2.0

Sites = Callable[[], Awaitable[Sequence[AsteriskSite]]]


class Asterisks:
    """`nodes` has the first one first; `site`, `rx` and what reloads are as AsteriskProcess has them."""

    def __init__(self, sites: Sequence[AsteriskSite], build: AsteriskBuild) -> None:
        self.nodes = tuple(AsteriskProcess(site, build) for site in sites)

    @property
    def site(self) -> AsteriskSite:
        return self.nodes[0].site

    @property
    def more(self) -> tuple[AsteriskSite, ...]:
        return tuple(node.site for node in self.nodes[1:])

    def rx(self, command: str) -> str:
        """What all that answer say. Raises AsteriskUnavailable when none does."""
        return "\n".join(self._of_each(lambda node: node.rx(command)))

    def reload_workforce(self, sites: Sequence[AsteriskSite]) -> None:
        """One that is away reads its files, which are written all the same, when it starts again."""
        by_name = {site.node: site for site in sites}
        self._of_each(lambda node: node.reload_workforce(by_name[node.site.node]))

    def reload_lines(self, sites: Sequence[AsteriskSite]) -> None:
        """As `reload_workforce`: trunks and published numbers."""
        by_name = {site.node: site for site in sites}
        self._of_each(lambda node: node.reload_lines(by_name[node.site.node]))

    def _of_each(self, work: Callable[[AsteriskProcess], T]) -> list[T]:
        done: list[T] = []
        away: list[AsteriskUnavailable] = []
        for node in self.nodes:
            try:
                done.append(work(node))
            except AsteriskUnavailable as refused:
                away.append(refused)
        if not done:
            raise away[0]
        return done


class Exchange:
    """Started, kept up and ended by `hotline run`: every Asterisk, and Kamailio where there are two."""

    def __init__(self, settings: Settings, sites: Sequence[AsteriskSite], build: AsteriskBuild) -> None:
        self.asterisks = Asterisks(sites, build)
        self._settings = settings
        proxy = proxy_site(settings, sites)
        try:
            self._proxy = KamailioProcess(proxy, find_kamailio(settings.cache_dir, tell)) if proxy else None
        except KamailioUnavailable as refused:
            raise SetupRefused(refused.message_id, **refused.values) from None

    def require_free_ports(self) -> None:
        """Raise SetupRefused for a port that another program has."""
        names = ("HOTLINE_SIP_PORT", "HOTLINE_AMI_PORT", "HOTLINE_ASTERISK_HTTP_PORT")
        of_second = ("HOTLINE_SECOND_SIP_PORT", "HOTLINE_SECOND_AMI_PORT", "HOTLINE_SECOND_HTTP_PORT")
        for node, settings in zip(self.asterisks.nodes, (names, of_second), strict=False):
            if node.pid is None:
                _require_free(node.site, settings)
        if self._proxy is not None and self._proxy.pid is None:
            self._proxy.end_left_over()
            require_free(self._proxy.site.host, self._proxy.site.port, "HOTLINE_PROXY_PORT", UDP)

    @property
    def pids(self) -> set[int]:
        """Of what runs now."""
        running = [node.pid for node in self.asterisks.nodes]
        if self._proxy is not None:
            running.append(self._proxy.pid)
        return {pid for pid in running if pid is not None}

    def start(self) -> bool:
        """False = an Asterisk was running already. Raises AsteriskUnavailable or SetupRefused with one sentence."""
        fresh = [node.start() for node in self.asterisks.nodes]
        if self._proxy is not None:
            try:
                self._proxy.start()
            except KamailioUnavailable as refused:
                raise SetupRefused(refused.message_id, **refused.values) from None
        return all(fresh)

    def stop(self) -> None:
        """All at once: each may need seconds."""
        stops = [node.stop for node in self.asterisks.nodes]
        if self._proxy is not None:
            stops.append(self._proxy.stop)
        with ThreadPoolExecutor(len(stops)) as pool:
            for ended in [pool.submit(stop) for stop in stops]:
                ended.result()

    async def keep(self, sites: Sites, stop: asyncio.Event) -> None:
        """Until `stop` is set: what ends is started again."""
        keepers = [self._keeper(place, sites, stop) for place in range(len(self.asterisks.nodes))]
        await asyncio.gather(*(keeper.run() for keeper in keepers), self._keep_proxy(stop))

    def _keeper(self, place: int, sites: Sites, stop: asyncio.Event) -> AsteriskKeeper:
        node = self.asterisks.nodes[place]

        async def site() -> AsteriskSite:
            return (await sites())[place]

        return AsteriskKeeper(node, site, stop, self._left_behind)

    def _left_behind(self, node: AsteriskSite) -> None:
        if self._proxy is not None and (calls := self._proxy.control.node_ended(node)):
            say(N_("{count} calls of the Asterisk that ended were hung up at the carrier."), count=calls)

    async def _keep_proxy(self, stop: asyncio.Event) -> None:
        if self._proxy is None:
            return
        while not await stopped_within(stop, LOOK_EVERY):
            if self._proxy.pid is None:
                say(N_("Kamailio has ended; starting it again."))
                try:
                    await asyncio.to_thread(self._proxy.start)
                except KamailioUnavailable as refused:
                    say(refused.message_id, **refused.values)
                    await stopped_within(stop, PAUSE_SECONDS)


def _require_free(site: AsteriskSite, settings: tuple[str, str, str]) -> None:
    sip, ami, http = settings
    require_free(site.sip_host, site.sip_port, sip, UDP)
    require_free(site.host, site.ami_port, ami)
    require_free(site.host, site.http_port, http)
