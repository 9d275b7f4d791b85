"""Who follows a task goes on where the store is away for a while, and says so at first."""

from __future__ import annotations

from contextlib import closing

import pytest

from taskq import registry, tasks
from taskq.errors import StoreBusy
from taskq.tasks import follow


class Away:
    """A store that is away whenever *is_away* says so."""

    def __init__(self, store):
        self._store = store
        self.is_away = False

    def __getattr__(self, name):
        if self.is_away:
            raise StoreBusy("The database is away")
        return getattr(self._store, name)

    def hints(self):
        return _Hints(self, self._store.hints())


class _Hints:
    def __init__(self, store, hints):
        self._store, self._hints = store, hints

    def changed(self, ids):
        return self._hints.changed(ids) if not self._store.is_away else self._store.changed

    def wait(self, seconds):
        return self._hints.wait(0) if not self._store.is_away else self._store.wait

    def close(self):
        self._hints.close()


@pytest.fixture
def away(store):
    return Away(store)


@pytest.fixture
def task(store):
    shopify = registry.find("shopify")
    params = shopify.parse({"product_url": "https://kith.com/products/x"})
    return tasks.submit(store, shopify, params).task


def test_a_task_is_followed_over_a_time_without_its_store(store, away, task):
    with closing(follow.follow(away, [task.id], tick=0.01)) as seen:
        assert next(seen).id == task.id
        away.is_away = True
        assert next(seen).id == task.id
        away.is_away = False
        store.cancel(task.id)

        assert next(each for each in seen if each.ended).id == task.id


def test_the_queue_is_followed_over_a_time_without_its_store(store, away, task):
    with closing(follow.follow_queue(away, tick=0.01)) as seen:
        before = next(seen)
        away.is_away = True
        assert next(seen) == before
        away.is_away = False
        store.cancel(task.id)

        assert [each.id for each in next(seen).ended] == [task.id]


def test_a_store_that_was_never_there_is_said_to_be_away(away, task):
    for follow_it in (
        lambda: follow.follow(away, [task.id]),
        lambda: follow.follow_queue(away),
    ):
        away.is_away = False
        with closing(follow_it()) as seen:
            away.is_away = True
            with pytest.raises(StoreBusy, match="away"):
                next(seen)
