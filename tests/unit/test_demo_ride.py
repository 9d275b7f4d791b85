"""The demo ride app, asked over HTTP without a browser."""

import http.client
import json
import stat
from contextlib import ExitStack
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode, urlsplit

import pytest

from taskq.demo.ride import Habits, RideApp
from tests.conftest import Ledger, wait_for

ROW = {
    "addressLine1": "12 Analytical Row",
    "addressLine2": "New York, NY",
    "latitude": 40.7484,
    "longitude": -73.9857,
}
SQUARE = {"addressLine1": "1 Engine Square", "latitude": 40.7128, "longitude": -74.006}
UBERX = 2


class Rider:
    """A browser's network half, on one connection that is kept alive."""

    def __init__(self, app, *, is_in=True):
        self.app = app
        self.cookies = {c["name"]: c["value"] for c in app.signed_in()["cookies"] if is_in}
        self.connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=5)

    def ask(self, method, path, body=None, kind="application/json"):
        cookies = "; ".join(map("=".join, self.cookies.items()))
        headers = {"Content-Type": kind, "Cookie": cookies, "x-csrf-token": "x"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        answer.text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def graph(self, operation, **variables):
        body = json.dumps({"operationName": operation, "variables": variables})
        return self.ask("POST", "/go/graphql", body)

    def data(self, operation, **variables):
        return json.loads(self.graph(operation, **variables).text)

    def fares(self):
        listed = self.data("Products", pickup=ROW, drop=SQUARE)["products"]
        return {row["name"]: row["fare"] for row in listed}

    def cents(self, name="UberX"):
        listed = self.data("Products", pickup=ROW, drop=SQUARE)["products"]
        return next(row["cents"] for row in listed if row["name"] == name)

    def request(self, **more):
        wanted = {"pickup": ROW, "drop": SQUARE, "product": UBERX, "payment": "Visa"}
        return self.graph("TripRequest", **(wanted | more))

    def status(self, uuid):
        return self.data("GetStatus", uuid=uuid)["clientStatus"]


@pytest.fixture
def ride(ledger):
    """Open the app with the habits named, and give its rider."""
    with ExitStack() as stack:

        def ride(*, is_in=True, **habits):
            quick = {"skeletons": 0.0, "finds_in": 0.0} | habits
            app = stack.enter_context(RideApp(ledger.path, habits=Habits(**quick)))
            rider = Rider(app, is_in=is_in)
            stack.callback(rider.connection.close)
            return rider

        yield ride


def looking(**ends):
    return f"/looking?{urlencode({name: json.dumps(end) for name, end in ends.items()})}"


def test_a_link_with_both_places_leads_to_the_rides_that_go_there(ride):
    ada = ride()
    found = ada.get(looking(pickup=ROW, **{"drop[0]": SQUARE}))
    page = ada.get(found.headers["Location"])

    assert found.headers["Location"].startswith("/go/product-selection?pickup=")
    assert "12 Analytical Row, New York, NY" in page.text
    assert 'data-testid="request_trip_button"' in page.text


def test_a_link_without_coordinates_leads_to_the_search(ride):
    ada = ride()
    found = ada.get(looking(pickup=ROW, **{"drop[0]": {"addressLine1": "1 Engine Square"}}))
    page = ada.get(found.headers["Location"])

    assert found.headers["Location"].startswith("/go/home?pickup=")
    assert page.text.count('aria-label="Search for a location"') == 2


def test_a_stranger_is_sent_to_log_in_and_led_back_with_the_code(ride):
    ada = ride(is_in=False)
    wanted = "/go/home?pickup=x&drop=y"
    sent = ada.get(wanted).headers["Location"]
    form = {"next_url": wanted, "account": "ada@example.com"}
    kind = "application/x-www-form-urlencoded"
    wrong = ada.ask("POST", "/login", urlencode({**form, "code": "0000"}), kind)
    right = ada.ask("POST", "/login", urlencode({**form, "code": ada.app.code}), kind)

    assert sent == f"/login?next_url={quote(wanted, safe='')}"
    assert "code you entered is incorrect" in wrong.text
    assert right.headers["Location"] == wanted
    assert {"sid", "csid", "jwt-session"} <= ada.cookies.keys()
    assert 'href="/trips">Activity' in ada.get("/go/home").text
    ada.get("/logout")
    assert ada.get("/go/home").headers["Location"].startswith("/login")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_nobody_is_led_to_another_site_after_the_login(ride, elsewhere):
    ada = ride(is_in=False)
    posted = urlencode({"next_url": elsewhere, "code": ada.app.code})
    led = ada.ask("POST", "/login", posted, "application/x-www-form-urlencoded")

    assert led.headers["Location"] == "/go/home"


def test_sessions_may_be_over_and_humans_be_asked_for(ride):
    assert ride(session="expired").get("/trips").headers["Location"].startswith("/login")
    out = ride(session="signed out")
    assert 'href="/login">Log in' in out.get("/go/home").text
    assert set(out.fares().values()) == {""}
    assert "px-captcha" in ride(human_check=True).get("/looking").text


def test_a_place_is_found_by_its_words_in_one_town_in_two_or_not_at_all(ride):
    def found(**habits):
        places = ride(**habits).data("PudoLocationSearch", query="engine square")["places"]
        return [place["addressLine2"] for place in places]

    assert found() == ["New York, NY"]
    assert found(suggestions="several") == ["New York, NY", "Newark, NJ"]
    assert found(suggestions="none") == []


def test_fares_are_written_as_the_day_has_it(ride):
    plain = ride().fares()
    assert plain["UberX"] == "$11.97"
    assert ride(currency="EUR").fares()["UberX"] == "€11.97"
    assert ride(fares="ranges").fares()["UberX"] == "$11.97-$15.97"
    assert ride(fares="none").fares()["UberX"] == "—"
    assert ride(sold_out=("UberX",)).fares()["UberX"] == ""
    assert "UberX" not in ride(missing=("UberX",)).fares()
    twice = ride(rises="in the list")
    assert [twice.fares()["UberX"], twice.fares()["UberX"]] == ["$11.97", "$14.97"]


def test_a_request_is_a_trip_and_a_line_that_only_its_owner_can_read(ride, ledger):
    ada = ride()
    uuid = json.loads(ada.request(seats=2, checkoutSessionUUID="c").text)["uuid"]
    (line,) = ledger.lines()

    assert (line["result"], line["trip"], line["checkout"]) == ("booked", uuid, "c")
    assert (line["product"], line["fare"], line["currency"]) == ("UberX", "11.97", "USD")
    assert (line["from"], line["to"]) == ("12 Analytical Row, New York, NY", "1 Engine Square")
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert ada.status(uuid) == "WaitingForPickup"
    assert uuid in ada.get("/trips").text
    assert "Grace is on the way" in ada.get(f"/go/trip/{uuid}").text


def test_a_request_sent_twice_is_two_trips(ride, ledger):
    ada = ride()
    uuids = {json.loads(ada.request(checkoutSessionUUID="c").text)["uuid"] for _ in range(2)}

    assert len(uuids) == 2
    assert [line["result"] for line in ledger.lines()] == ["booked", "booked"]


@pytest.mark.parametrize(
    ("dispatch", "status", "result"),
    [
        ("no drivers", "NoDriversAvailable", "no_drivers"),
        ("driver cancels", "DriverCanceled", "driver_canceled"),
        ("declined late", "PaymentDeclined", "payment_declined"),
    ],
)
def test_what_becomes_of_a_trip_later_is_in_the_ledger_as_well(
    ride, ledger, dispatch, status, result
):
    ada = ride(dispatch=dispatch)
    uuid = json.loads(ada.request().text)["uuid"]
    lines = wait_for(lambda: (found := ledger.lines())[1:] and found)

    assert ada.status(uuid) == status
    assert [line["result"] for line in lines] == ["booked", result]


def test_a_ride_for_later_is_scheduled(ride):
    ada = ride(dispatch="no drivers")
    uuid = json.loads(ada.request(pickupAt="2030-01-01T10:00").text)["uuid"]

    assert ada.status(uuid) == "Scheduled"


def test_a_declined_request_is_no_trip(ride, ledger):
    ada = ride(answers="decline")

    assert json.loads(ada.request().text)["message"] == "Payment was declined"
    assert [line["result"] for line in ledger.lines()] == ["declined"]
    assert ada.app.trips() == []


def test_an_error_comes_before_the_booking_or_after_it(ride, ledger):
    assert ride(answers="error before").request().status == 500
    assert ledger.lines() == []
    ada = ride(answers="error after")
    assert ada.request().status == 500
    assert [line["trip"] for line in ledger.lines()] == [ada.app.trips()[0].id]


def test_a_connection_may_be_dropped_after_the_booking(ride, ledger):
    ada = ride(answers="hang up after")
    ada.get("/trips")

    with pytest.raises(http.client.RemoteDisconnected):
        ada.request()
    assert [line["result"] for line in ledger.lines()] == ["booked"]


def test_a_higher_fare_is_asked_about_before_anything_is_booked(ride, ledger):
    ada = ride(rises="after the request", rises_again=True)
    seen = ada.cents()
    first = json.loads(ada.request(cents=seen).text)
    second = json.loads(ada.request(cents=first["cents"]).text)

    assert (first["errorKey"], first["fare"]) == ("fare_expired", "$14.97")
    assert second["fare"] == "$17.97"
    assert {line["result"] for line in ledger.lines()} == {"fare_changed"}


def test_connections_are_kept_alive_which_is_what_makes_browsers_send_again(ride):
    ada = ride()
    ada.get("/trips")
    first = ada.connection.sock
    ada.get("/trips")

    assert ada.connection.sock is first


def test_a_rider_on_the_way_is_shown_that_trip(ride):
    ada = ride(on_trip=True)
    (trip,) = ada.app.trips()

    assert ada.get("/go/home").headers["Location"] == f"/go/trip/{trip.id}"


def test_an_earlier_trip_is_in_the_activity(ride):
    ada = ride(had_trip=True)
    (trip,) = ada.app.trips()

    assert trip.status == "Completed"
    assert f'href="/trips/{trip.id}"' in ada.get("/trips").text


def test_no_more_than_the_scripts_operations_are_known(ride):
    ada = ride()

    assert ada.graph("TripCancel").status == 400
    assert ada.data("GetStatus", uuid="x") == {"errorKey": "not_found"}
    assert ada.get("/static/../site.py").status != 200
    assert Ledger(ada.app._ledger.path).lines() == []
