"""A task type without a browser: a plain `def` that counts what it does.

taskq work --id 1 --import examples/copy_files.py --type copy
taskq submit --import examples/copy_files.py copy --source ~/photos --target /mnt/backup
"""

import shutil
from pathlib import Path

from pydantic import BaseModel

from taskq import BlockingRun, Handler, TaskFailed, register


class Copy(BaseModel):
    """The folder to copy, and where to."""

    source: Path
    target: Path


def copy(run: BlockingRun[Copy]) -> dict[str, int]:
    """Copy every file of the folder, one after the other."""
    source, target = run.params.source, run.params.target
    if not source.is_dir():
        raise TaskFailed(f"there is no folder {source}")
    files = [path for path in sorted(source.rglob("*")) if path.is_file()]
    run.step(f"Copying {len(files)} files")
    for done, path in enumerate(files, start=1):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
        run.progress(done, len(files))
    return {"files": len(files)}


register(Handler(task_type="copy", params=Copy, run=copy))
