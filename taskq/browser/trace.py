"""A Playwright trace of an attempt, kept where it is asked for; without what opens doors.

It shows every step, page and request, so it ends before a card is typed, and the cookies are
taken out of it: open it with `playwright show-trace`.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from taskq.run import Run

_NAME = "trace"
_END_SECONDS = 15.0
_SECRET_HEADERS = {"cookie", "set-cookie", "authorization"}
_SECRET_KEYS = {"cookies", "storageState"}
_TOLD = (".trace", ".network")
"""The files of a trace that tell, line by line; the others are pages and pictures."""


async def begin(run: Run[Any]) -> None:
    """Trace what *run* does from now on, if the worker is told to."""
    if run.settings.trace:
        await run.page.context.tracing.start(screenshots=True, snapshots=True)
        run.traces = True


async def keep(run: Run[Any]) -> None:
    """End the trace and keep it in the task's folder; nothing is traced after it.

    A trace that cannot be had is no reason to fail; `run.traces` stays true of one that could not
    even be ended.
    """
    if not run.traces:
        return
    with suppress(Exception), TemporaryDirectory(prefix="taskq-") as folder:  # see above
        raw = Path(folder) / "trace.zip"
        async with asyncio.timeout(_END_SECONDS):
            await run.page.context.tracing.stop(path=raw)
        run.traces = False
        kept = await asyncio.to_thread(_without_secrets, raw)
        run.left_behind(_NAME, run.folder.write("trace.zip", kept))


def _without_secrets(trace: Path) -> bytes:
    """The same trace, but for cookies."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(trace) as there,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as here,
    ):
        for name in there.namelist():
            content = there.read(name)
            if name.endswith(_TOLD):
                content = b"\n".join(_line_without_secrets(line) for line in content.splitlines())
            here.writestr(name, content)
    return kept.getvalue()


def _line_without_secrets(line: bytes) -> bytes:
    return json.dumps(_bare(json.loads(line)), ensure_ascii=False).encode() if line else line


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("name")).lower() in _SECRET_HEADERS:
        return {**value, "value": ""}
    return {key: [] if key in _SECRET_KEYS else _bare(each) for key, each in value.items()}
