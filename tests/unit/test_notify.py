"""An end told to a web address: it arrives, or one notice says that it did not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from taskq.notify import Notifier, post, shown


class Ears:
    """A web address that hears, and answers with *status* once it *may*."""

    def __init__(self):
        self.heard = []
        self.status = 204
        self.may = threading.Event()
        self.may.set()
        ears = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ears.heard.append((self.path, dict(self.headers), json.loads(body)))
                ears.may.wait(20)
                self.send_response(ears.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self):
                ears.heard.append((self.path, {}, "a GET"))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.at = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.may.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ears():
    opened = Ears()
    yield opened
    opened.close()


def test_an_end_is_one_post_of_json(ears):
    notices = []
    notifier = Notifier(f"http://ada:se%3Acret@{ears.at}/hook?key=1", notices.append)
    notifier.tell("k7f", lambda: {"task_id": "k7f"})
    notifier.close()
    ((path, headers, body),) = ears.heard

    assert (path, body, notices) == ("/hook?key=1", {"task_id": "k7f"}, [])
    assert headers["Content-Type"] == "application/json"
    assert headers["Authorization"] == "Basic YWRhOnNlOmNyZXQ="


def test_without_an_address_nobody_is_told():
    Notifier(None, pytest.fail).tell("k7f", pytest.fail)


@pytest.mark.parametrize(
    ("status", "words"), [(500, "it answered 500"), (404, "it answered 404"), (302, "302")]
)
def test_an_answer_that_is_no_yes_is_one_notice_and_is_not_followed(ears, status, words):
    ears.status = status
    notices = []
    notifier = Notifier(f"http://{ears.at}/T0KEN", notices.append)
    notifier.tell("k7f", dict)
    notifier.close()

    (notice,) = notices
    assert notice.startswith(f"http://{ears.at}/… was not told that task k7f has ended: ")
    assert words in notice
    assert "T0KEN" not in notice
    assert len(ears.heard) == 1


def test_a_silent_address_is_given_up_and_never_waited_for_by_the_teller(ears):
    ears.may.clear()
    notices = []
    notifier = Notifier(f"http://{ears.at}/", notices.append, limit=0.2)
    notifier.tell("k7f", dict)
    for thread in notifier._on_their_way:
        thread.join(10)

    assert notices == [
        f"http://{ears.at} was not told that task k7f has ended: no answer within 0.2 s"
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nobody.invalid/"])
def test_an_address_where_nobody_is_raises_nothing(url):
    notices = []
    notifier = Notifier(url, notices.append, limit=2)
    notifier.tell("k7f", dict)
    notifier.close()

    assert len(notices) == 1


def test_a_document_that_cannot_be_made_is_a_notice_too(ears):
    notices = []
    notifier = Notifier(f"http://{ears.at}/", notices.append)
    notifier.tell("k7f", lambda: {"bytes": b""})
    notifier.close()

    assert len(notices) == 1
    assert ears.heard == []


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://h.example", "https://h.example"),
        ("https://h.example/", "https://h.example"),
        ("https://u:p@h.example:8443/a?b=c#d", "https://h.example:8443/…"),
        ("https://h.example?b=c", "https://h.example/…"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, seen):
    assert shown(url) == seen


def test_what_went_wrong_names_no_address():
    assert "s3cret" not in post("http://s3cret.invalid/s3cret?s3cret", b"{}", 2)
