"""By which servers a phone behind NAT finds its way, with a password that the relay takes for a while."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cti.ice import NO_SERVERS, IceServers


def test_in_the_office_a_phone_asks_nobody() -> None:
    assert NO_SERVERS.offered("1018", 0) == ()


def test_the_relays_password_ends_with_the_account_and_names_it() -> None:
    servers = IceServers(stun=("stun.example.com:3478",), turn=("turn.example.com?transport=tcp",), secret="s3cret")
    stun, turn = servers.offered("1018", 1_700_000_000.9)
    assert stun == {"urls": ["stun:stun.example.com:3478"]}
    assert turn["urls"] == ["turn:turn.example.com?transport=tcp"]
    assert turn["username"] == "1700000000:1018"
    made = hmac.new(b"s3cret", b"1700000000:1018", hashlib.sha1).digest()
    assert base64.b64decode(str(turn["credential"])) == made
    assert "s3cret" not in str(turn)


def test_a_relay_of_fixed_passwords_is_told_its_own() -> None:
    [turn] = IceServers(turn=("turn.example.com",), user="hotline", password="fixed").offered("1018", 1.0)
    assert (turn["username"], turn["credential"]) == ("hotline", "fixed")


def test_a_relay_may_be_reached_by_tls() -> None:
    [turn] = IceServers(turn=("turn.example.com", "turns:turn.example.com:443")).offered("1018", 1.0)
    assert turn["urls"] == ["turn:turn.example.com", "turns:turn.example.com:443"]
