"""A process in the platform's place that only answers /healthz: for tests of who starts and ends whom."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer

from hotline.settings import Settings


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"web": "ok"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    settings = Settings()
    HTTPServer((settings.host, settings.web_port), Health).serve_forever()
