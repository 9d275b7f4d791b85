"""Where a file lives: SQLite's locks hold among the processes of one machine, and only there."""

from __future__ import annotations

from pathlib import Path

from taskq.errors import StoreFailed

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone",
    "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre", "nfs", "nfs4", "ocfs2", "smb2",
    "smb3", "smbfs",
}  # fmt: skip


def refuse_network(path: Path) -> None:
    """Refuse a file on a network file system: two machines would write over each other.

    Raises:
        StoreFailed: it is on one.
    """
    if not _MOUNTS.exists():
        return
    kind = file_system(path.resolve(), _MOUNTS.read_text())
    if kind in _NETWORK:
        raise StoreFailed(
            f"The database {path} is on a network file system ({kind}), where SQLite loses data. "
            "Name a file on this machine: --db PATH"
        )


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that *path* is on, by the kernel's list of *mounts*."""
    deepest, kind = Path(), ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].encode().decode("unicode_escape"))
        # Of two mounts at one point the later covers the earlier.
        if path.is_relative_to(point) and len(point.parts) >= len(deepest.parts):
            deepest, kind = point, after.split()[0]
    return kind
