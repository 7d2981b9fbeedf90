"""The Vosk models of a site: where they lie, and how an operator gets the official small ones.

The address is the engine's own. What came the first time is kept by its hash; another file under the same name is
refused afterwards.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from agent_desktop.words import N_
from crm_core.errors import Sentence
from hotline.packages import SetupRefused
from hotline.settings import Settings

SOURCE = "https://alphacephei.com/vosk/models"
LARGEST_MODEL = 2 << 30  # bytes, unpacked: more is no small model


@dataclass(frozen=True, slots=True)
class VoskModel:
    language: str
    name: str

    @property
    def address(self) -> str:
        return f"{SOURCE}/{self.name}.zip"


OFFICIAL = {
    "zh": VoskModel("zh-CN", "vosk-model-small-cn-0.22"),
    "en": VoskModel("en", "vosk-model-small-en-us-0.15"),
}


def vosk_models(settings: Settings) -> dict[str, Path]:
    """Language -> folder: the installed ones, and before them those that the operator names."""
    installed = {model.language: settings.speech_dir / model.language for model in OFFICIAL.values()}
    return {language: path for language, path in installed.items() if path.is_dir()} | settings.speech_models


def install(
    settings: Settings, model: VoskModel, file: Path | None = None, *, report: Callable[[Sentence], None]
) -> Path:
    """Fetch (or take `file`), check and unpack. SetupRefused with what to do; nothing is changed then."""
    target = settings.speech_dir / model.language
    settings.speech_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.speech_dir) as folder:
        archive = file or _fetch(model, Path(folder) / "model.zip", report)
        digest = _digest(archive)
        known = _hashes(settings).get(model.name, digest)
        if known != digest:
            raise SetupRefused(
                "{file} has the SHA-256 {digest}, but {known} was installed here before. If the "
                "change is meant, remove the line from {list}.",
                file=model.name,
                digest=digest,
                known=known,
                list=_hash_file(settings),
            )
        fresh = _unpack(archive, Path(folder) / "files")
        (fresh / "hotline.json").write_text(json.dumps({"name": model.name, "files": tree_digest(fresh)}))
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    _hash_file(settings).write_text(json.dumps(_hashes(settings) | {model.name: digest}, indent=1))
    told = {"model": model.name, "language": model.language, "digest": digest}
    report(Sentence("{model} is installed for {language}. SHA-256 {digest}", told))
    return target


def fault_of(folder: Path) -> str:
    """Why this model cannot be used, "" = nothing is wrong that can be seen. Ours are compared with their hash."""
    if not folder.is_dir():
        return N_("the folder does not exist")
    note = folder / "hotline.json"
    if not note.is_file():
        return "" if (folder / "am").is_dir() or (folder / "final.mdl").is_file() else N_("it is no Vosk model")
    kept = json.loads(note.read_text())
    return "" if kept["files"] == tree_digest(folder) else N_("its files have changed since they were installed")


def tree_digest(folder: Path) -> str:
    """Of all names and contents except our own note."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "hotline.json"):
        digest.update(f"{path.relative_to(folder)}\0{_digest(path)}\0".encode())
    return digest.hexdigest()


def _hash_file(settings: Settings) -> Path:
    return settings.speech_dir / "hashes.json"


def _hashes(settings: Settings) -> dict[str, str]:
    path = _hash_file(settings)
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _fetch(model: VoskModel, target: Path, report: Callable[[Sentence], None]) -> Path:
    report(Sentence("fetching {address}", {"address": model.address}))
    try:
        with httpx2.stream("GET", model.address, follow_redirects=True, timeout=30) as answer, target.open("wb") as out:
            answer.raise_for_status()
            for block in answer.iter_bytes():
                out.write(block)
    except (httpx2.HTTPError, OSError) as failed:
        raise SetupRefused(
            "{address} could not be fetched ({reason}). Without internet here, fetch it on another "
            "machine, copy it, and run: hotline speech install {short} --from {file}.zip",
            address=model.address,
            reason=failed,
            short=_short(model),
            file=model.name,
        ) from failed
    return target


def _short(model: VoskModel) -> str:
    return next(short for short, official in OFFICIAL.items() if official is model)


def _unpack(archive: Path, target: Path) -> Path:
    """The one folder in the archive. Names that lead elsewhere and bombs are refused."""
    try:
        with zipfile.ZipFile(archive) as files:
            names = files.namelist()
            if any(name.startswith("/") or ".." in Path(name).parts or "\\" in name for name in names):
                raise SetupRefused("{file} holds names that lead out of its folder.", file=archive.name)
            if sum(info.file_size for info in files.infolist()) > LARGEST_MODEL:
                raise SetupRefused(
                    "{file} is larger than {size} GB unpacked.", file=archive.name, size=LARGEST_MODEL >> 30
                )
            target.mkdir()
            files.extractall(target)
    except (zipfile.BadZipFile, OSError) as broken:
        raise SetupRefused(
            "{file} is no complete archive ({reason}). Fetch it again.", file=archive.name, reason=broken
        ) from broken
    folders = [path for path in target.iterdir() if path.is_dir()]
    if len(folders) != 1 or fault_of(folders[0]):
        raise SetupRefused("{file} holds no Vosk model.", file=archive.name)
    return folders[0]
