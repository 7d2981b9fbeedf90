"""What the front door tells the web part. Nothing here reads the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent_desktop.openid import OpenIdSettings
from agent_desktop.reports.apart import ReportRoom
from agent_desktop.site import Site
from crm_core.integration.post import NOWHERE_INSIDE, Ways
from cti.wire.bus import Bus
from ivr.vocabulary import Ask, nothing_listens
from recording.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """`phone_sockets` are the origins (ws://host:port) to which the browser phones connect, for the page policy.

    `secure` tells that people come by https. `recordings`, `files` and `imports` are the folders
    below which recordings, attached files and uploaded lists lie; `prompts` are what callers hear, `own_prompts` the
    own recordings of them. `vault` opens the recordings; None = they lie plainly in their
    folder. `anchors` is the file of the audit log's anchors;
    `webhooks` says where these may lead and whose certificates they trust.
    `mails` tells that reports can be mailed, to addresses of `mail_domains` only.
    `public` = callers' phones can open the pages, by the address that is in messages; `never_heard` asks the running
    recognisers which phrases they can never hear. `redis_url` "" = no Redis: rates are counted by this process alone.
    `address` is what people type into a browser, "" = as each of them came; `sign_in_key` seals the
    second steps, None = beside the files.
    `bus` leads to the site's other web workers; None = there are none.
    `link_secret` signs links to recordings, the same in each process; "" = this process is the only one.
    `line_key` encrypts trunks' secrets; `line_addresses` are our own and those of the settings'
    line; `nodes` is how many Asterisks there are.
    `metrics_token` "" = only this machine itself reads /metrics. Without a `report_room` reports are counted here.
    """

    site: Site
    phone_sockets: tuple[str, ...] = ()
    secure: bool = False
    recordings: Path = Path("recordings")
    vault: Vault | None = None
    files: Path = Path("files")
    anchors: Path = Path("audit-anchors.log")
    webhooks: Ways = NOWHERE_INSIDE
    imports: Path = Path("imports")
    redis_url: str = ""
    metrics_token: str = ""
    link_secret: str = ""
    bus: Bus | None = None
    prompts: Path = Path("prompts")
    own_prompts: Path = Path("own-prompts")
    line_key: Path = Path("line-key")
    line_addresses: tuple[str, ...] = ()
    nodes: int = 1
    public: bool = True
    never_heard: Ask = nothing_listens
    mail_domains: tuple[str, ...] = ()
    mails: bool = False
    report_room: ReportRoom | None = None
    address: str = ""
    sign_in_key: Path | None = None
    openid: OpenIdSettings | None = None
