"""The real `taskq` in a process of its own, forked from one that has its imports behind it.

A command spends four fifths of its life on imports: over hundreds of them that is minutes.
"""

import multiprocessing
import os
import subprocess
import sys
import time
from itertools import count

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.preload"])
_numbers = count()

_READ_AT_START = ("PYTHONPATH", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
"""What an interpreter reads when it starts: a command with another one begins from nothing."""


def can_be(env, usual):
    """Whether a forked process can be the command with *env*, where *usual* is the tests' own."""
    return all(env.get(name) == usual.get(name) for name in _READ_AT_START)


def run(args, *, folder, env, stdin, timeout):
    """Run one command to its end; as `subprocess.run` tells of it."""
    base = folder / f".call-{next(_numbers)}"
    paths = [base.with_suffix(suffix) for suffix in (".in", ".out", ".err")]
    paths[0].write_text(stdin)
    process = _forks.Process(target=_become, args=(args, folder, env, paths))
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise subprocess.TimeoutExpired(["taskq", *args], timeout)
    told = [path.read_text() for path in paths[1:]]
    for path in paths:
        path.unlink()
    return subprocess.CompletedProcess(["taskq", *args], process.exitcode, *told)


def _become(args, folder, env, paths):
    """Be `taskq` with these arguments, in this folder and environment, with these streams."""
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(folder)
    for number, path in enumerate(paths):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(path, flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8") for number in range(3)
    )
    sys.argv = ["taskq", *args]
    from taskq.cli import main

    main()
