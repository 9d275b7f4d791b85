"""A command at a terminal of its own, and a person there who reads and types."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time


class Terminal:
    """`taskq` on a pty; `reads` waits for words, `types` answers."""

    def __init__(self, *args, cwd, env=None):
        self.seen = ""
        self._read_to = 0
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "taskq", *map(str, args)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm", **(env or {})},
            start_new_session=True,
            # Hidden questions are asked of the controlling terminal, whatever stdin is.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call
        )
        os.close(theirs)

    def reads(self, words, seconds=30):
        """Wait until *words* appear after what was read before."""
        until = time.monotonic() + seconds
        while (at := self.seen.find(words, self._read_to)) < 0:
            assert time.monotonic() < until, f"no {words!r} in {self.seen!r}"
            assert self._more(0.1), f"it ended without {words!r}: {self.seen!r}"
        self._read_to = at + len(words)

    def types(self, line):
        os.write(self._ours, f"{line}\n".encode())

    def ends(self, seconds=60):
        """Read to the end; the exit code."""
        until = time.monotonic() + seconds
        while self._more(0.1):
            assert time.monotonic() < until, f"it does not end: {self.seen!r}"
        return self.process.wait(10)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _more(self, seconds):
        """Take in what is there; False when nothing more can come."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # how Linux tells that nobody holds the other end
            return False
        self.seen += chunk.decode(errors="replace")
        return bool(chunk)
