"""Where the parts of the telephone are: what a Bridge is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from crm_core.lines.limits import DialLimits
from cti.ami import AmiAccount
from cti.ice import NO_SERVERS, IceServers
from cti.kept_places import CallbackRules
from cti.line_plan import LinePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondAsterisk:
    """A further Asterisk of the site; `name` is its `systemname`, see cti.node_marks."""

    name: str
    ami: AmiAccount
    cel_file: Path
    websocket_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeConfig:
    """Where things are; `recordings` None = nobody looks after them. `prompt_cache` and `memory_file` are ours alone;
    `dial_prefixes` allow calls out, which show `shown_number`, where no records of lines say otherwise. `more` =
    Asterisks beside the first one.
    """

    ami: AmiAccount
    agi_host: str
    agi_port: int
    prompts: Path
    prompt_cache: Path
    memory_file: Path
    cel_file: Path
    realtime_database: Path
    sip_domain: str
    websocket_url: str
    visitors: int = 4
    dial_prefixes: tuple[str, ...] = ("86",)
    shown_number: str = ""
    callbacks: CallbackRules = field(default_factory=CallbackRules)
    recordings: Path | None = None
    ice: IceServers = NO_SERVERS
    more: tuple[SecondAsterisk, ...] = ()

    @property
    def lines(self) -> LinePlan:
        """Where no records of lines say otherwise."""
        return LinePlan(limits=DialLimits(allowed=self.dial_prefixes), first_number=self.shown_number)

    @property
    def cel_files(self) -> dict[str, Path]:
        """By node."""
        return {"": self.cel_file, **{node.name: node.cel_file for node in self.more}}
