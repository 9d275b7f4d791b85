"""What a task leaves behind beside its row: files in a folder of its own, for its owner's eyes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskq.files import write_whole
from taskq.ids import is_id

_VERIFY = "verify.json"


class Folder:
    """The folder of one task. Folders are 0700, files 0600."""

    def __init__(self, data_dir: Path, task_id: str) -> None:
        if not is_id(task_id):
            raise ValueError(f"{task_id!r} cannot name a folder")
        self.path = data_dir / task_id

    def write(self, name: str, content: bytes) -> Path:
        """Write *name* anew, durably, so that it is there whole or not at all; its path."""
        return write_whole(self.path, name, content)

    def write_verify(self, found: Mapping[str, Any]) -> None:
        """Keep what is needed to look for the order: bearer secrets, so never in the row."""
        self.write(_VERIFY, json.dumps(found).encode())

    def read_verify(self) -> dict[str, Any] | None:
        """What `write_verify` kept; None if nothing is there (another host may have it)."""
        try:
            found: dict[str, Any] = json.loads((self.path / _VERIFY).read_bytes())
        except FileNotFoundError:
            return None
        return found

    def verify_kept_at(self) -> float | None:
        """When `write_verify` kept it, by the clock of files; None if nothing is there."""
        try:
            return (self.path / _VERIFY).stat().st_mtime
        except FileNotFoundError:
            return None

    def forget_verify(self) -> None:
        """Delete what `write_verify` kept: the end is known."""
        (self.path / _VERIFY).unlink(missing_ok=True)

    def holds(self, path: str) -> Path | None:
        """The file at *path*, if it is one of this folder's that may be shown to others."""
        found = Path(path)
        if found.parent != self.path or found.name.casefold() == _VERIFY:
            return None
        return found if found.is_file() and not found.is_symlink() else None

    def size(self) -> int:
        """How many bytes are in it."""
        return sum(file.lstat().st_size for file in self.path.rglob("*") if not file.is_dir())

    def forget(self) -> None:
        """Delete the folder and all that is in it, where there is one.

        Raises:
            OSError: it cannot be deleted, or is a link to somewhere else.
        """
        if self.path.is_symlink() or self.path.exists():
            shutil.rmtree(self.path)
