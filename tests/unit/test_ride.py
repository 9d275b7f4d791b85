"""What a ride is, what it may cost, and the links that open it; without a browser."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from taskq import settings
from taskq.errors import BadInput, BadParams, TaskFailed
from taskq.handlers.uber import UBER, fares, links, products, ride, trips
from taskq.handlers.uber.fares import Fare, Limit
from taskq.handlers.uber.places import Place, is_same_address, miles
from taskq.handlers.uber.ride import identity
from taskq.tasks import logins
from tests.conftest import RIDE

BASE = "https://m.uber.com"
PICKUP = Place(RIDE["from_address"], (40.7484, -73.9857))
DROP = Place(RIDE["to_address"], (40.7128, -74.006))


def a_ride(**more):
    return UBER.parse(RIDE | more)


@pytest.mark.parametrize(
    ("text", "fare"),
    [
        ("$18.40", Fare(1840, "$")),
        ("US$18.40", Fare(1840, "USD")),
        ("CA$1,018.40", Fare(101840, "CAD")),
        ("18,40 €", Fare(1840, "EUR")),
        ("1.018,40 €", Fare(101840, "EUR")),
        ("€18", Fare(1800, "EUR")),
        ("USD 18.40", Fare(1840, "USD")),
        ("1 018,40 PLN", Fare(101840, "PLN")),
        ("¥1,840", Fare(1840, "JPY")),
        ("$1,840", Fare(184000, "$")),
        ("CHF 1'018.40", Fare(101840, "CHF")),
    ],
)
def test_a_fare_is_read_in_the_smallest_coin(text, fare):
    assert fares.parse(text) == fare


NO_FARES = [
    "",
    "—",
    "18.40",
    "$18.4",
    "$18-22",
    "$18.40-$22.40",
    "$1.234.56",
    "$12.345,6",
    "¥18.40",
]
NO_FARES += ["from $18.40", "$18.40 $", "$18.40 or $20", "$ ", "$x", "VIA 12", "-$5"]


@pytest.mark.parametrize("text", NO_FARES)
def test_what_is_no_plain_amount_is_above_any_limit(text):
    assert fares.parse(text) is None
    for limit in (Limit(Decimal(1_000_000), "USD"), Limit(None, "USD")):
        with pytest.raises(TaskFailed, match="nothing was booked"):
            limit.check(text)


@pytest.mark.parametrize(
    ("text", "currency", "is_in"),
    [
        ("$25.00", "USD", True),
        ("$25.01", "USD", False),
        ("25.00 USD", "USD", True),
        ("CA$25.00", "USD", False),
        ("$25.00", "CAD", True),
        ("$25.00", "EUR", False),
        ("25,00 €", "EUR", True),
        ("€1.00", "USD", False),
        ("¥25", "JPY", True),
        ("¥26", "JPY", False),
    ],
)
def test_a_fare_in_another_currency_is_above_any_limit(text, currency, is_in):
    limit = Limit(Decimal(25), currency)

    if is_in:
        assert limit.check(text).currency == currency
    else:
        with pytest.raises(TaskFailed, match="nothing was booked"):
            limit.check(text)


ONE_AMOUNT = [
    ("Your fare has changed\nThe new fare is $23.13\nAccept new fare\nCancel", "$23.13"),
    ("Confirm your pickup spot\n12 Analytical Row, New York, NY\nFare: $14.97", "$14.97"),
    ("UberX\n3 min away\n18,40 €\nVisa ••••4242", "18,40 €"),
    ("Fare 1\u202f018,40\u00a0PLN", "1\u202f018,40\u00a0PLN"),
    ("$24.50\nNow $24.50, as before", "$24.50"),
    ("$24\n$24.00", "$24"),
    ("The fare has changed to $23.13.", "$23.13"),
    ("UberX \u2013 $14.97", "$14.97"),
    ("Visa 4242 $14.97", "$14.97"),
    ("$14.97\nTo 12 Analytical Row\nA driver is near", "$14.97"),
    ("Price: USD 18.40\nVisa\n\nA cancellation fee may apply", "USD 18.40"),
]


@pytest.mark.parametrize(("text", "amount"), ONE_AMOUNT)
def test_the_one_amount_of_a_page_is_found_and_the_limit_can_read_it(text, amount):
    assert fares.only_amount(text) == amount
    assert Limit(None, "USD").check(amount).minor > 0


NO_AMOUNT = ["", "Confirm your pickup spot\n12 Analytical Row, New York, NY 10001\nConfirm"]
NO_AMOUNT += ["Visa ••••4242", "Pickup 10:30, in 3 min", "UberX4\nPIN 1234", "TRY AGAIN"]


@pytest.mark.parametrize("text", NO_AMOUNT)
def test_a_page_without_an_amount_names_none(text):
    assert fares.only_amount(text) is None


UNCLEAR = [
    "$12-15",
    "$12 - 15",
    "$12 \u2013 $15",
    "$12 to 25",
    "12 to $25",
    "12-$15",
    "$12\n-\n15",
    "$12\nto\n25",
]
UNCLEAR += ["$10.00 + $9.00 surge", "An extra $8.00 will be added", "Tip\n\n$8.00", "+$8.00"]
UNCLEAR += [
    "An extra\n$8.00\nwill be added",
    "$8.00 more",
    "Booking fee: $2.00",
    "-$5",
    "\u2212$5.00",
    "Promo\n- $5",
]
UNCLEAR += ["~$12", "≈ $12", "from $12", "up to $12", "$12+", "$0.45/min", "$0.45 per minute"]
UNCLEAR += ["S$12.00", "C$12.00", "Fare$12.00", "$12k", "$12.00 CAD", "$ 12 €", "$12 15", "$1.8"]
UNCLEAR += ["2.3x", "Fares are 2.3x", "$12.00 \u00d72", "x2 $12.00", "₺ 450", "450 ₺", "450 UAH"]
UNCLEAR += ["Rs. 450", "120 kr", "Fare: 24.50", "24,50", "$24.50, was 30.00", "New fare: 24"]
UNCLEAR += ["The price is higher than usual", "Fare unavailable", "$14.97\n$11.97", "$", "$\n24"]
UNCLEAR += ["$14.97\nCA$14.97", "$1.234.56", "US$12.00 and 3 more", "Surge applies\n\nhere\n\n$8"]


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_page_that_names_more_than_one_plain_amount_is_above_any_limit(text):
    assert fares.only_amount(text) == ""
    with pytest.raises(TaskFailed, match="nothing was booked"):
        Limit(None, "USD").check("")


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("Request UberX", True),
        ("  reserve\u00a0 UBERX \n", True),
        ("Choose UberX\n$14.97", True),
        ("Confirm UberX\n\n10:32 · 3 min away", True),
        ("Request\nUberX", True),
        ("Request UberXL", False),
        ("Request UberX Share", False),
        ("Request UberX\nShare", False),
        ("Request UberX4", False),
        ("Request Uber", False),
        ("Request", False),
        ("RequestUberX", False),
        ("UberX", False),
        ("Cancel UberX", False),
        ("", False),
    ],
)
def test_a_button_asks_for_a_product_only_by_its_whole_name(text, is_asked):
    assert products.asks_for(text, "UberX") is is_asked


def test_a_product_of_several_words_is_asked_for_by_all_of_them():
    assert products.asks_for("Request  UberX\u00a0Share\n$9.10", "uberx share")
    assert not products.asks_for("Request UberX", "UberX Share")
    assert not products.asks_for("Request UberX", "")


def test_a_link_of_the_web_app_holds_what_is_documented_for_it():
    link = links.web(BASE, PICKUP, DROP)
    said = dict(parse_qsl(urlsplit(link).query))

    assert link.startswith(f"{BASE}/looking?pickup=%7B%22latitude%22%3A40.7484%2C")
    assert "drop%5B0%5D=" in link
    assert " " not in link
    assert "+" not in link
    assert json.loads(said["pickup"]) == {
        "latitude": 40.7484,
        "longitude": -73.9857,
        "addressLine1": "12 Analytical Row",
        "addressLine2": "New York, NY",
    }
    assert links.ends(link) == {"pickup": PICKUP, "drop[0]": DROP}


def test_what_has_no_coordinates_is_in_no_link_of_the_web_app():
    there = Place("1 Engine Square")

    assert set(links.ends(links.web(BASE, PICKUP, there))) == {"pickup"}
    assert links.web(BASE, Place("12 Analytical Row"), there) == f"{BASE}/go/home"


def test_a_link_for_the_phone_names_both_places_as_documented():
    link = links.app(BASE, PICKUP, Place("Größe & Co, Berlin"))
    said = dict(parse_qsl(urlsplit(link).query))

    assert link.startswith(f"{BASE}/ul/?action=setPickup&pickup%5Blatitude%5D=40.7484")
    assert "%20" in link
    assert "+" not in link
    assert said["pickup[longitude]"] == "-73.9857"
    assert said["pickup[nickname]"] == "12 Analytical Row"
    assert said["pickup[formatted_address]"] == "12 Analytical Row, New York, NY"
    assert said["dropoff[nickname]"] == "Größe & Co"
    assert "dropoff[latitude]" not in said


def test_a_trip_is_known_by_its_address_alone():
    trip = "6f1c4f0e-1a2b-4c3d-8e9f-001122334455"

    assert links.trip_id(f"{BASE}/go/trip/{trip.upper()}?x=1") == trip
    assert links.trip_id(f"https://riders.uber.com/trips/{trip}") == trip
    assert links.trip_id(f"{BASE}/go/product-selection?next=/go/trip/{trip}") is None
    assert links.trip_id(f"{BASE}/go/trip/1") is None


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Grace is on the way", "comes"),
        ("Your driver is arriving", "comes"),
        ("Your ride is scheduled", "scheduled"),
        ("Grace is on the way. You pay $5 if the trip is canceled", "comes"),
        ("Your driver canceled. Finding you another driver", "nothing"),
        ("If your trip is canceled you pay nothing", "nothing"),
        ("Location access was declined", "nothing"),
        ("No drivers available", "comes not"),
        ("Your driver canceled", "comes not"),
        ("Your trip was cancelled", "comes not"),
        ("Payment was declined", "comes not"),
        ("Finding your driver", "nothing"),
        ("Help is here", "nothing"),
        ("Free cancellation for 2 minutes", "nothing"),
        ("Available drivers are being notified", "nothing"),
    ],
)
def test_what_the_app_says_of_a_trip_means_only_what_is_certain(said, means):
    meant = {
        "comes": trips.says_yes(said, scheduled=False),
        "scheduled": trips.says_yes(said, scheduled=True),
        "comes not": trips.says_no(said),
    }

    assert [each for each, holds in meant.items() if holds] == [means][: means != "nothing"]


@pytest.mark.parametrize(
    ("asked", "offered", "same"),
    [
        ("12 analytical row", "12 Analytical Row, New York, NY", True),
        ("12 Analytical Row, New York NY", "12 Analytical Row, New York, NY", True),
        ("12 Analytical Row", "12 Analytical Row North, New York, NY", False),
        ("12 Analytical Row, Newark", "12 Analytical Row, New York, NY", False),
        ("2 Analytical Row", "12 Analytical Row, New York, NY", False),
    ],
)
def test_an_address_is_the_same_only_if_it_is_so_word_by_word(asked, offered, same):
    assert is_same_address(asked, offered) is same


def test_coordinates_decide_where_there_are_some():
    near, far = (40.7485, -73.9857), (40.76, -73.9857)

    assert PICKUP.is_at(Place("another name", near))
    assert not PICKUP.is_at(Place(PICKUP.address, far))
    assert not PICKUP.is_at(Place(PICKUP.address))
    assert miles((40.7484, -73.9857), (40.7128, -74.006)) == pytest.approx(2.68, abs=0.01)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to_address": "12 analytical row New York, NY"}, "--to: the ride would end where it"),
        ({"to_lat": 40.7484, "to_lon": -73.9856}, "the ride would end where it begins"),
        ({"to_lat": 42.36, "to_lon": -71.06}, "188 miles to there, and a ride goes at most 100"),
        ({"from_lat": None}, "--from-lon: a place is two numbers"),
        ({"to_lon": None}, "--to-lon: a place is two numbers"),
        ({"to_lat": 91}, "--to-lat: must be 90 or less"),
        ({"max_fare": None}, "--max-fare: say the most that the ride may cost, or that"),
        ({"any_fare": True}, "(--any-fare): choose one"),
        ({"max_fare": "0"}, "--max-fare: must be more than 0"),
        ({"max_fare": "cheap"}, "--max-fare: this is no number"),
        ({"currency": "dollars"}, "--currency: use the ISO code of a currency"),
        ({"pickup_at": "0001-01-01T00:00"}, "--pickup-at: this is no time"),
        ({"seats": 3}, "--seats: must be 2 or less"),
        ({"expires": "soon"}, "--expires: 'soon' is no duration"),
        ({"pickup_at": "2020-01-01T10:00"}, "--pickup-at: this time has passed"),
        ({"pickup_at": "2120-01-01T10:00"}, "--pickup-at: this is more than 30 days ahead"),
        ({"pickup_at": "tomorrow"}, "--pickup-at: this is no time such as"),
        ({"promo": "x"}, "--promo: not an option of this task type"),
    ],
)
def test_what_cannot_be_a_ride_is_refused_when_it_is_asked_for(given, said):
    with pytest.raises(BadParams) as refused:
        a_ride(**given)

    assert said in str(refused.value)


def test_a_ride_that_was_asked_for_in_time_can_be_read_again_later():
    soon = datetime.now(UTC) + timedelta(minutes=5)
    asked = a_ride(pickup_at=soon.isoformat()).model_dump(mode="json")
    asked["pickup_at"] = (soon - timedelta(minutes=10)).isoformat()

    assert UBER.params.model_validate(asked).pickup_at < soon


def test_a_time_without_a_zone_is_this_machines(monkeypatch):
    when = (datetime.now() + timedelta(days=1)).replace(microsecond=0)  # noqa: DTZ005

    assert a_ride(pickup_at=when.isoformat()).pickup_at == when.astimezone()


@pytest.mark.parametrize(
    ("given", "minutes", "is_late"),
    [
        ({}, 9, False),
        ({}, 11, True),
        ({"expires": "1h"}, 59, False),
        ({"expires": "90s"}, 2, True),
        ({"pickup_at": "in an hour"}, 59, False),
        ({"pickup_at": "in an hour", "expires": "5m"}, 6, True),
    ],
)
def test_a_ride_is_late_after_ten_minutes_or_what_was_said(given, minutes, is_late):
    if "pickup_at" in given:
        given = given | {"pickup_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    asked_at = datetime.now(UTC) - timedelta(minutes=minutes)

    if is_late:
        with pytest.raises(TaskFailed, match="a late ride is a wrong ride"):
            ride.in_time(a_ride(**given), asked_at)
    else:
        ride.in_time(a_ride(**given), asked_at)


def test_a_pickup_time_that_has_passed_meanwhile_is_too_late():
    asked = a_ride().model_dump() | {"pickup_at": datetime.now(UTC) - timedelta(seconds=1)}

    with pytest.raises(TaskFailed, match=r"the pickup time .* has passed"):
        ride.in_time(UBER.params.model_validate(asked), datetime.now(UTC))


def test_the_same_way_is_the_same_ride_in_whatever_product():
    assert identity(a_ride()) == identity(a_ride(product="Black", max_fare="99"))
    assert identity(a_ride()) != identity(a_ride(to_address="2 Engine Square"))
    when = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    later = a_ride(pickup_at=(when + timedelta(seconds=30)).isoformat())
    assert identity(a_ride(pickup_at=when.isoformat())) == identity(later) != identity(a_ride())


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://m.uber.com/", True),
        ("http://127.0.0.1:8080", True),
        ("http://m.uber.com", False),
        ("https://m.uber.com/go/home", False),
        ("https://ada:secret@m.uber.com", False),
        ("m.uber.com", False),
    ],
)
def test_the_app_is_asked_over_https_or_on_this_machine(monkeypatch, url, is_good):
    monkeypatch.setenv("TASKQ_UBER_URL", url)

    if is_good:
        assert settings.load().uber_url == url.rstrip("/")
    else:
        with pytest.raises(BadInput, match="TASKQ_UBER_URL"):
            settings.load()


def test_a_login_for_rides_needs_no_address(home):
    assert logins.where("uber", None) == "https://m.uber.com/go/home"
    with pytest.raises(BadInput, match="--url"):
        logins.where("shopify", None)


def test_a_ride_without_a_login_says_how_to_make_one(taskq, home):
    ways = ("--from=A street", "--to=B street", "--any-fare", "--work")
    first = taskq("submit", "uber", *ways)
    other = taskq("submit", "uber", *ways, "--account", "work")

    assert (first.returncode, other.returncode) == (5, 5)
    assert first.stderr.strip().endswith("Log in: taskq login uber")
    assert other.stderr.strip().endswith("Log in: taskq login uber --account work")


@pytest.mark.parametrize(
    "wordless", [{"from_address": "???"}, {"payment": "••"}, {"product": "--"}]
)
def test_what_has_no_words_names_nothing(wordless):
    given = {"from_address": "A street", "to_address": "B street", "max_fare": "9"}
    with pytest.raises(BadInput, match="neither letters nor digits"):
        UBER.parse(given | wordless)


def test_an_address_that_is_too_short_is_not_called_missing():
    with pytest.raises(BadInput, match="--from: this is too short for an address"):
        UBER.parse({"from_address": "A", "to_address": "B street", "max_fare": "9"})
