"""`taskq serve` as it is typed."""

import os
import socket
import stat
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.conftest import wait_for


def test_a_port_in_use_is_a_sentence_with_the_next_port(taskq):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = taskq("serve", "--port", port)

    assert refused.returncode == 1
    assert refused.stderr == f"taskq: port {port} is in use: try --port {port + 1}\n"


def test_other_machines_are_let_in_with_a_token_only(taskq, home):
    for host in ("0.0.0.0", "::", "192.168.1.7", "example.com"):
        refused = taskq("serve", "--host", host)
        assert refused.returncode == 2
        assert "--token-file" in refused.stderr


@pytest.mark.parametrize(
    ("content", "mode", "code", "said"),
    [
        (None, 0o600, 2, "holds no token"),
        (b"short", 0o600, 2, "holds no token"),
        (b"\xff" * 40, 0o600, 2, "holds no token"),
        (b"two lines of\ntoken characters", 0o600, 2, "holds no token"),
        (b"0123456789abcdef", 0o644, 5, "chmod 600"),
    ],
)
def test_a_token_that_is_none_or_everybodys_is_refused(taskq, home, content, mode, code, said):
    if content is not None:
        (home / "token").write_bytes(content)
        os.chmod(home / "token", mode)  # noqa: PTH101
    refused = taskq("serve", "--token-file", "token")

    assert refused.returncode == code, refused.stderr
    assert said in refused.stderr
    assert "0123456789abcdef" not in refused.stderr


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "example.com", "https://example.com/path", "https://a b", "https://[", "ftp://x"],
)
def test_what_is_no_origin_is_refused(taskq, origin):
    refused = taskq("serve", "--allow-origin", origin)

    assert refused.returncode == 2
    assert "--allow-origin" in refused.stderr


def test_the_sentence_that_makes_a_token_makes_one(taskq, home, serve):
    said = taskq("serve", "--token-file", "token").stderr
    command = said[said.index("(umask") :].strip()
    subprocess.run(["sh", "-c", command], cwd=home, check=True)

    assert stat.S_IMODE((home / "token").stat().st_mode) == 0o600
    assert serve("--token-file", "token").close() == 0


def test_a_workers_options_want_a_worker(taskq):
    for option in ("--id", "--concurrency"):
        refused = taskq("serve", option, "2")
        assert refused.returncode == 2
        assert refused.stderr.endswith("are a worker's: taskq serve --work\n")


def test_an_allowed_origin_is_a_name_of_ours_with_a_token_only(serve, home):
    origin = "https://queue.example"
    (home / "token").write_bytes(b"0123456789abcdef")
    (home / "token").chmod(0o600)

    for more, status in ((), 421), (("--token-file", "token"), 401):
        served = serve("--allow-origin", origin, *more)
        request = urllib.request.Request(f"{served.url}/tasks", headers={"Host": "queue.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == status
        refused.value.close()


def test_a_server_leaves_in_order_at_ctrl_c_with_its_worker(serve, taskq):
    served = serve("--work", "--id", "4")

    wait_for(lambda: "worker-4 works on" in served.output())
    assert served.close() == 0
    assert taskq("status", "--json").stdout
    assert "Traceback" not in served.output()
