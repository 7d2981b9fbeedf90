"""A telephone company: a second real Asterisk, at which a site logs in and which calls it and is called by it.

Numbers it knows: those that end in 1 answer, in 6 answer and echo, 2 are busy, 3 ring for ever, 4 do not exist, 5 fail;
and every number with its country code fails so.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asterisk_conf.install import AsteriskBuild, find_asterisk
from hotline.settings import Settings
from tests.certificates import Authority
from tests.integration.site import wait_until
from tests.ports import free_port, worker_number

ADDRESS = "127.0.0.4"
USER, SECRET = "hotline01", "c4rr1er-s3cret"
_MODULES = {
    "": "pbx_config chan_pjsip bridge_simple format_pcm",
    "func_": "callerid channel logic strings",
    "app_": "dial playback verbose stack exec echo senddtmf",
    "res_": "timing_timerfd rtp_asterisk sorcery_config sorcery_memory sorcery_astdb pjproject clioriginate",
    "res_pjsip": "|_session|_sdp_rtp|_registrar|_authenticator_digest|_outbound_authenticator_digest|_caller_id|_pubsub"
    "|_endpoint_identifier_user|_endpoint_identifier_ip|_header_funcs|_nat",
    "codec_": "ulaw alaw a_mu",
}
_CONF = """[directories]
astetcdir => {etc}
astmoddir => {modules}
astdatadir => {data}
astvarlibdir => {folder}
astdbdir => {folder}
astkeydir => {folder}
astagidir => {folder}
astspooldir => {folder}
astrundir => {folder}
astlogdir => {folder}
astsbindir => {folder}

[options]
nocolor = yes
"""
_PJSIP = """[udp]
type = transport
protocol = udp
bind = {host}:{port}

[tcp]
type = transport
protocol = tcp
bind = {host}:{port}

[tls]
type = transport
protocol = tls
bind = {host}:{tls_port}
method = tlsv1_2
cert_file = {certificate}
priv_key_file = {key}

[{user}]
type = endpoint
context = calls
disallow = all
allow = alaw,ulaw
auth = {user}
aors = {user}
trust_id_inbound = yes
direct_media = no
rewrite_contact = yes

[{user}]
type = identify
endpoint = {user}
match = 127.0.0.1

[{user}]
type = auth
auth_type = userpass
username = {user}
password = {secret}

[{user}]
type = aor
max_contacts = 1
remove_existing = yes
"""

_CALLS = """[calls]
exten => _[+0-9]!,1,Set(PAI=${{PJSIP_HEADER(read,P-Asserted-Identity)}})
 same => n,Verbose(0,CARRIER heard ${{EXTEN}} from ${{CALLERID(num)}} pai ${{PAI}})
 same => n,GotoIf($["${{EXTEN:0:2}}"="86"]?fails)
 same => n,GotoIf($["${{EXTEN:-1}}"="2"]?busy)
 same => n,GotoIf($["${{EXTEN:-1}}"="3"]?rings)
 same => n,GotoIf($["${{EXTEN:-1}}"="4"]?nobody)
 same => n,GotoIf($["${{EXTEN:-1}}"="5"]?fails)
 same => n,Ringing()
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,GotoIf($["${{EXTEN:-1}}"="6"]?echoes)
 same => n,Wait(20)
 same => n,Hangup()
 same => n(echoes),Echo()
 same => n,Hangup()
 same => n(busy),Hangup(17)
 same => n(rings),Ringing()
 same => n,Wait(60)
 same => n,Hangup(19)
 same => n(nobody),Hangup(1)
 same => n(fails),Hangup(34)

; A customer of this company who calls us: CALLERID(num) is set by the Originate of the test.
[customers]
exten => _[+0-9]!,1,Set(CALLERID(num)=${{CALLER}})
 same => n,Dial(PJSIP/${{EXTEN}}@{user},20,b(asserts^s^1))
 same => n,Hangup()

[asserts]
exten => s,1,ExecIf($["${{ASSERTED}}"!=""]?Set(PJSIP_HEADER(add,P-Asserted-Identity)=<sip:${{ASSERTED}}@carrier.test>))
 same => n,Return()

[customer]
exten => s,1,ExecIf($["${{KEYS}}"!=""]?SendDTMF(${{KEYS}},250,150))
 same => n,Wait(30)
 same => n,Hangup()
"""


def _modules() -> list[str]:
    return [head + tail for head, tails in _MODULES.items() for tail in tails.split("|" if "|" in tails else None)]


@dataclass(slots=True)
class Carrier:
    folder: Path
    build: AsteriskBuild
    host: str = ADDRESS
    port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM, ADDRESS))
    tls_port: int = field(default_factory=lambda: free_port(host=ADDRESS))
    secret: str = SECRET
    _process: subprocess.Popen[bytes] | None = None

    @property
    def _etc(self) -> Path:
        return self.folder / "etc"

    def start(self) -> None:
        self._etc.mkdir(parents=True, exist_ok=True)
        rtp = 21000 + 60 * (worker_number() % 20)
        files = {
            "asterisk.conf": _CONF.format(
                etc=self._etc, folder=self.folder, modules=self.build.modules, data=self.build.data
            ),
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in _modules()),
            "pjsip.conf": self._pjsip(),
            "extensions.conf": _CALLS.format(user=USER),
            "rtp.conf": f"[general]\nrtpstart = {rtp}\nrtpend = {rtp + 59}\n",
            "logger.conf": "[logfiles]\nmessages => notice,warning,error,verbose\n",
            "cel.conf": "[general]\nenable = no\n",
            "pjproject.conf": "[log_mappings]\ntype = log_mappings\n",
        }
        for name, text in files.items():
            (self._etc / name).write_text(text)
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                [*self.build.command, "-f", "-C", str(self._etc / "asterisk.conf")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        wait_until(lambda: "fully booted" in self.rx("core waitfullybooted").lower(), 20, "the carrier is up")

    @property
    def authorities(self) -> Path:
        """Who signed this carrier's certificate."""
        return self.folder / "Test-root.pem"

    def _pjsip(self) -> str:
        if not self.authorities.exists():
            authority = Authority(self.folder)
            authority.sign((self.host,), to="carrier")
            authority.file.chmod(0o644)
        return _PJSIP.format(
            host=self.host,
            port=self.port,
            tls_port=self.tls_port,
            certificate=self.folder / "carrier.pem",
            key=self.folder / "carrier.key",
            user=USER,
            secret=self.secret,
        )

    def stop(self) -> None:
        """At once, as a line that is cut: nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def rx(self, command: str) -> str:
        done = subprocess.run(
            [*self.build.command, "-C", str(self._etc / "asterisk.conf"), "-rx", command],
            capture_output=True, text=True, errors="replace", check=False, timeout=10,
        )  # fmt: skip
        return done.stdout

    def set_secret(self, secret: str) -> None:
        self.secret = secret
        (self._etc / "pjsip.conf").write_text(self._pjsip())
        self.rx("module reload res_pjsip.so")

    def heard(self) -> list[str]:
        """One line for each call that came to the carrier: number, shown number, asserted number."""
        path = self.folder / "messages"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return [line.partition("CARRIER heard ")[2] for line in lines if "CARRIER heard " in line]

    def knows_us(self) -> bool:
        return "Contact:" in self.rx(f"pjsip show aor {USER}")

    def call(self, number: str, *, caller: str = "13900000009", asserted: str = "", keys: str = "") -> None:
        """A customer of this company dials `number`, which it delivers to where we logged in.

        `asserted` is who calls, as the company says; without it there is no such header. `keys` are pressed when we
        answer; a w is half a second.
        """
        for name, value in (("CALLER", caller), ("ASSERTED", asserted), ("KEYS", keys)):
            self.rx(f"dialplan set global {name} {value}")
        wait_until(self.knows_us, 10, "the login at the carrier")
        self.rx(f"channel originate Local/{number}@customers extension s@customer")


@contextmanager
def running_carrier(host: str = ADDRESS) -> Iterator[Carrier]:
    folder = Path(tempfile.mkdtemp(prefix="hl-c-"))
    carrier = Carrier(folder, find_asterisk(Settings().cache_dir), host)
    carrier.start()
    try:
        yield carrier
    finally:
        carrier.stop()
        shutil.rmtree(folder, ignore_errors=True)
