"""Which files make a site, and under which names a backup holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from hotline.settings import Settings

DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
SECRETS = "secrets.json"
SEALED_SECRETS = "secrets.sealed"
JOURNAL = "journal"
MEMORY = "telephony.json"
RECORDINGS = "recordings"
UNFINISHED = (".part", ".new", ".tmp", ".lock")  # names of files that somebody is writing at this moment


def folders(settings: Settings) -> Mapping[str, Path]:
    """Name in the backup -> folder of the site. The journal comes first, see hotline.backup.taking."""
    return {
        JOURNAL: settings.run_dir.resolve() / JOURNAL,
        RECORDINGS: settings.recordings_dir,
        "files": settings.files_folder,
        "imports": settings.imports_folder,
        "own-prompts": settings.own_prompts_folder,
    }


def single_files(settings: Settings) -> Mapping[str, Path]:
    return {"audit-anchors.log": settings.anchors_file, "demo-loaded": settings.demo_loaded_mark}


def secret_files(settings: Settings) -> Mapping[str, Path]:
    return {
        "ami.secret": settings.run_dir.resolve() / "ami.secret",
        "recording-keys": settings.keys_file,
        "line-key": settings.line_key_file,
    }


def memory_file(settings: Settings) -> Path:
    return settings.run_dir.resolve() / MEMORY


def files_below(folder: Path) -> Iterator[Path]:
    """Finished files, in order; what is a link is left out: it would lead out of the site."""
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.endswith(UNFINISHED):
            yield path


def inside(name: str, folder: Path, path: Path) -> str:
    """The name that a file below one of the folders has in a backup."""
    return f"{name}/{path.relative_to(folder).as_posix()}"
