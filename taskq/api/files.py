"""What a task leaves behind: pictures to look at, everything else to keep."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from taskq.api.desk import Desk
from taskq.api.faults import MISSING, problem
from taskq.artifacts import Folder


def routes(desk: Desk) -> APIRouter:
    """The files that a task's `result_data.artifacts` names, and no others."""
    router = APIRouter(tags=["tasks"])

    @router.get(
        "/tasks/{task_id}/artifacts/{name}",
        response_class=FileResponse,
        responses={
            200: {
                "description": "The file",
                "content": {"image/png": {}, "application/octet-stream": {}},
            },
            **MISSING,
        },
    )
    async def get_artifact(task_id: str, name: str) -> Response:
        """A picture, to be shown; a page or a trace, to be kept."""
        task = await desk.task(task_id)
        named = task.result_data.get("artifacts")
        kept = named.get(name) if isinstance(named, dict) else None
        path = Folder(desk.settings.data_dir, task.id).holds(str(kept)) if kept else None
        if path is None:
            return problem(HTTPStatus.NOT_FOUND, "No such file of this task is on this machine")
        if path.suffix == ".png":
            return FileResponse(path, media_type="image/png")
        return FileResponse(path, media_type="application/octet-stream", filename=path.name)

    return router
