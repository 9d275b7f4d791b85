"""Files for their owner's eyes alone, there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from taskq.errors import NotSetUp


def own_folder(folder: Path) -> None:
    """Make *folder*, and what is missing above it, for its owner alone."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def write_whole(folder: Path, name: str, content: bytes) -> Path:
    """Write a file durably, 0600, so that it is there whole or not at all; its path."""
    own_folder(folder)
    final, draft = folder / name, folder / f".{name}.draft"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)  # also where an older draft was left with another mode
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)
    _sync(folder)
    return final


def keep_secret(folder: Path, name: str, content: bytes) -> Path:
    """`write_whole` into a folder that nobody else may look into, whoever made it before."""
    own_folder(folder)
    folder.chmod(0o700)
    return write_whole(folder, name, content)


def read_secret(path: Path) -> bytes:
    """What `keep_secret` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        NotSetUp: others may read it, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise NotSetUp(f"Others may read {path}. Keep it to yourself: chmod 600 {path}")
            return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotSetUp(f"{path} cannot be read: {error.strerror}") from None


def _sync(folder: Path) -> None:
    """Make the name of a new file as durable as the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
