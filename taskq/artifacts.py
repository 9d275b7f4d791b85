"""What a task leaves behind beside its row: files in a folder of its own, for its owner's eyes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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

    def forget_verify(self) -> None:
        """Delete what `write_verify` kept: the end is known."""
        (self.path / _VERIFY).unlink(missing_ok=True)


def write_whole(folder: Path, name: str, content: bytes) -> Path:
    """Write a file durably, for its owner alone, so that it is there whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final, draft = folder / name, folder / f".{name}.draft"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)
    _sync(folder)
    return final


def _sync(folder: Path) -> None:
    """Make the name of a new file as durable as the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
