"""The page's own three files, and the token that lets a browser in where one is asked for."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, Response

from taskq.api.body import Body
from taskq.api.door import Rules
from taskq.api.faults import problem

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}


def routes(rules: Rules) -> APIRouter:
    """What a browser asks for before it asks the API; nothing of it is in OpenAPI."""
    router = APIRouter(include_in_schema=False)
    for path, (name, kind) in _FILES.items():
        _add(router, path, files("taskq.api.page").joinpath(name).read_bytes(), kind)

    @router.post("/login")
    async def login(said: Body) -> Response:
        given = said.get("token")
        if rules.token is None:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if not (isinstance(given, str) and rules.is_token(given)):
            return problem(HTTPStatus.UNAUTHORIZED, "This is not the token")
        done = Response(status_code=HTTPStatus.NO_CONTENT)
        done.set_cookie(rules.cookie, rules.session(), httponly=True, samesite="strict")
        return done

    return router


def _add(router: APIRouter, path: str, content: bytes, kind: str) -> None:
    @router.get(path)
    async def send() -> Response:
        return Response(content, media_type=f"{kind}; charset=utf-8")
