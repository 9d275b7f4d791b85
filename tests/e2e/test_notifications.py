import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

TYPES = """
from pydantic import BaseModel
from taskq.errors import TaskFailed
from taskq.registry import Handler, register

class Errand(BaseModel):
    fails: bool = False

def go(run):
    if run.params.fails:
        raise TaskFailed("it is raining")

register(Handler("errand", Errand, go))
"""


@pytest.fixture
def hook():
    """What was told to a web address that answers with `status`."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told_at = type("Hook", (), {"told": told, "handler": Handler})
    told_at.url = f"http://ada:pw@127.0.0.1:{server.server_address[1]}/s3cret?k=v"
    yield told_at
    server.shutdown()
    server.server_close()


@pytest.fixture
def errands(taskq, home, monkeypatch):
    (home / "errand.py").write_text(TYPES)
    monkeypatch.setenv("TASKQ_IMPORT", str(home / "errand.py"))
    return taskq


def test_every_end_is_told_as_status_prints_it(errands, hook):
    done, failed = errands.submit("errand"), errands.submit("errand", "--fails")
    worked = errands("work", "--drain", env={"TASKQ_NOTIFY_URL": hook.url})

    assert worked.returncode == 0, worked.stderr
    assert {each["task_id"] for each in hook.told} == {done, failed}
    for each in hook.told:
        assert each == errands.task(each["task_id"])


def test_an_end_that_could_not_be_told_is_one_notice_and_no_other_end(errands, hook):
    hook.handler.status = 500
    task = errands.submit("errand")
    worked = errands("work", "--drain", env={"TASKQ_NOTIFY_URL": hook.url})

    assert worked.returncode == 0
    assert errands.task(task)["outcome"] == "succeeded"
    assert worked.stderr.count("was not told that task") == 1
    assert f"task {task} has ended: it answered 500" in worked.stderr
    for secret in ("s3cret", "k=v", "ada", "pw"):
        assert secret not in worked.stderr + worked.stdout
