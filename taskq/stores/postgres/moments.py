"""What the stores of one host know of each other: who wrote, who told, and when."""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from taskq.process import boot_id


class Moments(ctypes.Structure):
    """Three moments in nanoseconds since the boot, shared by all who use one database here.

    *written* is when somebody wrote last; *told*, up to when all that was written has been told;
    *looked*, when whoever tells looked last whether there is something to tell. They are hints
    about hints, and taken without a lock: of two that are written at once one is kept.
    """

    _fields_ = (
        ("written", ctypes.c_int64),
        ("told", ctypes.c_int64),
        ("looked", ctypes.c_int64),
    )
    written: int
    told: int
    looked: int


_SIZE = ctypes.sizeof(Moments)


def shared(database: str) -> Moments:
    """Those of this *database*; where there can be no file of them, everybody is alone."""
    which = hashlib.sha256(f"{boot_id()} {database}".encode()).hexdigest()[:12]
    try:
        mapped = _mapped(Path(tempfile.gettempdir()) / f"taskq-{os.getuid()}", which)
    except OSError:
        mapped = mmap.mmap(-1, _SIZE)
    return Moments.from_buffer(mapped)


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
