"""Which ports this site listens on, for whom, and whether they are free: asked before anything is started."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from hotline.addresses import is_ipv6
from hotline.packages import SetupRefused
from hotline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """`port` may be a range. `whom` is who must reach it from outside, "" = nobody but this machine."""

    setting: str
    protocol: str
    address: str
    port: str
    purpose: str
    purpose_zh: str
    whom: str = ""
    whom_zh: str = ""


def listening(settings: Settings) -> tuple[Listener, ...]:
    """Every port of the site as it would be started now: `hotline serve` with a `bind`, `hotline run` without."""
    outside = settings.telephone_host
    opened = settings.is_open
    door = Listener(
        setting="HOTLINE_HTTPS_PORT",
        protocol="tcp",
        address=settings.bind,
        port=str(settings.https_port),
        purpose="pages and the signalling of browser phones (https, wss)",
        purpose_zh="页面与浏览器电话的信令（https、wss）",
        whom="everybody who works here or at a dealer",
        whom_zh="所有坐席、管理人员与经销商",
    )
    telephones = (
        Listener(
            setting="HOTLINE_SIP_PORT",
            protocol="udp",
            address=outside,
            port=str(settings.sip_port),
            purpose="calls of the telephone company and of desk phones (SIP)",
            purpose_zh="运营商线路与桌面话机的呼叫（SIP）",
            whom="the telephone company and the desk phones alone" if opened else "",
            whom_zh="仅运营商与桌面话机" if opened else "",
        ),
        Listener(
            setting="HOTLINE_RTP_START, HOTLINE_RTP_END",
            protocol="udp",
            address=outside,
            port=f"{settings.rtp_start}-{settings.rtp_end}",
            purpose="sound of all calls (RTP; encrypted with browsers)",
            purpose_zh="所有通话的声音（RTP；与浏览器之间加密）",
            whom="everybody who telephones here: browsers, desk phones, the telephone company" if opened else "",
            whom_zh="所有在此通话的一方：浏览器、桌面话机、运营商" if opened else "",
        ),
    )
    return (*((door,) if opened else ()), *telephones, *_of_this_machine(settings), *_of_the_second(settings))


def _of_the_second(settings: Settings) -> tuple[Listener, ...]:
    """Where a site has two Asterisks: docs/en/two-asterisks.md."""
    if settings.nodes == 1:
        return ()
    inside, outside, whom = settings.host, settings.telephone_host, "as the first Asterisk's"
    sound = f"{settings.second_rtp_start}-{settings.second_rtp_end}"
    rows = (
        ("HOTLINE_PROXY_PORT", "udp", settings.proxy_host, settings.proxy_port, "the telephone company"),
        ("HOTLINE_SECOND_SIP_PORT", "udp", outside, settings.second_sip_port, "the desk phones"),
        ("HOTLINE_SECOND_RTP_START, HOTLINE_SECOND_RTP_END", "udp", outside, sound, whom),
        ("HOTLINE_SECOND_HTTP_PORT", "tcp", inside, settings.second_http_port, ""),
        ("HOTLINE_SECOND_AMI_PORT", "tcp", inside, settings.second_ami_port, ""),
    )
    return tuple(
        Listener(
            setting=setting,
            protocol=protocol,
            address=address,
            port=str(port),
            purpose="the second Asterisk",
            purpose_zh="第二台 Asterisk",
            whom=reached,
        )
        for setting, protocol, address, port, reached in rows
    )


def _of_this_machine(settings: Settings) -> tuple[Listener, ...]:
    """Nobody outside needs these, whatever is opened."""
    rows = (
        ("HOTLINE_WEB_PORT", settings.web_port, "the platform's pages, behind the door", "平台页面（在入口之后）"),
        (
            "HOTLINE_ASTERISK_HTTP_PORT",
            settings.asterisk_http_port,
            "Asterisk's WebSocket of the browser phones, behind the door",
            "Asterisk 的浏览器电话 WebSocket（在入口之后）",
        ),
        ("HOTLINE_AMI_PORT", settings.ami_port, "Asterisk's manager interface", "Asterisk 管理接口（AMI）"),
        ("HOTLINE_AGI_PORT", settings.agi_port, "the menus of the platform (FastAGI)", "平台的语音菜单（FastAGI）"),
    )
    return tuple(
        Listener(
            setting=setting,
            protocol="tcp",
            address=settings.host,
            port=str(port),
            purpose=purpose,
            purpose_zh=purpose_zh,
        )
        for setting, port, purpose, purpose_zh in rows
    )


def require_free(host: str, port: int, setting: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    """Raise SetupRefused when another program has the port or we may not have it."""
    family = socket.AF_INET6 if is_ipv6(host) else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if family == socket.AF_INET6:  # as asyncio opens it: `::` takes nothing from IPv4
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind is socket.SOCK_STREAM:  # as servers do: a port in TIME_WAIT is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise SetupRefused(
                "Port {port} needs root. Set {setting} to one above 1023.", port=port, setting=setting
            ) from None
        except OSError as taken:
            raise SetupRefused(
                "Port {port} on {host} is taken by another program ({reason}). "
                "End it, or set {setting} to a free port.",
                port=port,
                host=host,
                reason=taken.strerror,
                setting=setting,
            ) from None
