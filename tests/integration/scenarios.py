"""SIP scenarios for sipp, built from steps: what a customer or a desk phone does on the line.

Customers: `caller(...)`, `caller_gives_up(...)`.
Desk phones: `phone_answers`, `phone_rejects`, `phone_rings`. Hostile ones: `raw_invite`.
"""

from __future__ import annotations

from pathlib import Path

_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
"""
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
_EMPTY = "Content-Length: 0\n"


def _send(text: str, options: str = "") -> str:
    return f"<send {options}><![CDATA[\n{text}\n]]></send>"


def _scenario(*steps: str) -> str:
    body = "\n".join(steps)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario>'
        f"\n{body}\n</scenario>\n"
    )


def _pause(seconds: float) -> str:
    return f'<pause milliseconds="{int(seconds * 1000)}"/>'


def _request(method: str, caller: str, *, sequence: str, target: str = "[next_url]", body: str = _EMPTY) -> str:
    to_tag = "" if method == "INVITE" else "[peer_tag_param]"
    branch = _VIA if method != "CANCEL" else "[last_Via:]\n"
    route = "[routes]\n" if to_tag else ""  # no line where no proxy is in the call
    return (
        f"{method} {target} SIP/2.0\n{branch}{route}"
        f"From: <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]c[call_number]\n"
        f"To: <sip:[service]@[remote_ip]:[remote_port]>{to_tag}\n"
        f"Call-ID: [call_id]\nCSeq: {sequence} {method}\n"
        f"Contact: <sip:{caller.split('%', maxsplit=1)[0]}@[local_ip]:[local_port]>\nMax-Forwards: 70\n{body}"
    )


def _answer(status: str, body: str = _EMPTY, *, tag: bool = False) -> str:
    to_tag = ";tag=[pid]a[call_number]" if tag else ""
    contact = "Contact: <sip:phone@[local_ip]:[local_port];transport=[transport]>\n" if tag else ""
    route = "[last_Record-Route:]\n" if tag else ""
    return (
        f"SIP/2.0 {status}\n[last_Via:]\n{route}[last_From:]\n[last_To:]{to_tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
        f"{contact}{body}"
    )


def _invite(caller: str, target: str) -> str:
    return _send(_request("INVITE", caller, sequence="1", target=target, body=_SDP), 'retrans="500"')


def _stream(audio: Path | None) -> list[str]:
    if audio is None:
        return []
    return [f'<nop><action><exec rtp_stream="{audio},-1,0"/></action></nop>']


def caller(
    number: str = "13900000001",
    *,
    keys: tuple[tuple[float, str], ...] = (),
    hang_up_after: float | None = None,
    audio: Path | None = None,
) -> str:
    """A customer who calls, presses `keys` ((seconds to wait, key), …) and hangs up or waits for the other side.

    `audio` is a headerless mu-law file, played from the answer on, again and again.
    """
    steps = [
        _invite(number, "sip:[service]@[remote_ip]:[remote_port]"),
        *(f'<recv response="{early}" optional="true"/>' for early in (100, 180, 183)),
        '<recv response="200" rtd="true" rrs="true"/>',
        _send(_request("ACK", number, sequence="1")),
        *_stream(audio),
    ]
    for wait, key in keys:
        press = f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal={key}\nDuration=120\n"
        info = _request("INFO", number, sequence="[cseq]", body=press)
        steps += [_pause(wait), _send(info, 'retrans="500"'), '<recv response="200"/>']
    if hang_up_after is not None:
        bye = _request("BYE", number, sequence="[cseq]")
        steps += [_pause(hang_up_after), _send(bye, 'retrans="500"'), '<recv response="200"/>']
    else:
        steps += ['<recv request="BYE" timeout="600000"/>', _send(_answer("200 OK"))]
    return _scenario(*steps)


def caller_gives_up(number: str = "13900000001", *, after: float = 0.3) -> str:
    """A customer who hangs up before anybody has answered."""
    target = "sip:[service]@[remote_ip]:[remote_port]"
    return _scenario(
        _invite(number, target),
        '<recv response="100"/>',
        _pause(after),
        _send(_request("CANCEL", number, sequence="1", target=target), 'retrans="500"'),
        '<recv response="200"/>',
        '<recv response="487"/>',
        _send(_request("ACK", number, sequence="1", target=target).replace(_VIA, "[last_Via:]\n")),
    )


def raw_invite(*, from_user: str = "13900000001", target: str = "[service]", expect: int = 404) -> str:
    """An INVITE with this From user part and this request-URI user part, that must get `expect`."""
    return _scenario(
        _invite(from_user, f"sip:{target}@[remote_ip]:[remote_port]"),
        '<recv response="100" optional="true"/>',
        f'<recv response="{expect}"/>',
        _send(_request("ACK", from_user, sequence="1", target=f"sip:{target}@[remote_ip]:[remote_port]")),
    )


_RECEIVE_INVITE = '<recv request="INVITE" crlf="true" rrs="true"/>'
_RINGING = _send(_answer("180 Ringing", tag=True))


def phone_answers(*, ring: float = 0.1, audio: Path | None = None, hang_up_after: float | None = None) -> str:
    """A desk phone that rings, answers and talks until the other side hangs up, or hangs up itself."""
    steps = [
        *(_RECEIVE_INVITE, _RINGING, _pause(ring)),
        _send(_answer("200 OK", _SDP, tag=True), 'retrans="500"'),
        '<recv request="ACK" crlf="true"/>',
        *_stream(audio),
    ]
    if hang_up_after is None:
        return _scenario(*steps, '<recv request="BYE" timeout="600000"/>', _send(_answer("200 OK")))
    bye = _of_the_phone("BYE", 1)
    steps[0] = _REMEMBER_CALLER
    return _scenario(*steps, _pause(hang_up_after), _send(bye, 'retrans="500"'), '<recv response="200"/>')


_REMEMBER_CALLER = (
    '<recv request="INVITE" crlf="true" rrs="true"><action>'
    '<ereg regexp=":.*" search_in="hdr" header="From" assign_to="2"/></action></recv>'
)


def _of_the_phone(method: str, sequence: int, body: str = _EMPTY) -> str:
    """A request in the talk that the phone was called for."""
    return (
        f"{method} [next_url] SIP/2.0\n{_VIA}[routes]\n"
        "From: <sip:phone@[local_ip]:[local_port]>;tag=[pid]a[call_number]\n"
        f"To[$2]\nCall-ID: [call_id]\nCSeq: {sequence} {method}\n"
        f"Contact: <sip:phone@[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n{body}"
    )


def phone_holds(*, after: float, seconds: float) -> str:
    """A desk phone that answers, holds the call by its own hold key (re-INVITE) for so long, and talks on."""
    steps = [
        *(_REMEMBER_CALLER, _RINGING, _pause(0.1)),
        _send(_answer("200 OK", _SDP, tag=True), 'retrans="500"'),
        '<recv request="ACK" crlf="true"/>',
    ]
    for sequence, wait, direction in ((1, after, "sendonly"), (2, seconds, "sendrecv")):
        body = f"{_SDP.replace('o=- 1 1', f'o=- 1 {sequence + 1}')}a={direction}\n"
        steps += [
            _pause(wait),
            _send(_of_the_phone("INVITE", sequence, body), 'retrans="500"'),
            '<recv response="100" optional="true"/>',
            '<recv response="200"/>',
            _send(_of_the_phone("ACK", sequence)),
        ]
    return _scenario(*steps, '<recv request="BYE" timeout="600000"/>', _send(_answer("200 OK")))


def phone_rejects(status: str = "486 Busy Here", *, ring: float = 0.0) -> str:
    """A desk phone that rings for so many seconds and refuses with this status."""
    return _scenario(
        *(_RECEIVE_INVITE, _RINGING, *([_pause(ring)] if ring else [])),
        _send(_answer(status, tag=True), 'retrans="500"'),
        '<recv request="ACK"/>',
    )


def phone_rings() -> str:
    """A desk phone that nobody picks up: it rings until the other side cancels."""
    return _scenario(
        *(_RECEIVE_INVITE, _RINGING, '<recv request="CANCEL" timeout="180000"/>', _send(_answer("200 OK"))),
        _send(
            "SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]a[call_number]\n"
            "[last_Call-ID:]\nCSeq: 1 INVITE\n" + _EMPTY,
            'retrans="500"',
        ),
        '<recv request="ACK"/>',
    )


def fates(machine: Path) -> str:
    """Customers of a campaign by their number's beginning: 861390 talks, 1 is busy, 2 never answers, 3 declines,
    4 is an answering machine that says `machine`, 5 hangs up at once, 6 cannot be reached."""
    fates = {"busy": "861391", "nobody": "861392", "declines": "861393", "machine": "861394", "leaves": "861395"}
    looks = "".join(
        f'<ereg regexp="sip:{number}" search_in="msg" check_it="false" assign_to="{name}"/>'
        for name, number in (fates | {"unreachable": "861396"}).items()
    )
    remember = '<ereg regexp=":.*" search_in="hdr" header="From" assign_to="from"/>'
    take = f'<recv request="INVITE" crlf="true" rrs="true"><action>{looks}{remember}</action></recv>'
    answered = [_send(_answer("200 OK", _SDP, tag=True), 'retrans="500"'), '<recv request="ACK" crlf="true"/>']
    bye = (
        f"BYE [next_url] SIP/2.0\n{_VIA}[routes]\nFrom: <sip:phone@[local_ip]:[local_port]>;tag=[pid]a[call_number]\n"
        "To[$from]\nCall-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\n" + _EMPTY
    )
    end, over = '<nop next="over"/>', ['<recv request="BYE" timeout="600000"/>', _send(_answer("200 OK"))]
    cancelled = (
        "SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]a[call_number]\n"
        "[last_Call-ID:]\nCSeq: 1 INVITE\n" + _EMPTY
    )
    return _scenario(
        *(take, _RINGING, _pause(0.1)),
        *(f'<nop test="{name}" next="{name}"/>' for name in (*fates, "unreachable")),
        *(*answered, *over, end),
        *('<label id="machine"/>', *answered, *_stream(machine), *over, end),
        *('<label id="leaves"/>', *answered, _send(bye, 'retrans="500"'), '<recv response="200"/>', end),
        *('<label id="busy"/>', *_refusal("486 Busy Here"), end),
        *('<label id="declines"/>', *_refusal("603 Decline"), end),
        *('<label id="unreachable"/>', *_refusal("503 Service Unavailable"), end),
        *('<label id="nobody"/>', '<recv request="CANCEL" timeout="180000"/>', _send(_answer("200 OK"))),
        *(_send(cancelled, 'retrans="500"'), '<recv request="ACK"/>'),
        '<label id="over"/>',
    )


def _refusal(status: str) -> list[str]:
    return [_send(_answer(status, tag=True), 'retrans="500"'), '<recv request="ACK"/>']
