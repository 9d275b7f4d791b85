"""What a site made of a login is kept before the last word, unless it is no longer ours to keep."""

import asyncio
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from taskq import sessions
from taskq.errors import LeaseLost, TaskFailed
from taskq.sessions import Login
from taskq.worker.login import kept

OLDER = {"cookies": [{"name": "sid", "value": "1", "domain": "a", "path": "/"}], "origins": []}
NEWER = {"cookies": [{"name": "sid", "value": "2", "domain": "a", "path": "/"}], "origins": []}


@pytest.fixture
def login(home):
    saved = Login("work", "https://example.com", OLDER)
    sessions.save(saved, home / "config")
    return saved


@pytest.fixture
def page():
    async def storage_state(indexed_db):
        return NEWER

    return SimpleNamespace(context=SimpleNamespace(storage_state=storage_state))


def work(login, page, raising=None, is_ours=True, meanwhile=lambda: None):
    async def live():
        async with kept(login, page, lambda: is_ours):
            meanwhile()
            if raising is not None:
                raise raising

    asyncio.run(live())


def now_kept(home):
    return sessions.load("work", home / "config").state


def test_a_renewed_login_is_kept_after_work_that_ends_well(home, login, page):
    work(login, page)

    assert now_kept(home) == NEWER


@pytest.mark.parametrize("error", [TaskFailed("sold out"), asyncio.CancelledError()])
def test_a_renewed_login_is_kept_after_work_that_fails_or_is_stopped(home, login, page, error):
    with pytest.raises(type(error)):
        work(login, page, error)

    assert now_kept(home) == NEWER


def test_a_login_of_a_lost_lease_is_left_to_who_has_it_now(home, login, page):
    with pytest.raises(LeaseLost):
        work(login, page, LeaseLost("k7f", 1))
    work(login, page, is_ours=False)

    assert now_kept(home) == OLDER


def test_a_login_that_was_replaced_meanwhile_stays_as_it_is(home, login, page):
    other = Login("work", "https://example.com/other", OLDER)
    work(login, page, meanwhile=lambda: sessions.save(other, home / "config"))

    assert sessions.load("work", home / "config") == other


def test_a_disk_that_is_full_is_no_end_of_a_task(home, login, page, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sessions, "save", full)
    work(login, page)

    assert now_kept(home) == OLDER


def test_what_the_work_gave_is_not_cut_off_while_the_login_is_kept(login, page):
    said = []

    @contextmanager
    def uncut():
        said.append("begins")
        yield
        said.append("ends")

    async def live():
        async with kept(login, page, lambda: True, uncut):
            said.append("works")

    asyncio.run(live())

    assert said == ["works", "begins", "ends"]


def test_a_login_shows_nothing_of_itself(login):
    assert "sid" not in repr(login)
