"""AMI messages as bytes: cut out of the stream, checked, read by header name, and built without a way in.

A caller can put line breaks into fields that Asterisk copies raw. A frame that shows traces of that is refused
whole, and the reader of the link then starts afresh: nothing that came after it can be trusted.
"""

from __future__ import annotations

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


class Frame:
    """One message of Asterisk. Header names are case-sensitive, as Asterisk writes them; repeated ones are kept."""

    __slots__ = ("_raw", "event")

    def __init__(self, raw: bytes) -> None:
        """`raw` begins and ends with CRLF, so that every header is found by one search."""
        self._raw = raw
        self.event = self.get("Event")

    def get(self, header: str) -> str:
        """The first value of this header, "" if there is none."""
        key = b"\r\n" + header.encode() + b":"
        at = self._raw.find(key)
        if at < 0:
            return ""
        at += len(key)
        return _text(self._raw[at : self._raw.index(b"\r\n", at)])

    def all(self, header: str) -> list[str]:
        """Every value of a header that may repeat, in order."""
        key = header.encode() + b":"
        return [_text(line[len(key) :]) for line in self._raw.split(b"\r\n") if line.startswith(key)]

    def variable(self, name: str) -> str:
        """The value of one channel variable that `channelvars` puts on channel events."""
        key = b"\r\nChanVariable: " + name.encode() + b"="
        at = self._raw.find(key)
        if at < 0:
            return ""
        at += len(key)
        return _text(self._raw[at : self._raw.index(b"\r\n", at)])

    def items(self) -> list[tuple[str, str]]:
        """All headers in order, for logs and tests."""
        pairs = (line.partition(b":") for line in self._raw.split(b"\r\n") if line)
        return [(_text(key), _text(value)) for key, _, value in pairs]

    def __repr__(self) -> str:
        return f"Frame({self.items()!r})"


def _text(value: bytes) -> str:
    value = value.removeprefix(b" ")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")


class FrameReader:
    """Cuts a byte stream into frames, whatever its segments; `BadFrame` ends its life."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._greeted = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes, in order."""
        self._buffer += chunk
        if not self._greeted and not self._skip_banner():
            return
        start = 0
        try:
            while (end := self._buffer.find(_END, max(start, self._searched))) >= 0:
                raw = bytes(self._buffer[start : end + 2])
                start = end + 4
                self._searched = start
                if raw.strip():
                    yield _checked(raw)
        finally:
            del self._buffer[:start]
            self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > FRAME_LIMIT:
            raise BadFrame("no end of frame in sight")

    def _skip_banner(self) -> bool:
        """Before the first frame Asterisk sends one line of its own."""
        head = bytes(self._buffer[: len(_BANNER)])
        if not _BANNER.startswith(head):
            raise BadFrame(f"not an AMI server: {head[:40]!r}")
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > LINE_LIMIT:
                raise BadFrame("greeting without an end")
            return False
        del self._buffer[: end + 2]
        self._greeted = True
        return True


def _checked(raw: bytes) -> Frame:
    raw = b"\r\n" + raw.lstrip(b"\r\n")
    if raw.startswith(b"\r\nEvent:"):
        if raw.count(b"\r\nEvent:") > 1 or raw.count(b"\r\nUniqueid:") > 1:
            raise BadFrame(f"a header twice: {raw[:200]!r}")
        # An event that a caller's line break has cut short names a channel, but not the channel's id any more.
        if b"\r\nChannelState:" in raw and b"\r\nUniqueid:" not in raw:
            raise BadFrame(f"an event cut short: {raw[:200]!r}")
    elif not raw.startswith(b"\r\nResponse:"):
        raise BadFrame(f"neither event nor response: {raw[:200]!r}")
    if not raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n") or b"\0" in raw:
        raise BadFrame(f"a line break inside a header: {raw[:200]!r}")
    return Frame(raw)


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
