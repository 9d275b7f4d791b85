"""Saved logins: made at a window, brought from elsewhere, checked, used, and seen by nobody."""

import json
import shutil
import sqlite3

import pytest

from taskq.browser.login import is_login_page
from tests.conftest import messages, wait_for

VISIT = """
import asyncio
from pydantic import BaseModel
from taskq import Handler, Run, Step, TaskFailed, register

PAY = Step("Paying", once=True)

class Visit(BaseModel):
    url: str
    end: str = "well"

async def visit(run: Run[Visit]) -> None:
    await run.step("Visiting")
    for _ in range(3):
        await run.page.goto(run.params.url)
        if "/login" in run.page.url:
            raise TaskFailed("logged out")
    if run.params.end == "badly":
        raise TaskFailed("it did not work")
    if run.params.end == "never":
        await run.step("Waiting")
        await asyncio.Event().wait()

async def pay(run: Run[Visit]) -> None:
    if run.params.end == "badly":
        run.folder.write_verify({"cookies": await run.page.context.cookies()})
    await run.step(PAY)
    await run.page.goto(run.params.url)
    raise RuntimeError("no answer")

async def look(run: Run[Visit]) -> dict[str, str] | None:
    if kept := run.folder.read_verify():
        await run.page.context.add_cookies(kept["cookies"])
    await run.page.goto(run.params.url)
    return None if "/login" in run.page.url else {"order": "1001"}

register(Handler(
    task_type="pay", params=Visit, run=pay, verify=look, plan=(PAY,), needs=frozenset({"page"})
))
register(Handler(task_type="visit", params=Visit, run=visit, needs=frozenset({"page"})))
register(Handler(task_type="blind", params=Visit, run=visit))
"""


@pytest.fixture
def visits(home):
    """How the test's own task types are named on the command line."""
    (home / "own.py").write_text(VISIT)
    return ("--import", home / "own.py")


@pytest.fixture
def work_login(taskq, site):
    """The login `work` at the site."""
    imported = ("login", "work", "--import", "-", "--url", f"{site.url}/account")
    done = taskq(*imported, stdin=json.dumps(site.state()))
    assert done.returncode == 0, done.stderr


def kept(home, name="work"):
    return json.loads((home / "config/sessions" / f"{name}.json").read_text())


def refused(done, code, *words):
    assert done.returncode == code, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def assert_nowhere(home, secrets, *texts):
    """None of *secrets* is in a file of the run, but in the login's own, nor was it said."""
    left = [path for path in home.rglob("*") if path.is_file() and path.parent.name != "sessions"]
    assert "taskq.db" in {path.name for path in left}
    for secret in secrets:
        assert [path.name for path in left if secret.encode() in path.read_bytes()] == []
        assert not any(secret in text for text in texts)


# Making one


@pytest.fixture
def screen():
    """A shell that stands for a window: it does the same, unseen."""
    shell = shutil.which("chromium-headless-shell")
    if shell is None:
        pytest.skip("no chromium-headless-shell")
    return {"DISPLAY": ":0", "TASKQ_BROWSER": shell}


@pytest.mark.browser
def test_a_person_logs_in_at_a_window_and_the_login_is_kept(terminal, taskq, home, site, screen):
    site.opens = True
    at = terminal("login", "work", "--url", f"{site.url}/login", env=screen)
    at.reads("Press Enter here when you are logged in")
    wait_for(lambda: len(site.tokens) > 1)
    at.types("")

    assert at.ends() == 0
    assert kept(home)["url"] == f"{site.url}/account"
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]
    assert kept(home)["origins"][0]["localStorage"] == [{"name": "kept", "value": site.tokens[0]}]
    assert (home / "config/sessions/work.json").stat().st_mode & 0o777 == 0o600
    assert not any(token in at.seen for token in site.tokens)
    assert taskq("login", "--list").stdout.splitlines()[1:] == [f"work\t{site.url}/account"]


@pytest.mark.browser
def test_a_type_that_needs_a_login_knows_where_it_is_made(
    terminal, home, screen, rides_that, ledger
):
    rides = rides_that(ledger)
    at = terminal("login", "uber", "--account", "work", env=screen)
    at.reads("Press Enter here when you are logged in")
    at.types("")

    assert at.ends() == 0
    assert kept(home)["url"] == rides.home_url
    assert "still showed a login page. Check it: taskq login work --check" in at.seen


def test_without_a_screen_the_other_ways_are_named(taskq, site):
    screenless = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    done = taskq("login", "work", "--url", f"{site.url}/account", env=screenless)

    refused(done, 5, "no screen", "taskq login work --export FILE", "--import FILE")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Which login?"),
        (["work"], "taskq login work --url URL"),
        (["work", "--url", "http://example.com"], "use https"),
        (["work", "--url", "https://ada:hunter2@example.com"], "user name"),
        (["work", "--url", "example.com"], "not an address"),
        (["wo/rk", "--url", "https://example.com"], "cannot name a login"),
        (["work", "--check", "--export", "x"], "--check and --export"),
        (["work", "--import", "nowhere", "--url", "https://example.com"], "cannot be read"),
    ],
)
def test_a_login_that_cannot_be_meant_is_one_sentence(taskq, args, said):
    done = taskq("login", *args)

    refused(done, 2, said)
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("command", [["login", "work", "--check"], ["logout", "work"]])
def test_a_login_that_is_not_there_is_exit_5(taskq, command):
    refused(taskq(*command), 5, "No login 'work' on this machine")


@pytest.mark.parametrize(
    "content",
    ['{"cookies": [{"name": "sid", "value": "canary"}]}', "canary", '{"cookies": "canary"}', "[]"],
)
def test_what_is_no_storage_state_is_refused_and_not_repeated(taskq, home, content):
    imported = ("login", "work", "--import", "-", "--url", "https://example.com")
    done = taskq(*imported, stdin=content)

    refused(done, 2, "no storage state")
    assert "canary" not in done.stderr
    assert not (home / "config/sessions").exists()


def test_an_exported_login_is_its_owners_alone_and_comes_back_by_an_import(taskq, home, work_login):
    (home / "state.json").write_text("older, and for everybody")
    assert taskq("login", "work", "--export", "state.json").returncode == 0
    again = ("login", "again", "--import", "state.json", "--url", "https://example.com")

    assert (home / "state.json").stat().st_mode & 0o777 == 0o600
    assert taskq(*again).returncode == 0
    assert kept(home, "again")["cookies"] == kept(home)["cookies"]
    assert taskq("logout", "work").returncode == 0
    assert not (home / "config/sessions/work.json").exists()


# Checking one


@pytest.mark.browser
def test_a_check_says_whether_it_is_logged_in_and_keeps_what_the_site_renewed(
    taskq, home, site, work_login
):
    first = taskq("login", "work", "--check")
    second = taskq("login", "work", "--check")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Login work is logged in" in second.stdout
    assert len(site.tokens) == 3
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]
    site.renewed()
    refused(taskq("login", "work", "--check"), 5, "logged out", "taskq login work")
    site.fails = True
    refused(taskq("login", "work", "--check"), 5, "does not answer")
    assert kept(home)["cookies"][0]["value"] == site.tokens[-2]


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://example.com/login", True),
        ("https://example.com/users/sign_in?next=/", True),
        ("https://example.com/Sign-In.php", True),
        ("https://auth.example.com/v2/", True),
        ("https://example.com/identity/start", True),
        ("https://example.com/account", False),
        ("https://example.com/authors/ada", False),
        ("https://example.com/blog/login-tips", False),
        ("https://signal.example.com/", False),
    ],
)
def test_a_login_page_is_told_by_its_address(url, is_one):
    assert is_login_page(url) is is_one


# Using one


@pytest.mark.browser
def test_tasks_of_one_account_run_one_after_the_other_each_with_the_newest_cookie(
    taskq, home, site, visits, work_login
):
    asked = (*visits, "visit", "--url", f"{site.url}/account", "--account", "work")
    ends = ["well", "badly", "well"]
    ids = [taskq.submit(*asked, "--end", end) for end in ends]
    worked = taskq("work", *visits, "--concurrency", 3, "--drain")
    tasks = [taskq.task(task_id) for task_id in ids]

    assert worked.returncode == 0, worked.stderr
    assert [task["error_message"] for task in tasks] == [None, "it did not work", None]
    assert {task["account"] for task in tasks} == {"work"}
    assert site.refused == 0
    assert len(site.tokens) == 1 + 3 * len(ends)
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]
    assert (home / "config/sessions/work.json").stat().st_mode & 0o777 == 0o600
    assert_nowhere(home, site.tokens, worked.stdout, worked.stderr, json.dumps(tasks))


@pytest.mark.browser
@pytest.mark.parametrize("how", ["cancelled", "stopped"])
def test_a_task_that_is_stopped_leaves_the_newest_cookie_behind(
    taskq, home, site, visits, work_login, how
):
    asked = (*visits, "visit", "--url", f"{site.url}/account", "--account", "work")
    task_id = taskq.submit(*asked, "--end", "never")
    worker = taskq.start("work", *visits, "--once")
    wait_for(lambda: "Waiting" in messages(taskq.task(task_id)))
    busy = [
        taskq("login", "work", "--check"),
        taskq("login", "work", "--import", "-", stdin=json.dumps({"cookies": []})),
    ]
    if how == "cancelled":
        taskq("cancel", task_id)
    else:
        worker.terminate()

    assert worker.wait(20) == 0
    for done in busy:
        refused(done, 6, f"Login 'work' is in use by task {task_id}", "taskq watch")
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]
    assert len(site.tokens) == 4
    assert_nowhere(home, site.tokens, taskq.output(worker))


@pytest.mark.browser
def test_an_order_is_looked_for_with_the_same_login(taskq, home, site, visits, work_login):
    asked = (*visits, "pay", "--url", f"{site.url}/account", "--account", "work")
    task_id = taskq.submit(*asked)
    taskq("work", *visits, "--once")

    assert taskq.task(task_id)["result_data"]["order"] == "1001"
    assert len(site.tokens) == 3
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]


@pytest.mark.browser
def test_older_cookies_that_an_order_is_looked_for_by_spoil_no_newer_login(
    taskq, home, site, visits, work_login
):
    asked = (*visits, "pay", "--url", f"{site.url}/account", "--account", "work")
    task_id = taskq.submit(*asked, "--end", "badly")
    taskq("work", *visits, "--once", env={"TASKQ_VERIFY_SECONDS": "0"})

    assert taskq.task(task_id)["outcome"] == "unknown"
    assert site.refused == 1
    assert kept(home)["cookies"][0]["value"] == site.tokens[-1]


@pytest.mark.browser
def test_a_login_that_was_forgotten_meanwhile_does_not_come_back(
    taskq, home, site, visits, work_login
):
    asked = (*visits, "visit", "--url", f"{site.url}/account", "--account", "work")
    task_id = taskq.submit(*asked, "--end", "never")
    worker = taskq.start("work", *visits, "--once")
    wait_for(lambda: "Waiting" in messages(taskq.task(task_id)))
    taskq("logout", "work")
    taskq("cancel", task_id)

    assert worker.wait(20) == 0
    assert not (home / "config/sessions/work.json").exists()


@pytest.mark.browser
def test_a_missing_login_is_a_warning_to_submit_and_the_end_of_the_task(taskq, visits):
    asked = ("submit", *visits, "visit", "--url", "https://example.com", "--account", "work")
    submitted = taskq(*asked)
    worked = taskq("work", *visits, "--once")
    said = "No login 'work' on this machine. Log in: taskq login work --url URL"

    assert (submitted.returncode, worked.returncode) == (0, 0)
    assert said in submitted.stderr
    assert taskq.task("@")["error_message"] == said
    refused(taskq(*asked, "--work"), 5, said)


def test_an_account_is_refused_where_no_browser_is_used(taskq, home, visits):
    asked = ("submit", *visits, "blind", "--url", "x", "--account", "work")

    refused(taskq(*asked), 2, "--account is a login for a browser, which blind does not use")
    assert taskq("list").stdout.splitlines()[1:] == []
    refused(taskq("submit", *visits, "visit", "--url", "x", "--account", "a b"), 2, "'a b' cannot")


def test_an_account_is_a_column_of_a_batch_and_an_option_for_all_of_it(taskq, home, visits):
    (home / "visits.csv").write_text("url,account,key\na,home,\nb,,k\n")
    done = taskq(
        *("submit", *visits, "visit", "--batch", "visits.csv", "--account", "work", "--json")
    )

    assert [task["account"] for task in json.loads(done.stdout)] == ["home", "work"]
    with sqlite3.connect(home / "taskq.db") as db:
        found = db.execute("select params, key from tasks order by rowid").fetchall()
    db.close()
    assert [("account" in params, key) for params, key in found] == [(False, None), (False, "k")]
    (home / "blind.csv").write_text("url,account\na,\nb,work\n")
    refused(taskq("submit", *visits, "blind", "--batch", "blind.csv"), 2, "Row 2: --account")


def test_a_type_may_have_an_account_of_its_own(taskq, home):
    own = VISIT.replace('end: str = "well"', "account: str").replace('"visit"', '"own"')
    (home / "own.py").write_text(own)
    taskq.submit("--import", home / "own.py", "own", "--url", "x", "--account", "theirs")

    assert taskq.task("@")["params"]["account"] == "theirs"
    assert taskq.task("@")["account"] is None


def test_a_login_for_a_type_of_task_is_made_where_its_tasks_are_done(taskq, monkeypatch):
    state = '{"cookies": [], "origins": []}'
    for url in ("http://127.0.0.1:1", "http://127.0.0.1:2"):
        monkeypatch.setenv("TASKQ_UBER_URL", url)
        assert taskq("login", "uber", "--import", "-", stdin=state).returncode == 0
        assert json.loads(taskq("login", "--list", "--json").stdout)[0]["url"].startswith(url)
