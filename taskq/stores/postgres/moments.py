"""What the stores of one host know of each other: who wrote, who told, and when."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
from pathlib import Path

from taskq.process import boot_id

_WRITTEN, _TOLD, _LOOKED = range(3)
_SIZE = 8 * 3


class Moments:
    """Three moments in nanoseconds since the boot, shared by all who use one *database* here.

    They are hints about hints: two who write at once lose nothing but one of two moments. Where
    there is no such file, everybody is alone.
    """

    def __init__(self, database: str) -> None:
        which = hashlib.sha256(f"{boot_id()} {database}".encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"taskq-{os.getuid()}"
        self._all = memoryview(_mapped(folder, which)).cast("q")

    @property
    def written(self) -> int:
        """When somebody wrote last."""
        return self._all[_WRITTEN]

    @written.setter
    def written(self, moment: int) -> None:
        self._all[_WRITTEN] = moment

    @property
    def told(self) -> int:
        """Up to when all that was written has been told."""
        return self._all[_TOLD]

    @told.setter
    def told(self, moment: int) -> None:
        self._all[_TOLD] = moment

    @property
    def looked(self) -> int:
        """When whoever tells looked last whether there is something to tell."""
        return self._all[_LOOKED]

    @looked.setter
    def looked(self, moment: int) -> None:
        self._all[_LOOKED] = moment


def _mapped(folder: Path, name: str) -> mmap.mmap:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            _check_ours(folder.lstat(), os.fstat(file))
            os.ftruncate(file, _SIZE)
            return mmap.mmap(file, _SIZE)
        finally:
            os.close(file)
    except OSError:
        return mmap.mmap(-1, _SIZE)


def _check_ours(folder: os.stat_result, file: os.stat_result) -> None:
    """In a temp folder anybody may have put something in our place."""
    is_ours = folder.st_uid == file.st_uid == os.getuid() and stat.S_ISDIR(folder.st_mode)
    if not (is_ours and stat.S_ISREG(file.st_mode) and file.st_size in {0, _SIZE}):
        raise PermissionError
