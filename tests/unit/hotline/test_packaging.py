"""The container files agree with each other and with the site; nothing here builds an image."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from hotline.settings import Settings
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
PACKAGING = ROOT / "packaging"


def test_each_service_has_a_health_check_and_waits_for_the_one_it_needs():
    services = yaml.safe_load((PACKAGING / "compose.yaml").read_text())["services"]
    assert all("healthcheck" in one for one in services.values())
    assert services["hotline"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["hotline"]["read_only"] is True
    assert services["hotline"]["cap_drop"] == ["ALL"]


def test_every_setting_that_the_container_files_name_is_one():
    known = {f"HOTLINE_{name.upper()}" for name in Settings.model_fields}
    told = (PACKAGING / "Containerfile").read_text()
    named = {word.partition("=")[0] for word in told.split() if word.startswith("HOTLINE_") and "=" in word}
    composed = yaml.safe_load((PACKAGING / "compose.yaml").read_text())["services"]["hotline"]["environment"]
    assert named >= {"HOTLINE_RUN_DIR", "HOTLINE_CACHE_DIR", "HOTLINE_BACKUP_DIR"}
    assert {*named, *composed} <= known


def test_what_a_site_writes_lies_in_volumes_for_nothing_else_of_its_container_may_be_written():
    composed = yaml.safe_load((PACKAGING / "compose.yaml").read_text())
    kept = dict(volume.split(":")[:2] for volume in composed["services"]["hotline"]["volumes"])
    folders = {path for name, path in kept.items() if name in composed["volumes"]}
    told = (PACKAGING / "Containerfile").read_text().split()
    written = [Path(word.partition("=")[2]) for word in told if word.startswith("HOTLINE_") and "_DIR=" in word]
    assert len(written) == 3
    assert all(any(path.is_relative_to(folder) for folder in folders) for path in written)


def test_an_image_is_made_of_the_source_without_secrets_or_what_this_machine_built():
    left_out = {line.strip("/*") for line in (ROOT / ".dockerignore").read_text().splitlines()}
    built = {line.strip("/*").rpartition("/")[2] for line in (ROOT / ".gitignore").read_text().splitlines()}
    assert left_out >= {".git", ".env", "hotline.env", "run", ".venv"}
    assert {name for name in built - left_out if not name.endswith("_cache")} == set()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (0, 1)])
def test_the_health_check_ends_as_readyz_answers(status: int, code: int):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(b'{"disk": "full"}')

        def log_message(self, *_: object) -> None:
            pass

    port = free_port()
    server = HTTPServer(("127.0.0.1", port), Answer) if status else None
    if server is not None:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    asked = [sys.executable, "-m", "hotline.ready"]
    done = subprocess.run(asked, env={"HOTLINE_WEB_PORT": str(port)}, capture_output=True, text=True, check=False)
    if server is not None:
        server.shutdown()
        server.server_close()
    assert done.returncode == code, done.stderr
    assert "full" in done.stdout + done.stderr or "Nobody answers" in done.stderr
