"""Everything an operator may set, from HOTLINE_* environment variables. Only the front door reads this."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent_desktop.openid import OpenIdSettings
from agent_desktop.reports.mail_server import MailServer
from crm_core.db import with_our_driver
from crm_core.integration.post import Ways
from cti.ice import IceServers
from hotline.addresses import in_url, telephone_address

PHONE_PATH = "/sip"  # at the door: the WebSocket of the browser phones
SECOND_PHONE_PATH = "/sip-b"  # that of the second Asterisk


class Settings(BaseSettings):
    """Ports are on `host`; the defaults are a demo site on loopback."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_file=".env", extra="ignore")

    host: str = "127.0.0.1"  # of what only this machine may reach
    web_port: int = 8000
    bind: str = ""  # the address at which `hotline serve` opens the site to others; "" = this machine only
    telephone_address: str = ""  # IPv4, of SIP and sound; "" = that of `bind`
    https_port: int = Field(default=8443, ge=1, le=65_535)  # of the door: pages and browser phones
    tls_certificate: Path | None = None  # PEM: the site's certificate, then those between it and the root
    tls_key: Path | None = None  # PEM: its private key
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed, e.g. ["10.0.0.5"]
    external_address: str = ""  # the public IPv4 address of a machine behind NAT; "" = its own
    local_networks: tuple[str, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # no NAT leads into these
    stun: tuple[str, ...] = ()  # for browser phones behind NAT, e.g. ["stun.example.com:3478"]
    turn: tuple[str, ...] = ()  # relays, e.g. ["turn.example.com:3478?transport=udp"], TLS: "turns:…"
    turn_secret: SecretStr = SecretStr("")  # shared with the relay: short-lived passwords (coturn use-auth-secret)
    turn_user: str = ""  # for a relay that knows fixed passwords only
    turn_password: SecretStr = SecretStr("")
    sip_port: int = 5160
    asterisk_http_port: int = 8188
    ami_port: int = 5138
    ami_user: str = "hotline"
    ami_secret: str = ""  # "" = made by `hotline run`, kept in run_dir
    agi_port: int = 4673
    rtp_start: int = 28000
    rtp_end: int = 31000
    trunk_sources: tuple[str, ...] = ("127.0.0.2",)  # addresses the telephone company calls from
    trunk_contact: str = "sip:127.0.0.2:5380"  # where outgoing calls go
    carrier_authorities: FilePath | None = None  # PEM: who signs carriers' certificates (TLS); None = the system's
    log_format: Literal["text", "json"] = "text"  # of platform.log; json: one object a line
    nodes: int = Field(default=1, ge=1, le=2)  # Asterisks; two are behind Kamailio, see docs/en/two-asterisks.md
    second_sip_port: int = 5161
    second_http_port: int = 8189
    second_ami_port: int = 5139
    second_rtp_start: int = 31_002
    second_rtp_end: int = 34_000
    proxy_host: str = "127.0.0.4"  # Kamailio's own address: whatever comes from it is the telephone company's
    proxy_port: int = 5060
    visitors: int = 4  # callers by the customer-phone page at the same time
    callback_tries: int = 3  # calls of a customer who wanted to be called back, until it is given up
    callback_again_minutes: float = 5.0
    campaign_lines: int = Field(default=60, ge=0, le=2_000)  # lines of all campaigns at once; 0 = nobody is dialled
    campaign_calls_a_minute: int = Field(default=120, ge=0, le=6_000)
    run_dir: Path = Path("run")
    cache_dir: Path = Field(default_factory=lambda: Path.home() / ".cache" / "hotline")
    files_dir: Path | None = None  # what people attach; None = in run_dir
    speech_models: dict[str, Path] = Field(default_factory=dict)  # {"zh-CN": folder of a Vosk model}, own ones
    speech_processes: int = Field(default=1, ge=1, le=16)  # recognisers per language, each with 8 callers who speak
    live_text_processes: int = Field(default=1, ge=0, le=16)  # recognisers per language for talks; 0 = no live text
    live_text_spare: float = 0.2  # cores that must have nothing to do beside a talk that is to become text
    own_prompts_dir: Path | None = None  # own recordings, see docs/prompts.md; None = beside the files
    queue_log: Path | None = None  # for QueueMetrics, Asternic and their like, see docs/other-systems.md; None = off
    audit_anchors: Path | None = None  # the audit log's anchors: best on another disk; None = in run_dir
    recording_keys: Path | None = None  # the keys with which recordings are encrypted; None = in run_dir; see docs
    line_key: Path | None = None  # the key with which trunks' secrets are encrypted; None = in run_dir
    recordings_bucket: str = ""  # of an S3-compatible store for finished recordings; "" = they stay on this disk
    recordings_s3_endpoint: str = ""  # https://host:port; "" = Amazon's own for the region
    recordings_s3_region: str = "us-east-1"
    recordings_s3_prefix: str = ""  # put before each object's name
    recordings_s3_key: str = ""
    recordings_s3_secret: SecretStr = SecretStr("")
    backup_dir: Path | None = None  # where `hotline backup` puts them: best on another machine's disk; see docs
    backup_passphrase: SecretStr = SecretStr("")  # encrypts secrets and keys in a backup; "" = they lie open in it
    webhook_networks: tuple[str, ...] = ()  # internal networks that webhooks may lead into, e.g. 10.1.2.0/24
    webhook_authorities: FilePath | None = None  # PEM: who signs internal receivers' certificates, beside public ones
    smtp_host: str = ""  # who takes our mail, for reports; "" = no mail goes out
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"  # none: only for a server on this machine
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_sender: str = ""  # e.g. reports@example.com
    mail_domains: tuple[str, ...] = ()  # reports go to addresses of these only, e.g. ["example.com"]
    database_url: str = ""  # postgresql://user@host/name; "" = SQLite in run_dir
    standby: bool = False  # a second platform process that takes over within 5 s; see docs/en/standby.md
    metrics_token: str = ""  # who sends it as Bearer reads /metrics from anywhere; "" = only this machine itself
    redis_url: str = ""  # redis://host:6379/0: where more than one process meets, see docs/en/processes.md
    web_workers: int = Field(default=0, ge=0, le=64)  # processes for the pages; 0 = the platform has them
    sign_in_key: Path | None = None  # seals people's second steps; best not with the database; None = in run_dir
    oidc_issuer: str = ""  # the organisation's OpenID provider, e.g. https://login.example.com/realms/staff
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = "preferred_username"  # whose value is the personnel number
    oidc_name: str = ""  # on the button; "" = "your organisation's account"
    site_name: str = "远辰客户中心"
    public_url: str = ""  # where callers' phones find the pages, e.g. https://hotline.example.com; "" = web_address
    site_zone: str = "Asia/Shanghai"
    hotline_numbers: tuple[str, ...] = ("4001718888", "8008201111")
    demo: bool = True
    demo_calls: bool = True  # simulated customers and agents keep the demo moving
    demo_seconds_between_calls: float = 9.0
    demo_seed: int = 1

    @property
    def database(self) -> str:
        return with_our_driver(self.database_url) or f"sqlite+aiosqlite:///{self.run_dir.resolve() / 'hotline.db'}"

    @property
    def line_addresses(self) -> tuple[str, ...]:
        """Our own, those of the settings' line and Kamailio's: no trunk of the records may have one of them."""
        return (self.host, *self.trunk_sources, *((self.proxy_host,) if self.nodes > 1 else ()))

    @property
    def mail_server(self) -> MailServer:
        return MailServer(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password.get_secret_value(),
            sender=self.mail_sender,
            domains=self.mail_domains,
        )

    @property
    def webhooks(self) -> Ways:
        return Ways(self.webhook_networks, self.webhook_authorities)

    @property
    def web_address(self) -> str:
        """Where the platform itself answers, on this machine."""
        return f"http://{self.host}:{self.web_port}"

    @property
    def is_open(self) -> bool:
        """Whether people come through the door of `hotline serve`, by https."""
        return bool(self.bind)

    @property
    def telephone_host(self) -> str:
        """Where SIP and sound are served."""
        return telephone_address(self.bind, self.telephone_address) if self.bind else self.host

    @property
    def peoples_address(self) -> str:
        """What people type into a browser."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"https://{in_url(self.bind)}:{self.https_port}" if self.bind else self.web_address

    @property
    def callers_address(self) -> str:
        """What a link in a message to a caller begins with. A phone shares its place with an https page only."""
        return self.peoples_address

    @property
    def calls_to(self) -> tuple[str, int]:
        """Where the telephone company sends its calls: Asterisk, or Kamailio before two of them."""
        return (self.telephone_host, self.sip_port) if self.nodes == 1 else (self.proxy_host, self.proxy_port)

    @property
    def phone_sockets(self) -> tuple[str, ...]:
        """The origins to which browser phones connect: each Asterisk's; behind the door it is the page's own."""
        if self.is_open:
            return ("wss" + self.public_url.removeprefix("https").rstrip("/"),) if self.public_url else ()
        ports = (self.asterisk_http_port, self.second_http_port)[: self.nodes]
        return tuple(f"ws://{self.host}:{port}" for port in ports)

    @property
    def phone_socket_urls(self) -> tuple[str, ...]:
        """What a browser phone is told, of each Asterisk; a path = on the page's own origin."""
        if self.is_open:
            return (PHONE_PATH, SECOND_PHONE_PATH)[: self.nodes]
        return tuple(f"{socket}/ws" for socket in self.phone_sockets)

    @property
    def ice_servers(self) -> IceServers:
        return IceServers(
            stun=self.stun,
            turn=self.turn,
            secret=self.turn_secret.get_secret_value(),
            user=self.turn_user,
            password=self.turn_password.get_secret_value(),
        )

    @property
    def asterisk_dir(self) -> Path:
        """Everything Asterisk writes: configuration, log, CEL file, SIP secrets."""
        return self.run_dir.resolve() / "asterisk"

    @property
    def second_asterisk_dir(self) -> Path:
        return self.run_dir.resolve() / "asterisk-b"

    @property
    def event_logs(self) -> tuple[Path, ...]:
        """Of each Asterisk that the site has or had."""
        return tuple(folder / "log" / "cel.csv" for folder in (self.asterisk_dir, self.second_asterisk_dir))

    @property
    def proxy_dir(self) -> Path:
        return self.run_dir.resolve() / "kamailio"

    @property
    def recordings_dir(self) -> Path:
        return self.run_dir.resolve() / "recordings"

    @property
    def files_folder(self) -> Path:
        return (self.files_dir or self.run_dir / "files").resolve()

    @property
    def keys_file(self) -> Path:
        """Of recordings. No file = recordings are not encrypted: `hotline recordings keys new` makes it."""
        return (self.recording_keys or self.run_dir / "recording-keys").resolve()

    @property
    def sign_in_key_file(self) -> Path:
        return (self.sign_in_key or self.run_dir / "sign-in-key").resolve()

    @property
    def openid(self) -> OpenIdSettings:
        return OpenIdSettings(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret.get_secret_value(),
            claim=self.oidc_claim,
            name=self.oidc_name,
        )

    @property
    def line_key_file(self) -> Path:
        """Of trunks' secrets; made when the first one is entered. A backup of the database needs it, too."""
        return (self.line_key or self.run_dir / "line-key").resolve()

    @property
    def anchors_file(self) -> Path:
        return (self.audit_anchors or self.run_dir / "audit-anchors.log").resolve()

    @property
    def imports_folder(self) -> Path:
        """Uploaded lists, until somebody removes them: a database of all customers, so kept beside the files."""
        return self.files_folder.with_name("imports")

    @property
    def own_prompts_folder(self) -> Path:
        """The platform writes here what is recorded in the flow editor: kept like the files, not in the cache."""
        return (self.own_prompts_dir or self.files_folder.with_name("own-prompts")).resolve()

    @property
    def prompts_dir(self) -> Path:
        """<language>/<name>.wav; in the cache, because making them takes longer than anything else."""
        return self.cache_dir.resolve() / "prompts"

    @property
    def speech_dir(self) -> Path:
        """<language>/ is a Vosk model: `hotline speech install`."""
        return self.cache_dir.resolve() / "speech-models"

    @property
    def demo_loaded_mark(self) -> Path:
        return self.run_dir.resolve() / "demo-loaded"
