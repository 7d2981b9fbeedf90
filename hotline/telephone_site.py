"""What Asterisk is rendered from: the settings, and the agents and queues in the database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from asterisk_conf.site import AgentPhone, AmiUser, AsteriskSite, FallbackQueue
from crm_core.workforce import queries
from hotline.settings import Settings


async def telephone_site(settings: Settings, session: AsyncSession) -> AsteriskSite:
    """The site as it is now; raises UnusableForAsterisk for a number or address that no file may hold."""
    agents = await queries.agents(session)
    queues = await queries.queues(session)
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
        visitors=settings.visitors,
        agents=tuple(AgentPhone(number=agent.number, contact=agent.phone_contact) for agent in agents),
        queues=tuple(
            FallbackQueue(id=queue.id, agents=tuple(agent.number for agent in agents if queue.skill in agent.skills))
            for queue in queues
        ),
        ami_users=(AmiUser(name=settings.ami_user, secret=settings.ami_secret),),
    )
