"""What Asterisk is rendered from: the settings, and the agents, queues and lines in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from asterisk_conf.proxy import ProxySite
from asterisk_conf.site import AgentPhone, AmiUser, AsteriskSite, FallbackQueue
from crm_core.workforce import queries
from hotline.lines import site_lines
from hotline.settings import Settings

SECOND = "b"
"""The name of the second Asterisk: the ids of its channels begin with it."""


async def telephone_sites(settings: Settings, session: AsyncSession) -> tuple[AsteriskSite, ...]:
    """Each Asterisk of the site, as it is now, the first one first. Raises as `telephone_site`."""
    first = await telephone_site(settings, session)
    if settings.nodes == 1:
        return (first,)
    return tuple(replace(node, **_behind_proxy(settings)) for node in (first, _second(settings, first)))


def _second(settings: Settings, first: AsteriskSite) -> AsteriskSite:
    """A carrier knows one login: the first Asterisk's. The second calls out by the trunk all the same."""
    return replace(
        first,
        node=SECOND,
        trunks=tuple(replace(trunk, registers=False) for trunk in first.trunks),
        folder=settings.second_asterisk_dir,
        secrets_of=first.folder,
        sip_port=settings.second_sip_port,
        http_port=settings.second_http_port,
        ami_port=settings.second_ami_port,
        rtp_start=settings.second_rtp_start,
        rtp_end=settings.second_rtp_end,
    )


def _behind_proxy(settings: Settings) -> dict[str, Any]:
    """For an Asterisk behind Kamailio that one is the carrier."""
    return {
        "trunk_sources": (settings.proxy_host,),
        "trunk_contact": f"sip:{settings.proxy_host}:{settings.proxy_port}",
    }


def proxy_site(settings: Settings, nodes: Sequence[AsteriskSite]) -> ProxySite | None:
    """Kamailio's; None where one Asterisk needs none."""
    if len(nodes) == 1:
        return None
    return ProxySite(
        folder=settings.proxy_dir,
        host=settings.proxy_host,
        port=settings.proxy_port,
        carriers=settings.trunk_sources,
        carrier=settings.trunk_contact,
        nodes=tuple(nodes),
    )


async def telephone_site(settings: Settings, session: AsyncSession) -> AsteriskSite:
    """The first Asterisk as it is now; raises UnusableForAsterisk for a number or address that no file may hold."""
    agents = await queries.agents(session)
    queues = await queries.queues(session)
    lines = await site_lines(settings, session)
    return AsteriskSite(
        folder=settings.asterisk_dir,
        recordings=settings.recordings_dir,
        host=settings.host,
        telephone_host=settings.telephone_host,
        external_address=settings.external_address,
        local_networks=settings.local_networks,
        stun=settings.stun[0] if settings.stun else "",
        sip_port=settings.sip_port,
        http_port=settings.asterisk_http_port,
        ami_port=settings.ami_port,
        agi_port=settings.agi_port,
        rtp_start=settings.rtp_start,
        rtp_end=settings.rtp_end,
        zone=settings.site_zone,
        hotline_numbers=settings.hotline_numbers,
        trunk_sources=settings.trunk_sources,
        trunk_contact=settings.trunk_contact,
        carrier_authorities=settings.carrier_authorities and settings.carrier_authorities.resolve(),
        trunks=lines.trunks,
        numbers=lines.numbers,
        dial_order=lines.order,
        visitors=settings.visitors,
        agents=tuple(AgentPhone(number=agent.number, contact=agent.phone_contact) for agent in agents),
        queues=tuple(
            FallbackQueue(id=queue.id, agents=tuple(agent.number for agent in agents if queue.skill in agent.skills))
            for queue in queues
        ),
        ami_users=(AmiUser(name=settings.ami_user, secret=settings.ami_secret),),
    )
