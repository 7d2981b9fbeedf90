"""Data from elsewhere: upload a list, say what its columns are, check it, take it over, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin import data_words
from agent_desktop.admin.data_sheets import sheet
from agent_desktop.admin.forms import text
from agent_desktop.customers import identity_words
from agent_desktop.dependencies import Me, Session, TheDatabase, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid
from crm_core.imports import actions, fields, queries
from crm_core.imports.files import MOST_BYTES
from crm_core.imports.model import DataImport
from crm_core.imports.reading import ReadRow, read_row
from crm_core.workforce.queries import names

router = APIRouter(prefix="/admin/data", dependencies=[needs(Permission.IMPORT_DATA)])
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAMPLES = 3


def imports_folder(request: Request) -> Path:
    """Where uploads lie until they are removed."""
    folder: Path = request.app.state.config.imports
    return folder


Folder = Annotated[Path, Depends(imports_folder)]
Kind = Annotated[str, Query(max_length=12)]
Name = Annotated[str, Query(max_length=200)]


@router.get("")
async def show_imports(request: Request, session: Session, kind: str = "") -> Response:
    chosen = kind if kind in fields.KINDS else ""
    rows = await queries.imports(session, kind=chosen)
    return page(request, "data/list.html", rows=rows, kind=chosen, most=MOST_BYTES, **await _words(request, session))


@router.post("/upload")
async def upload(request: Request, db: TheDatabase, me: Me, kind: Kind, name: Name = "file") -> Response:
    """The file is the body: it goes to the disk as it comes, and no transaction waits for it."""
    folder, told = imports_folder(request), request.headers.get("content-length", "")
    announced = int(told) if told.isascii() and told.isdecimal() else None
    file, found = await actions.receive(folder, kind, request.stream(), announced=announced)
    async with db.begin() as session:
        await actions.sweep_leftovers(session, folder, at=clock.now())
        row = await actions.register(session, kind, name, file, found, actor=me.number, at=clock.now())
    return JSONResponse({"location": f"/admin/data/{row.id}"}, 201)


@router.get("/template/{kind}")
async def template(request: Request, kind: str) -> Response:
    """An empty list with every column we read, named in the reader's language."""
    if kind not in fields.KINDS:
        raise Invalid("Choose what the file holds.", field="kind")
    zh = language_of(request) == "zh-CN"
    header = [_heading(request, field, zh) for field in fields.KINDS[kind]]
    title = translate(request, data_words.IMPORT_KINDS[kind])
    return _download(await sheet(title, header, []), f"{title}.xlsx")


def _heading(request: Request, field: fields.Field, zh: bool) -> str:
    """A heading that is recognised when the file comes back."""
    own = [alias for alias in field.aliases if alias.isascii() != zh]
    return own[0] if own else field.name


@router.get("/{import_id}")
async def show_import(request: Request, session: Session, folder: Folder, import_id: int) -> Response:
    row = await queries.one_import(session, import_id)
    return await _import_page(request, session, folder, row)


async def _import_page(
    request: Request,
    session: AsyncSession,
    folder: Path,
    row: DataImport,
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    columns = (typed or {}).get("columns") or row.columns
    samples = await queries.first_rows(folder, row)
    site = request.app.state.site
    read = [read_row(row.kind, [*columns, *[""] * (len(row.header) - len(columns))], one, site.zone) for one in samples]
    return page(
        request,
        "data/import.html",
        status_code=status,
        row=row,
        columns=columns,
        samples=samples[:_SAMPLES],
        first=read[0] if read else ReadRow(0),
        found=await queries.problem_counts(session, row),
        typed=typed or {},
        errors=(typed or {}).get("errors", {}),
        **await _words(request, session),
    )


@router.get("/{import_id}/progress")
async def progress(session: Session, import_id: int) -> Response:
    row = await queries.one_import(session, import_id)
    facts = {"state": row.state, "done": row.done, "rows": row.rows, "busy": row.state in actions.BUSY}
    return JSONResponse(facts, headers={"Cache-Control": "no-store"})


@router.post("/{import_id}/check")
async def check(request: Request, session: Session, db: TheDatabase, me: Me, import_id: int) -> Response:
    form = await request.form()
    typed: dict[str, Any] = {
        "columns": [str(one) for one in form.getlist("column")],
        "policy": text(form, "policy"),
        "system": text(form, "system"),
        "consent": text(form, "consent"),
    }
    try:
        async with db.begin() as own:
            await actions.check(own, import_id, **typed, actor=me.number, at=clock.now())
    except Invalid as wrong:
        values = {key: _field_word(request, value) for key, value in wrong.values.items() if key == "name"}
        sentence = translate(request, wrong.message_id, **{**wrong.values, **values})
        typed["errors"] = {str(wrong.values.get("field", "")): sentence}
        row = await queries.one_import(session, import_id)
        return await _import_page(request, session, imports_folder(request), row, typed=typed, status=wrong.status)
    return RedirectResponse(f"/admin/data/{import_id}", 303)


def _field_word(request: Request, name: object) -> str:
    return translate(request, data_words.FIELDS.get(str(name), ""))


@router.post("/{import_id}/run")
async def run(session: Session, me: Me, import_id: int) -> Response:
    await actions.run(session, import_id, actor=me.number, at=clock.now())
    return RedirectResponse(f"/admin/data/{import_id}", 303)


@router.post("/{import_id}/undo")
async def undo(session: Session, me: Me, import_id: int) -> Response:
    await actions.undo(session, import_id, actor=me.number, at=clock.now())
    return RedirectResponse(f"/admin/data/{import_id}", 303)


@router.post("/{import_id}/remove")
async def remove(session: Session, me: Me, folder: Folder, import_id: int) -> Response:
    await actions.remove(session, folder, import_id, actor=me.number, at=clock.now())
    return RedirectResponse("/admin/data", 303)


@router.get("/{import_id}/errors.xlsx")
async def errors(request: Request, session: Session, import_id: int) -> Response:
    row = await queries.one_import(session, import_id)
    header = (N_("Line"), N_("Column"), N_("In the cell"), N_("What is wrong"), N_("Taken over all the same"))
    lines = []
    async for one in queries.problems(session, import_id):
        kept = translate(request, "no") if one.refused else translate(request, "yes")
        sentence = translate(request, data_words.PROBLEMS.get(one.kind, one.kind))
        lines.append((one.line, _field_word(request, one.field), one.value, sentence, kept))
    shown = [translate(request, word) for word in header]
    return _download(await sheet("errors", shown, lines), f"{Path(row.name).stem}-errors.xlsx")


def _download(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(
        content, media_type=_XLSX, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"}
    )


async def _words(request: Request, session: AsyncSession) -> dict[str, Any]:
    return {
        "words": data_words,
        "choices": identity_words.CHOICES,
        "fields": fields.KINDS,
        "busy": actions.BUSY,
        "named": names_for(language_of(request), await names(session), []),
    }
