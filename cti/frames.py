"""AMI messages as bytes: cut out of the stream, checked, read by header name, and built without a way in.

A caller can put line breaks into fields that Asterisk copies raw. A frame that shows traces of that is refused
whole, and the reader of the link then starts afresh: nothing that came after it can be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crm_core.errors import Invalid

LINE_LIMIT = 1_023  # Asterisk's own, without CRLF; its answer to a longer line carries no ActionID
HEADER_LIMIT = 128
FRAME_LIMIT = 256 * 1024  # far above any event of Asterisk; a stream without frame ends is not AMI
_END = b"\r\n\r\n"
_BANNER = b"Asterisk Call Manager/"
_FORBIDDEN = ("\r", "\n", "\0")


class BadFrame(Exception):
    """The stream holds something that Asterisk does not send; the link must be opened anew."""


class HostileValue(Invalid):
    def __init__(self, header: str) -> None:
        super().__init__("The value for {header} cannot be sent to the telephone system.", header=header)


class _Keys(dict[str, bytes]):
    """A header's name as it stands in a frame, made once."""

    def __missing__(self, header: str) -> bytes:
        key = self[header] = f"\n{header}: ".encode()
        return key


_KEYS = _Keys()
_FREQUENT = ("Newchannel", "Newstate", "DialBegin", "DialState", "DialEnd", "BridgeEnter", "BridgeLeave", "Hangup")
_NAMES = {name.encode(): name for name in _FREQUENT}


class Frame:
    """One message of Asterisk. Header names are case-sensitive, as Asterisk writes them; repeated ones are kept.

    The bytes are kept as they came and searched when a header is asked for: most headers never are.
    """

    __slots__ = ("_raw", "event", "node")

    def __init__(self, raw: bytes, event: str, node: str = "") -> None:
        """`raw` without the line ends before its first and after its last header; `node`: see cti.node_marks."""
        self._raw = raw
        self.event = event
        self.node = node

    def with_replaced(self, pattern: re.Pattern[bytes], by: bytes, node: str) -> Frame:
        """The message of this node, changed in its bytes."""
        return Frame(pattern.sub(by, self._raw), self.event, node)

    def get(self, header: str) -> str:
        """The first value of this header, "" if there is none."""
        key = _KEYS[header]
        at = self._raw.find(key)
        if at >= 0:
            return self._value(at + len(key))
        return self._value(len(key) - 1) if self._raw.startswith(key[1:]) else ""

    def _value(self, start: int) -> str:
        end = self._raw.find(b"\r", start)
        return _text(self._raw[start:] if end < 0 else self._raw[start:end])

    def variable(self, name: str) -> str:
        """The value of one channel variable that `channelvars` puts on channel events."""
        key = b"\nChanVariable: %b=" % name.encode()
        at = self._raw.find(key)
        return self._value(at + len(key)) if at >= 0 else ""

    def all(self, header: str) -> list[str]:
        """Every value of a header that may repeat, in order."""
        return [value for key, value in self.items() if key == header]

    def items(self) -> list[tuple[str, str]]:
        """All headers in order."""
        pairs = (line.partition(b":") for line in self._raw.split(b"\r\n"))
        return [(_text(key), _text(value.removeprefix(b" "))) for key, _, value in pairs]

    def __repr__(self) -> str:
        return f"Frame({self.items()!r})"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")


class FrameReader:
    """Cuts a byte stream into frames, whatever its segments; `BadFrame` ends its life."""

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes, in order."""
        data = self._rest + chunk
        if not self._greeted:
            data = self._without_banner(data)
        *whole, self._rest = data.split(_END)
        if len(self._rest) > FRAME_LIMIT:
            raise BadFrame("no end of frame in sight")
        # A stray line break or a second Event header anywhere shows here: only then is each frame looked at.
        breaks = data.count(b"\r\n")
        torn = data.endswith(b"\r")
        suspicious = (
            breaks != data.count(b"\n")
            or breaks != data.count(b"\r") - torn
            or b"\0" in data
            or data.count(b"\r\nEvent: ") != data.count(b"\r\n\r\nEvent: ")
        )
        for raw in whole:
            if raw:
                yield _checked(raw.lstrip(b"\r\n"), suspicious=suspicious)

    def _without_banner(self, data: bytes) -> bytes:
        """Before the first frame Asterisk sends one line of its own."""
        if not _BANNER.startswith(data[: len(_BANNER)]):
            raise BadFrame(f"not an AMI server: {data[:40]!r}")
        line, end, rest = data.partition(b"\r\n")
        if not end:
            if len(line) > LINE_LIMIT:
                raise BadFrame("greeting without an end")
            self._rest = data
            return data
        self._greeted = True
        return rest


def _checked(raw: bytes, *, suspicious: bool) -> Frame:
    if suspicious:
        _look_closely(raw)
    if not raw.startswith(b"Event: "):
        if raw.startswith(b"Response:"):
            return Frame(raw, "")
        raise BadFrame(f"neither event nor response: {raw[:200]!r}")
    first = raw.find(b"\r\nUniqueid: ")
    if first >= 0:
        if raw.find(b"\r\nUniqueid: ", first + 12) >= 0:
            raise BadFrame(f"a header twice: {raw[:200]!r}")
    elif b"\r\nChannelState: " in raw:
        # An event that a caller's line break has cut short names a channel, but not the channel's id any more.
        raise BadFrame(f"an event cut short: {raw[:200]!r}")
    name = raw[7 : raw.find(b"\r")]
    return Frame(raw, _NAMES.get(name) or _text(name if b"\r" in raw else raw[7:]))


def _look_closely(raw: bytes) -> None:
    if not raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n") or b"\0" in raw:
        raise BadFrame(f"a line break inside a header: {raw[:200]!r}")
    if b"\r\nEvent: " in raw:
        raise BadFrame(f"a header twice: {raw[:200]!r}")


def encode_action(headers: Iterable[tuple[str, str]]) -> bytes:
    """One action, ready to be sent. `HostileValue` if Asterisk could read it as anything else.

    A bare LF already starts a new header there, so CR, LF and NUL are refused everywhere.
    """
    lines: list[bytes] = []
    for key, value in headers:
        if not key or ":" in key or key != key.strip() or any(bad in key or bad in value for bad in _FORBIDDEN):
            raise HostileValue(key[:40].strip() or "?")
        try:
            line = f"{key}: {value}".encode()
        except UnicodeEncodeError as surrogate:
            raise HostileValue(key[:40]) from surrogate
        if len(line) > LINE_LIMIT:
            raise HostileValue(key[:40])
        lines.append(line)
    if not lines or len(lines) > HEADER_LIMIT:
        raise HostileValue("Action")
    return b"\r\n".join(lines) + _END
