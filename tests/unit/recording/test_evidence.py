"""An evidence package is whole, or says by name what was done to it; a court needs no more than openssl."""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.evidence.check import FaultKind, check
from recording.evidence.form import (
    FORMAT,
    MANIFEST,
    PUBLIC_KEY,
    REQUIRED,
    SEALS,
    SIGNATURE,
    SUMS,
    as_json,
    read_sums,
    sums_text,
)
from recording.evidence.pack import pack
from recording.evidence.seal_part import hash_of
from recording.evidence.site_key import KeyUnusable, site_key

SOUND = b"fLaC" + bytes(range(256)) * 40
AUDIO = "audio/R-20261126-0007.flac"


def seal(**changed: Any) -> dict[str, Any]:
    digest = hashlib.sha256(SOUND).hexdigest()
    row: dict[str, Any] = {"n": 3, "recording_id": 7, "kind": "kept", "file": "20261126/c1-1.flac", "place": ""}
    row |= {"sha256": digest, "plain_sha256": digest, "bytes": len(SOUND), "replaces": ""}
    row |= {"sealed_at_microseconds": 1_800_000_000_000_000, "previous": "ab" * 32} | changed
    return row | {"hash": hash_of(row)}


def packed(folder: Path, name: str = "evidence.zip", **texts: bytes) -> Path:
    """A package of one recording, made with the key of this folder."""
    sound = folder / "sound.flac"
    sound.write_bytes(SOUND)
    row = {"id": 7, "file": AUDIO, "sha256": hashlib.sha256(SOUND).hexdigest(), "seal": 3}
    told = {one: f"{one}\n".encode() for one in REQUIRED}
    told |= {MANIFEST: as_json({"format": FORMAT, "recordings": [row]}), SEALS: as_json({"seals": [seal()]})}
    pack(folder / name, site_key(folder / "key.pem"), sounds={AUDIO: sound}, texts=told | texts)
    return folder / name


def rewritten(package: Path, change: dict[str, bytes | None]) -> Path:
    """The same package with these files changed, added or (None) left out, as somebody with a ZIP program would."""
    target = package.with_name("tampered.zip")
    with ZipFile(package) as old, ZipFile(target, "w", ZIP_STORED) as new:
        for entry in old.infolist():
            if (text := change.get(entry.filename, old.read(entry))) is not None:
                new.writestr(entry.filename, text)
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name] or b"")
    return target


def found(package: Path, known: str = "") -> set[tuple[FaultKind, str]]:
    return {(fault.kind, fault.name) for fault in check(package, known=known).faults}


def test_a_package_is_whole_and_tells_whose_key_signed_it(tmp_path: Path):
    package = packed(tmp_path)
    checked = check(package, known=site_key(tmp_path / "key.pem").fingerprint)
    assert checked.faults == ()
    assert checked.fingerprint == site_key(tmp_path / "key.pem").fingerprint
    assert not list(tmp_path.glob(".*.part"))


def test_another_sound_is_named(tmp_path: Path):
    package = rewritten(packed(tmp_path), {AUDIO: SOUND[:-1] + b"x"})
    assert found(package) == {(FaultKind.CHANGED_AUDIO, AUDIO)}


def test_another_manifest_is_named(tmp_path: Path):
    told = ZipFile(packed(tmp_path)).read(MANIFEST).replace(b"7", b"8")
    assert (FaultKind.CHANGED_MANIFEST, MANIFEST) in found(rewritten(packed(tmp_path), {MANIFEST: told}))


def test_who_changes_the_list_of_checksums_too_is_found_by_the_signature(tmp_path: Path):
    package = packed(tmp_path)
    other = SOUND[::-1]
    old, new = (hashlib.sha256(one).hexdigest().encode() for one in (SOUND, other))
    sums = ZipFile(package).read(SUMS).replace(old, new)
    assert (FaultKind.SUMS_CHANGED, SUMS) in found(rewritten(package, {AUDIO: other, SUMS: sums}))


def test_who_signs_with_another_key_is_found_by_the_fingerprint(tmp_path: Path):
    mine, theirs = packed(tmp_path), tmp_path / "theirs"
    theirs.mkdir()
    forged = packed(theirs)
    known = check(mine).fingerprint
    assert found(forged, known) == {(FaultKind.WRONG_KEY, PUBLIC_KEY)}
    assert found(forged) == set()  # alone a package only says whose it is


@pytest.mark.parametrize("name", sorted({AUDIO, *REQUIRED, SUMS, SIGNATURE, PUBLIC_KEY}))
def test_each_missing_file_is_named(tmp_path: Path, name: str):
    assert (FaultKind.MISSING, name) in found(rewritten(packed(tmp_path), {name: None}))


def test_a_file_that_was_added_is_named(tmp_path: Path):
    assert found(rewritten(packed(tmp_path), {"audio/more.flac": b"x"})) == {(FaultKind.ADDED, "audio/more.flac")}


def test_a_sound_that_is_not_the_sealed_one_contradicts_even_when_all_is_signed(tmp_path: Path):
    wrong = as_json({"seals": [seal(plain_sha256="0" * 64)]})
    assert found(packed(tmp_path, **{SEALS: wrong})) == {(FaultKind.CONTRADICTION, SEALS)}  # type: ignore[arg-type]


def test_a_seal_that_was_changed_does_not_fit_its_hash(tmp_path: Path):
    wrong = as_json({"seals": [seal() | {"bytes": 1}]})
    assert found(packed(tmp_path, **{SEALS: wrong})) == {(FaultKind.CONTRADICTION, SEALS)}  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_package_is_said_to_be_none(tmp_path: Path, text: bytes):
    (tmp_path / "x.zip").write_bytes(text)
    assert {fault.kind for fault in check(tmp_path / "x.zip").faults} == {FaultKind.NO_PACKAGE}


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_package_can_be_turned_unseen(whole: bytes, tmp_path_factory, place: int, bit: int):
    """But for what is no content: clock and rights of the ZIP's own lists."""
    changed = bytearray(whole)
    changed[place % len(changed)] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "turned.zip"
    path.write_bytes(changed)
    if not check(path).faults:
        with ZipFile(path) as one:
            told = {name: one.read(name) for name in one.namelist()}
        path.write_bytes(whole)
        with ZipFile(path) as one:
            assert told == {name: one.read(name) for name in one.namelist()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return packed(tmp_path_factory.mktemp("whole")).read_bytes()


def test_the_key_is_made_once_and_kept_for_the_site_alone(tmp_path: Path):
    path = tmp_path / "keys" / "evidence.pem"
    with ThreadPoolExecutor(8) as many:
        prints = set(many.map(lambda _: site_key(path).fingerprint, range(16)))
    assert len(prints) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["evidence.pem"]


def test_a_broken_key_signs_nothing_and_is_not_replaced(tmp_path: Path):
    (tmp_path / "key.pem").write_text("not a key")
    with pytest.raises(KeyUnusable):
        site_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_text() == "not a key"


def test_a_package_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        pack(tmp_path / "e.zip", site_key(tmp_path / "key.pem"), sounds={AUDIO: tmp_path / "gone"}, texts={})
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b/c", "a\nb", "", ".x", SUMS])
def test_no_name_leads_out_of_the_package(name: str):
    with pytest.raises(ValueError, match="not a name"):
        sums_text({name: "0" * 64})
    assert read_sums(f"{'0' * 64}  {name}\n".encode()) is None


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z0-9.]{1,8})?", fullmatch=True).filter(lambda n: "/." not in n),
                       st.binary().map(lambda b: hashlib.sha256(b).hexdigest())))  # fmt: skip
def test_a_list_of_checksums_is_read_as_it_was_written(sums: dict[str, str]):
    assert read_sums(sums_text(sums)) == sums


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_a_court_checks_it_with_openssl_and_sha256sum_alone(tmp_path: Path):
    package = packed(tmp_path)
    with ZipFile(package) as archive:
        archive.extractall(tmp_path / "out")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tmp_path / "out", capture_output=True, text=True, check=False)

    verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", PUBLIC_KEY, "-rawin", "-in", SUMS, "-sigfile")
    assert run("sha256sum", "-c", "--strict", SUMS).returncode == 0
    assert run(*verify, SIGNATURE).returncode == 0
    der = run("sh", "-c", f"openssl pkey -pubin -in {PUBLIC_KEY} -outform DER | sha256sum").stdout[:64]
    assert der == check(package).fingerprint.replace(":", "")
    (tmp_path / "out" / AUDIO).write_bytes(b"other")
    assert run("sha256sum", "-c", SUMS).returncode != 0
    (tmp_path / "out" / SUMS).write_bytes(b"other")
    assert run(*verify, SIGNATURE).returncode != 0
