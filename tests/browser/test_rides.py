"""Rides, on every day there may be; what is said of each agrees with the app's own ledger."""

import json
import sqlite3
from datetime import datetime, timedelta

import pytest

from taskq.demo.ride import RideApp
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.uber import BOOK_RIDE, request, web
from tests.conftest import RIDE, RIDE_STEPS, Ledger, messages

pytestmark = pytest.mark.browser

BY_ADDRESS = dict.fromkeys(("from_lat", "from_lon", "to_lat", "to_lon"))
FAILED = "Payment declined or booking failed"


@pytest.fixture
def day(rider, rides_that, home):
    """Go to an app of these habits, as somebody who is logged in; its ledger."""

    def go(**habits):
        app, ledger = opened(**habits)
        rider.take_to(app)
        return ledger

    def opened(**habits):
        ledger = Ledger(home / f"ledger-{len(list(home.glob('ledger-*')))}.jsonl")
        return rides_that(ledger, **habits), ledger

    go.opened = opened
    return go


@pytest.fixture
def days(day, rider):
    """Ride on several such days at once: what each ride gave, or raised, with the day's ledger."""

    def go(habits, asked=None):
        opened = [day.opened(**each) for each in habits]
        ended = rider.rides([app for app, _ in opened], asked or [{}] * len(habits))
        return list(zip(ended, [ledger for _, ledger in opened], strict=True))

    return go


# Up to the request: what is not as it was asked for is not requested.

REFUSALS = [
    ({"session": "expired"}, {}, "The login is over. Log in anew: taskq login uber --account"),
    ({"session": "signed out"}, {}, "The login is over. Log in anew: taskq login uber --account"),
    ({"human_check": True}, {}, "whether a human is there. Show it once: taskq login uber"),
    ({"on_trip": True}, {}, "a trip is under way already"),
    ({"missing": ("UberX",)}, {}, "there is no UberX here (there are: UberX Share, Comfort"),
    ({}, {"product": "Uber"}, "there is no Uber here"),
    ({"sold_out": ("UberX",)}, {}, "no fare is shown; nothing was booked"),
    ({"fares": "none"}, {}, "the fare '—' cannot be read"),
    ({"fares": "ranges"}, {"max_fare": "99"}, "the fare '$11.97-$15.97' cannot be read"),
    ({"fares": "none"}, {"max_fare": None, "any_fare": True}, "the fare '—' cannot be read"),
    ({"currency": "EUR"}, {}, "the fare €11.97 is not in USD"),
    ({}, {"max_fare": "11.96"}, "the fare $11.97 is above the limit of 11.96 USD"),
    (
        {"rises": "in the list", "draws_twice": True},
        {},
        "the fare $14.97 is above the limit of 13 USD",
    ),
    ({"payments": ()}, {}, "no way to pay: add one in the Uber app"),
    ({}, {"payment": "Amex"}, "no way to pay called Amex (there are: Visa ••••4242, Mast"),
    (
        {"payments": ("Cash", "Visa 1", "Visa 2")},
        {"payment": "visa"},
        "several ways to pay called visa (there are: Cash, Visa 1, Visa 2)",
    ),
    ({}, {"seats": 2}, "this ride asks for no number of seats"),
    ({"suggestions": "none"}, BY_ADDRESS, "no place called 12 Analytical Row, New York, NY"),
    (
        {"suggestions": "several"},
        BY_ADDRESS | {"from_address": "12 analytical row"},
        "several places called 12 analytical row (it suggests: 12 Analytical Row, New York, NY;",
    ),
]


def test_what_is_not_as_it_was_asked_for_is_not_requested(days):
    habits, asked, sentences = zip(*REFUSALS, strict=True)

    for (ended, ledger), sentence in zip(days(habits, asked), sentences, strict=True):
        assert isinstance(ended, TaskFailed), sentence
        assert sentence in str(ended)
        assert ledger.lines() == []


def test_a_fare_that_rises_right_before_the_request_is_held_to_the_limit(rider, day):
    ledger = day()

    async def rises(run):
        app = web.WebRides(run)
        await app.open()
        await app.authenticate()
        quote = await app.quote()
        await run.page.locator('[aria-selected="true"] .fare').evaluate(
            "e => e.innerText = '$13.01'"
        )
        return await app.book(BOOK_RIDE, quote)

    with pytest.raises(TaskFailed, match=r"the fare \$13.01 is above the limit of 13 USD"):
        rider.attempt(rises, RIDE)
    assert ledger.lines() == []


def test_what_lies_over_the_pages_is_put_aside_and_what_was_asked_for_is_chosen(rider, day):
    ledger = day(cookie_bar=True, promo=True, draws_twice=True, skeletons=0.15, preselected="Black")
    booked = rider.ride(**BY_ADDRESS, payment="mastercard 5100")
    (line,) = ledger.lines()

    assert (line["product"], line["payment"]) == ("UberX", "Mastercard ••••5100")
    assert (line["from"], line["to"]) == (RIDE["from_address"], RIDE["to_address"])
    assert booked["trip"] == line["trip"]
    assert rider.entries() == [f"Ride requested: trip {line['trip']}"]


def test_a_ride_is_booked_as_it_was_asked_for(days):
    when = (datetime.now() + timedelta(days=2)).replace(second=0, microsecond=0)  # noqa: DTZ005
    asked = [
        {"product": "uberx share", "seats": 2},
        {"pickup_at": when.isoformat()},
        {"max_fare": None, "any_fare": True, "product": "Black"},
        {"max_fare": "12", "currency": "EUR"},
    ]
    habits = [{}, {"dispatch": "silence"}, {}, {"currency": "EUR"}]
    ended = days(habits, asked)
    assert [(each, each.__cause__) for each, _ in ended if not isinstance(each, dict)] == []
    shared, later, dear, euros = [ledger.lines()[0] for _, ledger in ended]

    assert [booked["trip"] for booked, _ in ended] == [
        line["trip"] for line in (shared, later, dear, euros)
    ]
    assert (shared["product"], shared["seats"]) == ("UberX Share", 2)
    assert later["pickup_at"] == when.isoformat(timespec="minutes")
    assert ended[1][0]["status"] == "Your ride is scheduled"
    assert (dear["product"], dear["fare"]) == ("Black", "31.08")
    assert ended[3][0]["fare"] == "11.97 EUR"


def test_whoever_logged_in_by_hand_is_known_and_a_dry_run_requests_nothing(
    browser, rider, day, home
):
    ledger = day()

    async def by_hand(page):
        await page.goto(rider.settings.uber_url)
        await page.get_by_label("Enter phone number or email").fill("ada@example.com")
        await page.locator("#forward-button").click()
        await page.keyboard.type(RideApp.code)
        await page.wait_for_url("**/go/home")
        return await page.context.storage_state()

    rider.state = browser.live(by_hand)

    assert rider.ride(dry_run=True)["closing"] == "Dry run: nothing was booked, UberX for 11.97 USD"
    assert ledger.lines() == []


# The request: one, and its answer.

NOS = [
    ({"rises": "at confirm", "confirms": "in a dialog"}, "the fare $14.97 is above the limit", []),
    ({"answers": "decline"}, "Payment was declined", ["declined"]),
    ({"rises": "at confirm", "confirms": "in the page"}, "the fare $14.97 is above the limit", []),
    ({"rises": "after the request"}, "the fare $14.97 is above the limit", ["fare_changed"]),
    (
        {"dispatch": "no drivers"},
        "No drivers available: there will be no ride",
        ["booked", "no_drivers"],
    ),
    (
        {"dispatch": "driver cancels"},
        "Your driver canceled: there will be no ride",
        ["booked", "driver_canceled"],
    ),
    (
        {"dispatch": "declined late"},
        "Payment was declined: there will be no ride",
        ["booked", "payment_declined"],
    ),
]


def test_a_definite_no_is_told_as_such(days):
    habits, sentences, results = zip(*NOS, strict=True)

    for (ended, ledger), sentence, result in zip(days(habits), sentences, results, strict=True):
        assert isinstance(ended, Declined), sentence
        assert sentence in str(ended)
        assert ledger.results() == result


def test_what_the_app_asks_is_answered_once_within_the_limit(days):
    (dearer, first), *confirmed = days(
        [
            {"rises": "after the request", "rises_by": 100},
            {"confirms": "in the page"},
            # It stays while its answer is waited for, and must not be taken for another question.
            {"confirms": "in a dialog", "answers_in": 0.7},
        ]
    )

    assert first.results() == ["fare_changed", "booked"]
    assert (first.lines()[1]["trip"], first.lines()[1]["fare"]) == (dearer["trip"], "12.97")
    for booked, ledger in confirmed:
        assert [line["trip"] for line in ledger.lines()] == [booked["trip"]]


def test_what_is_not_known_to_be_booked_is_no_success_and_no_failure(days, rider, monkeypatch):
    """A fare that rises again and again is not run after; a driver may still be found."""
    monkeypatch.setattr(web, "_LOOK_SECONDS", 0.5)
    again = {"rises": "after the request", "rises_by": 20, "rises_again": True}
    (dearer, first), (slow, second) = days([again, {"dispatch": "silence"}])

    assert "its answer did not come" in str(dearer)
    assert "no driver has accepted it" in str(slow)
    assert not any(isinstance(each, Declined) for each in (dearer, slow))
    assert rider.look() == [None, None]
    assert first.results() == ["fare_changed"] * 2
    assert second.results() == ["booked"]


def test_a_page_that_does_nothing_is_known_to_have_sent_nothing(days, monkeypatch):
    monkeypatch.setattr(request, "REACTION_SECONDS", 0.5)
    ((ended, ledger),) = days([{"button_works": False}])

    assert isinstance(ended, NotStarted)
    assert "did not react to the Request button" in str(ended)
    assert ledger.lines() == []


LOST = ["error after", "hang up after", "hang after", "unknown page", "bank", "error before"]


def test_a_lost_answer_is_looked_for_and_the_request_never_sent_again(days, rider):
    # The same ride a moment before is none of ours.
    rides = days([{"answers": answers, "had_trip": True} for answers in LOST])
    found = rider.look()

    for ended, ledger in rides:
        assert "its answer did not come" in str(ended)
        assert not isinstance(ended, Declined)
        assert ledger.results() == (["booked"] if ledger is not rides[-1][1] else [])
    assert found[-1] is None
    assert [each["trip"] for each in found[:-1]] == [
        ledger.lines()[0]["trip"] for _, ledger in rides[:-1]
    ]


# With a worker around: what a person reads.


@pytest.fixture
def ride(taskq, rides_that, ledger):
    """Log in to an app of these habits, submit a ride and work it here; (code, the task)."""

    def go(*more, env=None, **habits):
        app = rides_that(ledger, **habits)
        login = ("login", "uber", "--import", "-")
        assert taskq(*login, stdin=json.dumps(app.signed_in())).returncode == 0
        asked = [
            f"--{name.replace('_address', '').replace('_', '-')}={RIDE[name]}" for name in RIDE
        ]
        done = taskq("submit", "uber", *asked, "--work", *more, env=env)
        return done.returncode, json.loads(taskq("status", "@", "--json").stdout)

    return go


def test_a_ride_leaves_its_trip_its_pictures_and_a_link_for_the_phone(ride, ledger):
    code, task = ride()
    (line,) = ledger.lines()
    said = task["result_data"]
    requested = f"Ride requested: trip {line['trip']}"

    assert code == 0
    assert messages(task) == [*RIDE_STEPS[:-1], requested, RIDE_STEPS[-1]]
    assert (said["trip"], said["fare"], said["status"]) == (
        line["trip"],
        "11.97 USD",
        "Grace is on the way",
    )
    assert "/ul/?action=setPickup&pickup%5Blatitude%5D=40.7484" in said["link"]
    assert set(said["artifacts"]) == {"ride-details", "trip"}
    assert (task["type"], task["account"]) == ("uber_ride", "uber")


def test_a_login_that_is_over_fails_where_it_is_needed_and_is_found_by_a_check(ride, taskq, ledger):
    code, task = ride(session="signed out")
    check = taskq("login", "uber", "--check")

    assert code == 1
    assert messages(task) == [*RIDE_STEPS[:4], FAILED]
    assert task["error_message"].endswith("Log in anew: taskq login uber")
    assert (check.returncode, "logged out" in check.stderr) == (5, True)
    assert ledger.lines() == []


def test_a_no_that_is_found_by_looking_ends_the_task_without_a_question(ride, ledger):
    code, task = ride(answers="error after", dispatch="driver cancels")

    assert code == 1
    assert task["outcome"] == "failed"
    assert messages(task)[-2:] == [
        "Looking for the trip: nobody saw how the booking ended",
        FAILED,
    ]
    assert task["error_message"] == "Your driver canceled: there will be no ride"
    assert ledger.results() == ["booked", "driver_canceled"]


def test_a_ride_of_which_nobody_knows_asks_to_look_in_the_app(ride, ledger, taskq):
    code, task = ride(answers="error before", env={"TASKQ_VERIFY_SECONDS": "1"})
    again = taskq(
        "submit",
        "uber",
        *(f"--{end}={RIDE[f'{end}_address']}" for end in ("from", "to")),
        "--any-fare",
    )

    assert (code, task["outcome"]) == (7, "unknown")
    assert task["error_message"].startswith("Needs review: a booking of 11.97 USD to 127.0.0.1:")
    assert "no trip was found. Look in your Uber app, then: taskq resolve" in task["error_message"]
    assert (again.returncode, task["task_id"] in again.stderr) == (6, True)
    assert ledger.lines() == []


def test_a_ride_that_comes_too_late_is_not_begun(taskq, ledger, home, rides_that):
    task_id = taskq.submit("uber", "--from=A street", "--to=B street", "--any-fare")
    with sqlite3.connect(home / "taskq.db") as db:
        db.execute(
            "update tasks set created_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-11 minutes')"
        )
    db.close()
    app = rides_that(ledger)
    taskq("login", "uber", "--import", "-", stdin=json.dumps(app.signed_in()))
    taskq("work", "--drain")
    task = taskq.task(task_id)

    assert messages(task) == [RIDE_STEPS[0], FAILED]
    assert (
        "was asked for more than 10m ago, and a late ride is a wrong ride" in task["error_message"]
    )
    assert ledger.lines() == []


def test_the_demo_shows_a_ride_from_its_first_message_to_its_last(taskq):
    shown = taskq("demo", "uber")

    assert shown.returncode == 0, shown.stderr
    for message in RIDE_STEPS:
        assert message in shown.stdout
    assert "UberX for 11.97 USD booked in" in shown.stdout
    assert "Grace is on the way: " in shown.stdout


def test_a_page_for_strangers_takes_nothing_from_the_login_that_is_kept(taskq, rides_that, ledger):
    app = rides_that(ledger, session="signed out")
    state = json.dumps(app.signed_in())
    taskq("login", "uber", "--import", "-", stdin=state)
    taskq("submit", "uber", *(f"--{end}={end} street" for end in ("from", "to")), "--any-fare")
    kept = taskq.folder / "config" / "sessions" / "uber.json"
    before = kept.read_bytes()
    taskq("work", "--drain")

    assert taskq.task("@")["error_message"].startswith("The login is over")
    assert kept.read_bytes() == before
