"""Rides, on every day there may be; what is said of each agrees with the app's own ledger."""

import json
import sqlite3
from datetime import datetime, timedelta

import pytest

from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.uber import request, web
from tests.conftest import RIDE, RIDE_STEPS, messages

pytestmark = pytest.mark.browser

BY_ADDRESS = dict.fromkeys(("from_lat", "from_lon", "to_lat", "to_lon"))
FAILED = "Payment declined or booking failed"


@pytest.fixture
def on(rider, rides_that):
    """Go to an app of these habits, as somebody who is logged in."""

    def go(**habits):
        app = rides_that(**habits)
        rider.take_to(app)
        return app

    return go


# Up to the request: what is not as it was asked for is not requested.


@pytest.mark.parametrize(
    ("habits", "asked", "sentence"),
    [
        ({"session": "expired"}, {}, "The login is over. Log in anew: taskq login uber$"),
        ({"session": "signed out"}, {}, "The login is over. Log in anew: taskq login uber$"),
        ({"human_check": True}, {}, "whether a human is there. Show it once: taskq login uber$"),
        ({"on_trip": True}, {}, "a trip is under way already"),
        ({"missing": ("UberX",)}, {}, "there is no UberX here .there are: UberX Share, Comfort"),
        ({}, {"product": "Uber"}, "there is no Uber here"),
        ({"sold_out": ("UberX",)}, {}, "no fare is shown; nothing was booked"),
        ({"fares": "none"}, {}, "the fare '—' cannot be read"),
        ({"fares": "ranges"}, {"max_fare": "99"}, "cannot be read"),
        ({"currency": "EUR"}, {}, "the fare €11.97 is not in USD"),
        ({}, {"max_fare": "11.96"}, r"the fare \$11.97 is above the limit of 11.96 USD"),
        ({"payments": ()}, {}, "no way to pay: add one in the Uber app"),
        ({}, {"payment": "Amex"}, "no way to pay called Amex .there are: Visa ••••4242, Mast"),
        ({"payments": ("Visa 1", "Visa 2")}, {"payment": "visa"}, None),
        ({"payments": ("Cash", "Visa 1", "Visa 2")}, {"payment": "visa"}, "several ways to pay"),
        ({}, {"seats": 2}, "this ride asks for no number of seats"),
        ({"suggestions": "none"}, BY_ADDRESS, "no place called 12 Analytical Row, New York, NY"),
        (
            {"suggestions": "several"},
            BY_ADDRESS | {"from_address": "12 analytical row"},
            "several places called 12 analytical row .* say where it is: --from-lat and --from-lon",
        ),
    ],
)
def test_what_is_not_as_it_was_asked_for_is_not_requested(
    on, rider, ledger, habits, asked, sentence
):
    on(**habits)
    if sentence is None:
        assert rider.ride(**asked)["payment"] == "Visa 1"
        return
    with pytest.raises(TaskFailed, match=sentence):
        rider.ride(**asked)
    assert ledger.lines() == []


def test_a_fare_that_rises_while_the_list_is_drawn_again_is_held_to_the_limit(on, rider, ledger):
    on(rises="in the list", draws_twice=True)

    with pytest.raises(TaskFailed, match=r"the fare \$14.97 is above the limit of 13 USD"):
        rider.ride()
    assert ledger.lines() == []


def test_what_lies_over_the_pages_is_put_aside_and_what_was_asked_for_is_chosen(on, rider, ledger):
    on(cookie_bar=True, promo=True, draws_twice=True, skeletons=0.15, preselected="Black")
    booked = rider.ride(**BY_ADDRESS, payment="mastercard 5100")
    (line,) = ledger.lines()

    assert (line["product"], line["payment"]) == ("UberX", "Mastercard ••••5100")
    assert (line["from"], line["to"]) == (RIDE["from_address"], RIDE["to_address"])
    assert booked["trip"] == line["trip"]
    assert rider.entries() == [f"Ride requested: trip {line['trip']}"]


def test_a_shared_ride_is_booked_for_as_many_as_were_asked_for(on, rider, ledger):
    on()
    rider.ride(product="uberx share", seats=2)

    assert [(line["product"], line["seats"]) for line in ledger.lines()] == [("UberX Share", 2)]


def test_a_ride_for_later_is_scheduled_for_that_time(on, rider, ledger):
    on(dispatch="silence")
    when = (datetime.now() + timedelta(days=2)).replace(second=0, microsecond=0)  # noqa: DTZ005
    booked = rider.ride(pickup_at=when.isoformat())

    assert booked["status"] == "Your ride is scheduled"
    assert [line["pickup_at"] for line in ledger.lines()] == [when.isoformat(timespec="minutes")]


# The request: one, and its answer.


@pytest.mark.parametrize(
    ("habits", "says", "results"),
    [
        ({"answers": "decline"}, "Payment was declined", ["declined"]),
        ({"dispatch": "no drivers"}, "No drivers available: there will be no ride", None),
        ({"dispatch": "driver cancels"}, "Your driver canceled: there will be no ride", None),
        ({"dispatch": "declined late"}, "Payment was declined: there will be no ride", None),
        ({"rises": "at confirm", "confirms": True}, r"the fare \$14.97 is above the limit", []),
        ({"rises": "after the request"}, r"the fare \$14.97 is above", ["fare_changed"]),
    ],
)
def test_a_definite_no_is_told_as_such(on, rider, ledger, habits, says, results):
    on(**habits)

    with pytest.raises(Declined, match=says):
        rider.ride()
    undone = {"no drivers": "no_drivers", "driver cancels": "driver_canceled"}
    late = undone.get(habits.get("dispatch"), "payment_declined")
    assert ledger.results() == (["booked", late] if results is None else results)


def test_the_app_may_ask_for_a_fare_within_the_limit_once(on, rider, ledger):
    on(rises="after the request", rises_by=100)
    booked = rider.ride()
    (asked, line) = ledger.lines()

    assert (asked["result"], line["result"], line["fare"]) == ("fare_changed", "booked", "12.97")
    assert booked["trip"] == line["trip"]


def test_the_app_may_ask_to_confirm_the_pickup(on, rider, ledger):
    on(confirms=True)

    assert rider.ride()["trip"] == ledger.lines()[0]["trip"]
    assert ledger.results() == ["booked"]


def test_a_page_that_does_nothing_is_known_to_have_sent_nothing(on, rider, ledger, monkeypatch):
    monkeypatch.setattr(request, "REACTION_SECONDS", 0.5)
    on(button_works=False)

    with pytest.raises(NotStarted, match="did not react to the Request button"):
        rider.ride()
    assert ledger.lines() == []


@pytest.mark.parametrize(
    "answers", ["error after", "hang up after", "hang after", "unknown page", "error before"]
)
def test_a_lost_answer_is_looked_for_and_the_request_never_sent_again(on, rider, ledger, answers):
    # The same ride the day before is none of ours.
    app = on(answers=answers, had_trip=True)

    with pytest.raises(TaskFailed, match="its answer did not come") as lost:
        rider.ride()
    found = rider.look()

    assert not isinstance(lost.value, Declined)
    if answers == "error before":
        assert found is None
        assert ledger.lines() == []
    else:
        assert ledger.results() == ["booked"]
        assert found["trip"] == ledger.lines()[0]["trip"] == app.trips()[0].id


def test_a_ride_that_nobody_accepts_yet_is_no_success_and_no_failure(
    on, rider, ledger, monkeypatch
):
    monkeypatch.setattr(web, "_LOOK_SECONDS", 0.5)
    on(dispatch="silence")

    with pytest.raises(TaskFailed, match="no driver has accepted it"):
        rider.ride()
    assert rider.look() is None
    assert ledger.results() == ["booked"]


# With a worker around: what a person reads.


@pytest.fixture
def ride(taskq, rides_that):
    """Log in to an app of these habits, submit a ride and work it here; (code, the task)."""

    def go(*more, env=None, **habits):
        app = rides_that(**habits)
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
    code, task = ride(session="expired")
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


def test_a_ride_that_comes_too_late_is_not_begun(ride, taskq, ledger, home, rides_that):
    rides_that()
    task_id = taskq.submit("uber", "--from=A street", "--to=B street", "--any-fare")
    with sqlite3.connect(home / "taskq.db") as db:
        db.execute(
            "update tasks set created_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-11 minutes')"
        )
    db.close()
    app = rides_that()
    taskq("login", "uber", "--import", "-", stdin=json.dumps(app.signed_in()))
    taskq("work", "--drain")
    task = taskq.task(task_id)

    assert messages(task) == [RIDE_STEPS[0], FAILED]
    assert (
        "was asked for more than 10m ago, and a late ride is a wrong ride" in task["error_message"]
    )
    assert ledger.lines() == []


def test_a_dry_run_requests_nothing(on, rider, ledger):
    on()

    assert rider.ride(dry_run=True)["closing"] == "Dry run: nothing was booked, UberX for 11.97 USD"
    assert ledger.lines() == []
