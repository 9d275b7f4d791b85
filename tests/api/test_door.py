"""Who is let in: this machine's own, by its own name, in JSON, with the token if there is one."""

import pytest

from tests.api.conftest import ORDER
from tests.conftest import wait_for

TOKEN = "0123456789abcdef0123456789abcdef"


def test_only_the_names_of_this_server_are_answered(api):
    port = api.place.port

    for name in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", f"LocalHost:{port}"):
        assert api.get("/tasks", Host=name).status == 200, name
    for name in ("localhost", f"localhost:{port + 1}", f"evil.example:{port}", "", "10.0.0.1"):
        refused = api.get("/tasks", Host=name)
        assert refused.status == 421, name
        assert b"evil" not in refused.content


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain; application/json"},
        {"Content-Type": "application/jsonp"},
    ],
)
def test_another_site_can_hand_in_nothing(api, store, headers):
    refused = api.post("/shopify/order", ORDER, **headers)

    assert refused.status in {403, 415}
    assert store.list() == []


def test_every_address_that_changes_something_wants_json_and_its_own_origin(api, hands):
    task = hands.submit()
    paths = api.get("/openapi.json").json["paths"]
    changing = [path.replace("{task_id}", task.id) for path in paths if "post" in paths[path]]

    assert len(changing) == 7
    for path in (*changing, "/login"):
        assert api.post(path, Content_Type="text/plain").status == 415, path
        assert api.post(path, Origin="https://evil.example").status == 403, path
    assert not hands.store.get(task.id).ended


def test_its_own_page_and_programs_are_let_in(api, store):
    own = {"Origin": api.url, "Sec-Fetch-Site": "same-origin"}

    assert api.post("/shopify/order", ORDER, **own).status == 201
    assert api.post("/shopify/order", ORDER, Content_Type="Application/JSON; charset=utf-8").status
    assert api.get("/tasks", **own).headers["Access-Control-Allow-Origin"] is None
    assert len(store.list()) == 2


def test_a_link_to_the_page_works_from_anywhere_and_reading_from_elsewhere_does_not(api):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert api.get("/", **link, Sec_Fetch_Dest="document").status == 200
    assert api.get("/", **link, Sec_Fetch_Dest="iframe").status == 403
    assert api.get("/tasks", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors").status == 403
    assert "frame-ancestors 'none'" in api.get("/").headers["Content-Security-Policy"]


def test_an_origin_that_is_allowed_may_ask_and_read_and_no_other(open_api, store):
    api = open_api(origins=frozenset({"https://ours.example"}))
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key",
    }
    ours = {"Origin": "https://ours.example", "Sec-Fetch-Site": "cross-site"}

    before = api.ask("OPTIONS", "/shopify/order", **ours, **asked)
    assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (
        200,
        "https://ours.example",
    )
    made = api.post("/shopify/order", ORDER, **ours)
    assert (made.status, made.headers["Access-Control-Allow-Origin"]) == (
        201,
        "https://ours.example",
    )
    other = {**ours, "Origin": "https://evil.example"}
    assert api.ask("OPTIONS", "/shopify/order", **other, **asked).status == 400
    assert api.post("/shopify/order", ORDER, **other).status == 403
    assert len(store.list()) == 1


def test_with_a_token_nothing_is_told_without_it(open_api, hands):
    api = open_api(token=TOKEN)
    task = hands.submit()
    closed = ["/tasks", f"/tasks/{task.id}", f"/tasks/{task.id}/events", "/events", "/metrics"]

    for path in (*closed, "/openapi.json", "/nowhere"):
        refused = api.get(path)
        assert refused.status == 401, path
        assert task.id.encode() not in refused.content
        assert api.get(path, Authorization=f"Bearer {TOKEN}x").status == 401
        assert api.get(path, Cookie=f"{api.rules.cookie}={TOKEN}").status == 401
    assert api.post(f"/tasks/{task.id}/cancel").status == 401
    assert api.get("/tasks", Authorization=f"Bearer {TOKEN}").status == 200
    assert [api.get(path).status for path in ("/", "/page.js", "/page.css", "/healthz")] == [
        200
    ] * 4


def test_a_browser_shows_the_token_once_and_keeps_something_else(open_api):
    api = open_api(token=TOKEN)

    assert api.post("/login", {"token": "wrong"}).status == 401
    assert api.post("/login", {"token": 1}).status == 401
    cookie = api.post("/login", {"token": TOKEN}).headers["Set-Cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=strict"} <= {*cookie.split("; ")}
    assert api.get("/tasks", Cookie=cookie.partition(";")[0]).status == 200
    assert open_api(token=TOKEN).get("/tasks", Cookie=cookie.partition(";")[0]).status == 401


def test_a_browser_that_knows_two_servers_of_a_machine_is_let_in_by_both(open_api):
    # Chromium sends the cookies of every port of a host to each.
    one, other = (open_api(token=TOKEN) for _ in range(2))
    kept = [
        server.post("/login", {"token": TOKEN}).headers["Set-Cookie"].partition(";")[0]
        for server in (one, other)
    ]

    assert len({cookie.partition("=")[0] for cookie in kept}) == 2
    assert [api.get("/tasks", Cookie="; ".join(kept)).status for api in (one, other)] == [200, 200]


def test_a_server_for_other_machines_is_called_by_its_numbers_too(open_api):
    api = open_api(host="127.0.0.2", token=TOKEN)
    entry = {"Authorization": f"Bearer {TOKEN}"}

    assert api.url.startswith("http://127.0.0.2:")
    assert api.get("/tasks", Host=f"192.168.1.7:{api.place.port}", **entry).status == 200
    assert api.get("/tasks", Host=f"evil.example:{api.place.port}", **entry).status == 421


def test_what_is_sent_cannot_be_framed_sniffed_or_kept(api):
    for path in ("/", "/tasks", "/nowhere", "/page.js"):
        headers = api.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Server"] is None


def test_a_fault_of_our_own_is_one_sentence_on_both_sides(api, monkeypatch, caplog):
    monkeypatch.setattr(api.desk, "task", lambda _: 1 / 0)

    failed = api.get("/tasks/abc")
    assert (failed.status, failed.json) == (500, {"error": "A fault of taskq's own: see its log"})
    wait_for(lambda: "a fault of taskq's own: ZeroDivisionError" in caplog.text)
    assert "Traceback" not in caplog.text
