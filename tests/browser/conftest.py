"""A warm browser for all browser tests of a process, and real attempts at real tasks in it."""

import asyncio
from itertools import starmap

import pytest

from taskq import profiles, registry, secrets, settings, tasks
from taskq.artifacts import Folder
from taskq.browser.chromium import Chromium
from taskq.handlers.shopify import place_order
from taskq.handlers.uber import book_ride, find_ride
from taskq.lease import Lease
from taskq.process import Process, boot_ms
from taskq.run import Run
from tests.conftest import ADA, HOODIE, RIDE

PROFILE = profiles.from_answers(dict(ADA))


class Browser:
    """One Chromium and the loop it lives in."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._chromium = Chromium(None)

    def live(self, act, state=None):
        """Do *act* with a page in a fresh context; a few minutes at most."""

        async def with_page():
            async with asyncio.timeout(60), self._chromium.page(state) as page:
                return await act(page)

        return self._runner.run(with_page())

    def together(self, acts):
        """Do *acts*, each with its state, a few at once; what each gave, or raised."""

        async def all_of_them():
            few = asyncio.Semaphore(4)

            async def one(act, state):
                async with few, asyncio.timeout(60), self._chromium.page(state) as page:
                    return await act(page)

            return await asyncio.gather(*starmap(one, acts), return_exceptions=True)

        return self._runner.run(all_of_them())

    def close(self):
        self._runner.run(self._chromium.close())
        self._runner.close()


@pytest.fixture(scope="session")
def browser():
    opened = Browser()
    yield opened
    opened.close()


class Attempts:
    """Submits tasks of a type, claims them, and goes through them here, without a worker around."""

    command = ""

    def __init__(self, browser, store, home) -> None:
        self._browser = browser
        self._store = store
        self._home = home
        self._handler = registry.find(self.command)
        self._worker = store.enlist(Process.current(), 1, 1, [self._handler.task_type])
        self.profile = PROFILE
        self.settings = settings.load()
        self.state = None

    def attempt(self, act, given):
        """Do *act* with the run of a task that is *given*, in a page of its own."""
        return self._browser.live(self._with(self._begun(given), act), self.state)

    def _begun(self, given, account=None):
        """The run of a task that is *given*, submitted and claimed."""
        params = self._handler.parse(given)
        submitted = tasks.submit(self._store, self._handler, params, account=account, again=True)
        asked_ms = boot_ms()
        task = self._store.claim(
            self._worker, {self._handler.task_type: ()}, per_lane=9, only=submitted.task.id
        )
        return self._run(task, asked_ms)

    def _with(self, run, act):
        async def on(page):
            run.equip(page, self.profile, secrets.card_of("default", "default"))
            return await act(run)

        return on

    def entries(self):
        """What the newest task's progress says beyond its plan."""
        (task,) = self._store.list(limit=1)
        planned = {"Task started by worker-1", *(step["step"] for step in task.plan)}
        return [entry.message for entry in task.progress if entry.message not in planned]

    def _run(self, task, asked_ms):
        async def ask(call):
            return call()

        params = self._handler.params.model_validate(task.params)
        return Run(
            task=task,
            params=params,
            words=self._handler.words(params),
            store=self._store,
            ask=ask,
            folder=Folder(self._home / "runs", task.id),
            lease=Lease(60, asked_ms),
            settings=self.settings,
        )


class Buyer(Attempts):
    """Orders from shops."""

    command = "shopify"

    def at(self, url, act, **params):
        """Do *act* with the run of an order from *url*."""
        return self.attempt(act, {"product_url": url, **params})

    def order(self, url, size="Medium", **params):
        """The whole recipe; what it returns."""
        return self.at(url, place_order, size=size, **params)


class Rider(Attempts):
    """Takes rides, of an app that is open."""

    command = "uber"

    def take_to(self, app):
        """Log in there."""
        self.state = app.signed_in()
        self.settings = settings.load(uber_url=app.url, answer_seconds=4)

    def ride(self, **params):
        """The whole recipe; what it returns."""
        return self.attempt(book_ride, RIDE | params)

    def rides(self, apps, asked):
        """A ride from each of *apps*, as it is *asked* for; what each gave, or raised.

        Each is somebody else's: of an account one task runs at a time.
        """
        self._last = []
        for number, (app, params) in enumerate(zip(apps, asked, strict=True)):
            self.take_to(app)
            run = self._begun(RIDE | params, f"rider-{number}")
            self._last.append((run, self.state))
        return self._browser.together((self._with(run, book_ride), at) for run, at in self._last)

    def look(self):
        """Look what became of the last rides, as a worker does that finds their intents."""
        acts = []
        for ridden, at in self._last:
            self.settings = ridden.settings
            run = self._run(self._store.get(ridden.task.id), boot_ms())
            acts.append((self._with(run, find_ride), at))
        return self._browser.together(acts)


@pytest.fixture
def buyer(browser, store, home):
    return Buyer(browser, store, home)


@pytest.fixture
def rider(browser, store, home):
    return Rider(browser, store, home)


@pytest.fixture
def at_checkout(buyer, shop):
    """Go to the checkout as the recipe does and do *act* with (run, what the cart held)."""
    from taskq.browser import guard
    from taskq.handlers.shopify import cart, checkout, offer, product

    def go(act, *, at=shop, handle=HOODIE, size="Medium", quantity=1, **params):
        async def live(run):
            offered = await product.opened(run, run.params.product_url)
            variant = offer.wanted(offered, size, {})
            await product.choose(run.page, variant)
            held = await cart.add(run.page, variant, quantity)
            await guard.arm(run.page)
            await checkout.opened(run)
            return await act(run, held)

        return buyer.at(at.product_url(handle), live, **params)

    return go
