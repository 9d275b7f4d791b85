"""What the stores of one host know of each other: who wrote, who told, and when."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from taskq.process import boot_id

_WRITTEN, _TOLD, _LOOKED = range(3)
_SIZE = 8 * 3


class Moments:
    """Three moments in nanoseconds since the boot, shared by all who use one *database* here.

    They are hints about hints, and taken without a lock: of two that are written at once one is
    kept. Where there can be no such file, everybody is alone.
    """

    def __init__(self, database: str) -> None:
        which = hashlib.sha256(f"{boot_id()} {database}".encode()).hexdigest()[:12]
        try:
            mapped = _mapped(Path(tempfile.gettempdir()) / f"taskq-{os.getuid()}", which)
        except OSError:
            mapped = mmap.mmap(-1, _SIZE)
        self._all = memoryview(mapped).cast("q")

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
    """The file of this *name*, which in a temp folder anybody may have put there.

    Raises:
        OSError: it cannot be made, or is not ours.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    _check(folder.lstat(), stat.S_ISDIR)
    file = os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        there = os.fstat(file)
        _check(there, stat.S_ISREG)
        if there.st_size == 0:
            os.write(file, bytes(_SIZE))  # whole, where a hole is filled: a full disk shows now
        elif there.st_size != _SIZE:
            raise PermissionError(name)
        return mmap.mmap(file, _SIZE)
    finally:
        os.close(file)


def _check(there: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if there.st_uid != os.getuid() or not is_kind(there.st_mode):
        raise PermissionError
