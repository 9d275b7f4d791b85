"""Pages that no demo day shows: what the app may say, sell or change on the way."""

from datetime import datetime, timedelta

import pytest

from taskq.demo.ride import trips
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.uber import book_ride, request
from tests.conftest import RIDE, Ledger

pytestmark = pytest.mark.browser

PRESSED = """
document.addEventListener('click', event => {
  if (window.once || !event.target.closest('#request')) return;
  window.once = true;
  %s
  setTimeout(() => { %s }, 100);
}, {capture: true});
window.asks = (text, label, product) => {
  const dialog = document.createElement('div');
  dialog.setAttribute('role', 'dialog');
  dialog.style = 'position: fixed; top: 10px; left: 10px; z-index: 99; background: white';
  dialog.append(document.createElement('h2'), document.createElement('button'));
  dialog.firstChild.textContent = text;
  dialog.lastChild.textContent = label;
  dialog.lastChild.onclick = async () => {
    dialog.remove();
    const end = name => JSON.parse(new URLSearchParams(location.search).get(name));
    const variables = {pickup: end('pickup'), drop: end('drop[0]'), payment: 'Visa ••••4242',
      seats: 1, checkoutSessionUUID: 'second', product};
    const headers = {'content-type': 'application/json', 'x-csrf-token': 'x'};
    const body = JSON.stringify({operationName: 'TripRequest', variables});
    const answer = await (await fetch('/go/graphql', {method: 'POST', headers, body})).json();
    if (answer.uuid) location.assign('/go/trip/' + answer.uuid);
  };
  document.body.append(dialog);
};
"""
INSTEAD, BESIDE = "event.stopImmediatePropagation();", ""
CHANGED = """addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
  const found = document.querySelector('%s');
  if (found?.textContent && found.textContent !== '%s' && /%s/.test(found.textContent))
    found.textContent = '%s';
}).observe(document, {subtree: true, childList: true, characterData: true}));"""
SENDS = """const real = window.fetch;
window.fetch = (url, sent) => {
  if (String(sent?.body).includes('TripRequest')) sent = {...sent, body: sent.body.replace(%s)};
  return real(url, sent);
};"""
DEARER_AT_THE_PROBE = """const real = window.fetch;
window.fetch = (url, sent) => {
  const fare = document.querySelector('[aria-selected="true"] .fare');
  if (String(url).includes('guarded=') && fare) fare.textContent = '$99.00';
  return real(url, sent);
};"""


@pytest.fixture
def ride(rider, rides_that, home):
    """Ride at an app whose pages run *script*: what it gave, or raised, and its ledger."""

    def go(script="", asked=None, **habits):
        ledger = Ledger(home / "strange.jsonl")
        rider.take_to(rides_that(ledger, **habits))

        async def act(run):
            await run.page.add_init_script(script)
            return await book_ride(run)

        try:
            return rider.attempt(act, RIDE | (asked or {})), ledger
        except (TaskFailed, NotStarted) as error:
            return error, ledger

    return go


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Upgrade to Comfort? Only $2.00 more than the price you saw", "Continue with Comfort"),
        ("Upgrade: the new price is $12.50", "Accept"),
        ("Try One for $9.99 a month: a lower price on this ride", "Accept"),
        ("Prices are a little higher: $12.00", "Request anyway"),
    ],
)
def test_what_is_sold_on_the_way_is_not_bought(ride, monkeypatch, text, label):
    monkeypatch.setattr(request, "REACTION_SECONDS", 1)
    asked = PRESSED % (INSTEAD, f"asks('{text}', '{label}', 3)")
    ended, ledger = ride(asked)

    assert not isinstance(ended, dict)
    assert ledger.lines() == []


@pytest.mark.parametrize(
    "text",
    [
        "An extra $9.00 will be added to your new fare",
        "Your fare has changed: $12-15",
        "Your fare has changed: $12.00 + $9.00 surge",
        "Your fare has changed: 12.50",
        "Your fare has changed: S$12.50",
        "Your fare has changed",
        "Your fare has changed: it is $2.00 now",
    ],
)
def test_a_new_fare_that_is_not_plainly_one_within_the_limit_is_not_accepted(
    ride, monkeypatch, text
):
    monkeypatch.setattr(request, "REACTION_SECONDS", 1)
    ended, ledger = ride(PRESSED % (INSTEAD, f"asks('{text}', 'Accept', 2)"))

    assert not isinstance(ended, dict)
    assert ledger.lines() == []


@pytest.mark.parametrize("shown", ["24.50", "$12-29", "₺ 450"])
def test_a_confirm_page_whose_fare_cannot_be_read_is_not_confirmed(ride, shown):
    script = CHANGED % ("#confirm-fare", shown, r"\$", shown)
    ended, ledger = ride(script, confirms="in the page")

    assert isinstance(ended, Declined)
    assert ledger.lines() == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        "asks('Your fare has changed: the new fare is $12.00', 'Accept', 2)",
        "asks('Your fare has changed: the new fare is $19.00', 'Accept', 2)",
        "document.querySelector('#error').textContent = 'The promotion is no longer available'",
        "document.querySelector('#error').textContent = 'Your payment was declined'",
    ],
)
def test_whatever_is_said_while_the_request_is_under_way_its_answer_counts(ride, meanwhile):
    booked, ledger = ride(PRESSED % (BESIDE, meanwhile), answers_in=0.8)

    assert ledger.results() == ["booked"]
    assert booked["trip"] == ledger.lines()[0]["trip"]


@pytest.mark.parametrize(
    ("word", "said", "booked"),
    [
        ("DriverCanceled", "Your driver canceled. Finding you another driver", None),
        ("WaitingForPickup", "Grace is on the way. You pay $5 if the trip is canceled", True),
        ("WaitingForPickup", "Your ride is scheduled", None),
    ],
)
def test_only_what_is_certain_ends_the_waiting_for_a_driver(ride, monkeypatch, word, said, booked):
    monkeypatch.setitem(trips.WORDS, word, said)
    ended, ledger = ride(dispatch="driver cancels" if word == "DriverCanceled" else "driver")

    assert not isinstance(ended, Declined)
    assert isinstance(ended, dict) == bool(booked)
    assert ledger.results()[0] == "booked"


def test_the_fare_in_the_result_is_the_one_that_was_accepted(ride):
    booked, ledger = ride(rises="after the request", rises_by=100)

    assert booked["fare"] == f"{ledger.lines()[-1]['fare']} USD" == "12.97 USD"


@pytest.mark.parametrize(
    "replaced", [r'/"pickupAt":"[^"]*"/, \'"pickupAt":null\'', r'/T\d\d:\d\d"/, \'T03:07"\'']
)
def test_a_ride_at_another_time_than_asked_for_is_no_success(ride, replaced):
    when = (datetime.now().astimezone() + timedelta(days=2)).replace(hour=18, minute=30)
    ended, ledger = ride(SENDS % replaced, asked={"pickup_at": when.isoformat()})

    assert isinstance(ended, TaskFailed)
    assert not isinstance(ended, Declined)
    assert ledger.results()[0] == "booked"


def test_a_fare_that_rises_behind_the_last_look_but_one_is_not_paid(ride):
    ended, ledger = ride(DEARER_AT_THE_PROBE)

    assert isinstance(ended, Declined)
    assert "the fare $99.00 is above the limit" in str(ended)
    assert ledger.lines() == []


def test_a_button_that_would_request_something_else_is_not_pressed(ride):
    ended, ledger = ride(
        CHANGED % ("#request", "Request UberXL", "Request UberX", "Request UberXL")
    )

    assert isinstance(ended, TaskFailed)
    assert "would not request UberX" in str(ended)
    assert ledger.lines() == []
