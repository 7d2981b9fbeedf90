"""What a file is, told by its content: the name is only a name. Pure, but for a look into a ZIP on disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
PDF, MP4, WAV = "application/pdf", "video/mp4", "audio/wav"
TEXT, CSV = "text/plain; charset=utf-8", "text/csv; charset=utf-8"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    _OFFICE + "wordprocessingml.document",
    _OFFICE + "spreadsheetml.sheet",
    _OFFICE + "presentationml.presentation",
)
ENDINGS = {
    PNG: ".png",
    JPEG: ".jpg",
    WEBP: ".webp",
    PDF: ".pdf",
    MP4: ".mp4",
    WAV: ".wav",
    TEXT: ".txt",
    CSV: ".csv",
    DOCX: ".docx",
    XLSX: ".xlsx",
    PPTX: ".pptx",
}
SHOWN_IN_PAGES = (PNG, JPEG, WEBP)
LOOKED_AT = 4096  # bytes
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_MOST_PARTS = 10_000  # of a ZIP; an office file has hundreds


def kind_of(path: Path, name: str) -> str | None:
    """The media type of the file at `path`, which people call `name`; None = not one of those we keep."""
    with path.open("rb") as content:
        head = content.read(LOOKED_AT)
    known = _by_signature(head)
    if known:
        return known
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if _is_text(head):
        return CSV if name.lower().endswith(".csv") else TEXT
    return None


def _by_signature(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"%PDF-"):
        return PDF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    return MP4 if head[4:8] == b"ftyp" else None


def _office(path: Path) -> str | None:
    """An office document without macros; any other archive is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    if len(parts) > _MOST_PARTS or any(part.endswith("vbaProject.bin") for part in parts):
        return None
    return next((kind for part, kind in _PARTS.items() if part in parts), None)


def _is_text(head: bytes) -> bool:
    if not head or any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the end of `head` may stand within a sign
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not _is_markup(head)
    return False


def _is_markup(head: bytes) -> bool:
    """HTML and SVG are text that a browser might run."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script"))
