"""One request sees one page in its own language; htmx sees the block it asked for."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from agent_desktop import rendering
from agent_desktop.rendering import Rendering, page
from agent_desktop.site import Site, Viewer


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.state.rendering = Rendering(Site(name="远辰客户中心", zone=ZoneInfo("Asia/Shanghai")))

    @app.get("/seen")
    async def seen(request: Request) -> object:
        request.state.viewer = Viewer(number="1018", name="林<晓梅>", roles=("agent",), csrf_token="t")
        return page(request, "base.html", block="rail")

    @app.get("/public")
    async def public(request: Request) -> object:
        return page(request, "base.html")

    return TestClient(app)


def test_a_browser_gets_the_whole_page_and_htmx_only_its_block(client: TestClient):
    whole, block = client.get("/seen"), client.get("/seen", headers={"HX-Request": "true"})
    assert whole.text.startswith("<!doctype html>")
    assert block.text.startswith('<nav class="rail"')
    assert [answer.headers["Vary"] for answer in (whole, block)] == ["HX-Request, Cookie"] * 2


def test_a_name_cannot_bring_markup_into_a_page(client: TestClient):
    assert "林&lt;晓梅&gt;" in client.get("/seen").text


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"accept-language": "en-GB,en;q=0.9"}, "en"),
        ({"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh-CN"),
        ({"accept-language": "fr"}, "zh-CN"),
        ({"accept-language": "zh-CN", "cookie": f"{rendering.LANGUAGE_COOKIE}=en"}, "en"),
    ],
)
def test_a_visitor_reads_the_language_of_the_browser_until_choosing_one(
    client: TestClient, headers: dict[str, str], language: str
):
    assert f'<html lang="{language}"' in client.get("/public", headers=headers).text


def test_live_regions_are_in_the_first_html_and_empty(client: TestClient):
    text = client.get("/public").text
    assert '<div id="alert" class="vh" role="alert"></div>' in text
    assert '<div id="status" class="vh" role="status"></div>' in text
