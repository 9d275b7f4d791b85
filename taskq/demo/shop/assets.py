"""The shop's own style sheets, scripts and drawings."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from taskq.demo.shop.web import Request, Route

FOLDER = Path(__file__).parent / "static"

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def serve(request: Request, name: str) -> None:
    """Answer with the file *name*."""
    path = FOLDER / name
    if path.parent != FOLDER or path.suffix not in KINDS or not path.is_file():
        request.answer(HTTPStatus.NOT_FOUND, "Not found", "text/plain; charset=utf-8")
        return
    kind = f"{KINDS[path.suffix]}; charset=utf-8"
    request.answer(HTTPStatus.OK, path.read_bytes(), kind, Cache_Control="max-age=300")


ROUTES: list[Route] = [
    ("GET", r"/cdn/shop/t/1/assets/(?P<name>[\w.-]+)", serve),
    ("GET", r"/cdn/shopifycloud/checkout-web/assets/c1/(?P<name>[\w.-]+)", serve),
    ("GET", r"/(?P<name>favicon\.svg)", serve),
]
