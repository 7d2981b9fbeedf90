"""The socket for callers' sound lets in whom we expect, once, and survives everybody else."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.audio_socket import MOST_UNREAD, AudioSocketServer, AudioStream, Key, Sound, StreamEnded


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack("!BH", kind, len(payload)) + payload


def write_for_ever(stream: AudioStream) -> None:
    for _ in range(60_000):
        stream.write(bytes(320))


async def connected(server: AudioSocketServer, first: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(first)
    return reader, writer


async def test_the_expected_channel_is_let_in_once() -> None:
    server = AudioSocketServer()
    await server.start()
    identity, coming = server.expect()
    _, writer = await connected(server, frame(1, identity.bytes) + frame(0x10, b"ab") + frame(3, b"5"))
    stream = await asyncio.wait_for(coming, 2)
    assert await stream.read() == Sound(b"ab")
    assert await stream.read() == Key("5")
    reader, second = await connected(server, frame(1, identity.bytes))
    assert await asyncio.wait_for(reader.read(), 2) == b""
    for one in (writer, second):
        one.close()
    with pytest.raises(StreamEnded):
        await stream.read()
    await stream.end()
    await server.stop()


async def test_nobody_is_let_in_who_is_not_expected_any_more() -> None:
    server = AudioSocketServer()
    await server.start()
    identity, coming = server.expect()
    server.forget(identity)
    assert coming.cancelled()
    for stranger in (identity, uuid4()):
        reader, writer = await connected(server, frame(1, stranger.bytes))
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
    await server.stop()


async def test_it_is_open_to_this_machine_only() -> None:
    server = AudioSocketServer()
    await server.start()
    assert server.address.startswith("127.0.0.1:")
    await server.stop()


@given(data=st.binary(max_size=4_000))
@settings(max_examples=200)
def test_whatever_comes_is_sound_a_key_or_the_end(data: bytes) -> None:
    async def read_all() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        stream = AudioStream(reader, None)
        with suppress(StreamEnded):
            for _ in range(len(data) + 1):
                item = await stream.read()
                assert isinstance(item, Sound) or item.key in "0123456789*#ABCD"
        assert reader.at_eof() or len(data) > 2

    asyncio.run(read_all())


async def test_an_asterisk_that_stands_still_is_not_written_to_for_ever() -> None:
    server = AudioSocketServer()
    await server.start()
    identity, coming = server.expect()
    _, writer = await connected(server, frame(1, identity.bytes))
    stream = await asyncio.wait_for(coming, 2)
    with pytest.raises(StreamEnded, match="does not read"):
        write_for_ever(stream)
    assert stream._writer.transport.get_write_buffer_size() <= MOST_UNREAD + 323
    writer.close()
    await stream.end()
    await server.stop()
