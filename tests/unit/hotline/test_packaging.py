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

PACKAGING = Path(__file__).parents[3] / "packaging"


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
