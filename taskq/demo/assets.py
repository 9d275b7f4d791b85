"""A demo site's own style sheets, scripts and drawings."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from taskq.demo.web import Answer, Request

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def server(folder: Path) -> Answer:
    """Make what answers with a file of *folder*."""

    def serve(request: Request, name: str) -> None:
        path = folder / name
        if path.parent != folder or path.suffix not in KINDS or not path.is_file():
            request.answer(HTTPStatus.NOT_FOUND, "Not found", "text/plain; charset=utf-8")
            return
        kind = f"{KINDS[path.suffix]}; charset=utf-8"
        request.answer(HTTPStatus.OK, path.read_bytes(), kind, Cache_Control="max-age=300")

    return serve
