"""The administrator's way of a list: upload, columns, check, take over, take back; and whom the pages refuse."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.imports.fields import KINDS, guess
from crm_core.imports.model import DataImport
from crm_core.imports.work import import_handlers
from crm_core.jobs.runner import JobRunner
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

LIST = "客户姓名,手机,城市,出生日期\n周一,13700000001,长春,1980-01-01\n周二,13700000002,长春,1980-02-30\n".encode("gbk")


class Data:
    """An administrator at /admin/data."""

    def __init__(self, web: WebSite, folder: Path) -> None:
        self.web, self.folder = web, folder
        self.token = ""

    async def send(self, content: bytes, kind: str = "customers", name: str = "名单.csv") -> Response:
        headers = {"X-CSRF-Token": self.token, "Accept": "application/json"}
        where = {"kind": kind, "name": name}
        return await self.web.client.post("/admin/data/upload", params=where, content=content, headers=headers)

    async def post(self, path: str, **fields: object) -> Response:
        return await self.web.client.post(path, data={"csrf_token": self.token, **fields})

    async def work(self) -> None:
        handlers = import_handlers(self.folder, ZoneInfo("Asia/Shanghai"))
        await JobRunner(self.web.db, handlers).run_due(now() + timedelta(minutes=1))


@pytest.fixture
async def data(web: WebSite, tmp_path: Path) -> Data:
    web.app.state.config = replace(web.app.state.config, imports=tmp_path / "imports")
    desk = Data(web, tmp_path / "imports")
    desk.token = (await web.enter(people.ADMIN)).csrf
    return desk


async def test_a_list_goes_all_the_way_from_the_upload_to_its_taking_back(data: Data):
    get = data.web.client.get
    assert "还没有导入" in (await get("/admin/data")).text
    sent = await data.send(LIST)
    assert sent.status_code == 201
    here = sent.json()["location"]
    mapping = (await get(here)).text
    assert "GBK / GB18030" in mapping
    assert "+8613700000001" in mapping
    columns = ["name", "number", "city", "birth_year"]
    await data.post(f"{here}/check", column=columns, policy="fill", system="dms")
    assert "正在检查" in (await get(here)).text
    assert (await get(f"{here}/progress")).json() == {"state": "checking", "done": 0, "rows": 2, "busy": True}
    await data.work()
    checked = (await get(here)).text
    assert "导入 1 行" in checked
    assert "不存在的日期" in checked
    book = CalamineWorkbook.from_filelike(io.BytesIO((await get(f"{here}/errors.xlsx")).content))
    assert book.get_sheet_by_index(0).to_python()[1][:3] == [3.0, "出生年份或日期", "1980-02-30"]
    assert (await data.post(f"{here}/run")).status_code == 303
    await data.work()
    async with data.web.db.begin() as session:
        assert await session.scalar(select(func.count()).where(Customer.source == "import")) == 1
    await data.post(f"{here}/undo")
    await data.work()
    async with data.web.db.begin() as session:
        assert await session.scalar(select(func.count()).where(Customer.source == "import")) == 0
    assert "已撤回" in (await get("/admin/data?kind=customers")).text
    assert (await data.post(f"{here}/remove")).headers["location"] == "/admin/data"
    assert list(data.folder.iterdir()) == []


async def test_a_refused_mapping_says_which_column_and_keeps_what_was_chosen(data: Data):
    here = (await data.send(LIST)).json()["location"]
    refused = await data.post(f"{here}/check", column=["name", "", "city", ""], policy="overwrite", system="erp")
    assert refused.status_code == 422
    assert "请指定哪一列是：电话号码。" in refused.text or "请指定哪一列是" in refused.text
    assert 'value="erp"' in refused.text
    twice = await data.post(f"{here}/check", column=["name", "number", "name", ""], policy="fill", system="")
    assert "有两列对应同一个字段" in twice.text


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        (b"", "customers", "空的"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "customers", "既不是文本表格"),
        (LIST, "passwords", "请选择文件里是什么数据"),
        (b"PK\x03\x04" + bytes(200), "customers", "读不出来"),
    ],
)
async def test_an_upload_that_is_no_list_is_refused_in_one_sentence(
    data: Data, content: bytes, kind: str, sentence: str
):
    refused = await data.send(content, kind)
    assert refused.status_code == 422
    assert sentence in refused.json()["message"]


async def test_a_hostile_name_and_hostile_cells_are_shown_as_text(data: Data):
    sent = await data.send('姓名,手机\n"<script>alert(1)</script>",13700000001\n'.encode(), name="../../<b>x</b>.csv")
    page = (await data.web.client.get(sent.json()["location"])).text
    assert "<script>alert(1)" not in page
    assert "<b>x</b>.csv" not in page
    async with data.web.db.begin() as session:
        assert (await session.scalars(select(DataImport.name))).one() == "b>.csv"


async def test_only_who_may_import_comes_in_and_a_foreign_number_is_unknown(data: Data):
    assert (await data.web.client.get("/admin/data/99")).status_code == 404
    assert (await data.web.client.post("/admin/data/upload?kind=customers", content=LIST)).status_code == 403
    data.token = (await data.web.enter(people.AGENT)).csrf
    for path in ("/admin/data", "/admin/data/1", "/admin/data/1/errors.xlsx", "/admin/data/template/customers"):
        assert (await data.web.client.get(path)).status_code == 403
    assert (await data.send(LIST)).status_code == 403
    assert (await data.post("/admin/data/1/run")).status_code == 403


@pytest.mark.parametrize("kind", list(KINDS))
async def test_the_empty_template_comes_back_with_every_column_known(data: Data, kind: str):
    content = (await data.web.client.get(f"/admin/data/template/{kind}")).content
    [header] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert guess(kind, [str(word) for word in header]) == [field.name for field in KINDS[kind]]
