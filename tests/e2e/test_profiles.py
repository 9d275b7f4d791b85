"""Who orders and with which card: asked, changed, shown and forgotten, the secret part unseen."""

import json
import os
import sys
from pathlib import Path

import pytest

from taskq import secrets
from taskq.errors import BadInput
from taskq.secrets import card as cards
from tests.conftest import ADA

NUMBER, CODE = "4539578763621486", "9173"
CARD = {"number": "4539 5787 6362 1486", "expiry": "11/39", "cvc": CODE, "name": "Zebulon Canary"}
NO_CARD = {name: "" for name in os.environ if name.startswith("TASKQ_CARD_")} | dict.fromkeys(
    secrets.CARD_VARIABLES.values(), ""
)
URL = "https://kith.com/products/hp-p020-051-1"


def files(home):
    """Every file of the test's folder, by its path there."""
    return {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}


def refused(done, code, *words):
    assert done.returncode == code, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def answer(terminal, answers):
    for question, said in answers:
        terminal.reads(question)
        terminal.types(said)


ADA_SAYS = [
    ("E-mail", "ada@example.com"),
    ("First name", "Ada"),
    ("Last name", "Lovelace"),
    ("Street", "12 Analytical Row"),
    ("Apartment", ""),
    ("City", "New York"),
    ("Country", "us"),
    ("State or province", "ny"),
    ("Postal code", "10001"),
    ("Phone", ""),
    ("Never pay more", ""),
]


def test_a_profile_is_asked_for_at_a_terminal_and_what_is_wrong_is_asked_again(terminal, taskq):
    at = terminal("profile", "add", "ada")
    wrong = {"E-mail": "ada", "Postal code": "1000"}
    answer(at, [(question, wrong.get(question, said)) for question, said in ADA_SAYS])
    at.reads("email: not an e-mail address")
    at.reads("postal_code: not a US ZIP code")
    answer(at, [("E-mail", "ada@example.com"), ("Postal code", "10001")])

    assert at.ends() == 0
    shown = json.loads(taskq("profile", "show", "ada", "--json").stdout)
    assert (shown["email"], shown["province"]) == ("ada@example.com", "NY")


def test_an_edit_keeps_what_is_not_answered_and_empties_what_is_dashed(terminal, taskq, ada):
    at = terminal("profile", "edit", "default")
    changed = {"City": "Albany", "Phone": "-"}
    answer(at, [(question, changed.get(question, "")) for question, _ in ADA_SAYS])

    assert at.ends() == 0
    shown = json.loads(taskq("profile", "show", "default", "--json").stdout)
    assert (shown["city"], shown["phone"], shown["last_name"]) == ("Albany", "", "Lovelace")


def test_an_edit_by_script_changes_fields_and_clears_them(taskq, home, ada):
    done = taskq("profile", "edit", "default", "--set", "city=Albany", "--set", "phone=")
    shown = json.loads(taskq("profile", "show", "default", "--json").stdout)

    assert done.returncode == 0
    assert (shown["city"], shown["phone"]) == ("Albany", "")
    assert (home / "config/profiles/default.toml").stat().st_mode & 0o777 == 0o600


def test_an_edit_that_is_wrong_as_a_whole_changes_nothing(taskq, home, ada):
    before = (home / "config/profiles/default.toml").read_bytes()
    done = taskq(
        *("profile", "edit", "default", "--set", "country=CA", "--set", "phone=12"),
        *("--set", "city=", "--set", "shoe="),
    )

    refused(
        done, 2, "phone: not a phone", "city: missing", "not a Canadian postal code", "shoe: not"
    )
    assert (home / "config/profiles/default.toml").read_bytes() == before
    refused(taskq("profile", "edit", "default"), 2, "taskq profile edit default --set FIELD=VALUE")
    refused(taskq("profile", "edit", "default", "--set", "city"), 2, "is not FIELD=VALUE")
    refused(taskq("profile", "edit", "nobody", "--set", "city=X"), 5, "taskq profile add nobody")


def test_a_profile_that_can_no_longer_be_used_is_mended_by_an_edit(taskq, home, ada):
    file = home / "config/profiles/default.toml"
    file.write_text(file.read_text().replace('province = "NY"\n', ""))

    refused(taskq("profile", "show", "default"), 5, "province: missing", "taskq profile edit")
    assert "province: missing" in taskq("profile", "list").stdout
    assert taskq("profile", "edit", "default", "--set", "province=NY").returncode == 0
    assert taskq("profile", "show", "default").returncode == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phone": "call me"}, "phone: not a phone number"),
        ({"phone": "+1 212"}, "phone: not a phone number"),
        ({"province": ""}, "province: missing"),
        ({"postal_code": "1234"}, "postal_code: not a US ZIP code"),
        ({"postal_code": ""}, "postal_code: missing"),
        ({"country": "AU", "province": ""}, "province: missing"),
        ({"country": "CA", "province": "ON"}, "postal_code: not a Canadian postal code"),
        ({"country": "GB"}, "postal_code: not a UK postcode"),
        ({"max_price": "much"}, "max_price: use an amount"),
    ],
)
def test_an_address_that_no_checkout_takes_is_refused_at_once(taskq, changes, said):
    given = json.dumps({**ADA, **changes})

    refused(taskq("profile", "add", "ada", "--file", "-", stdin=given), 2, said)
    assert taskq("profile", "list").stdout.splitlines()[1:] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "CA", "province": "ON", "postal_code": "k1a 0b1"},
        {"country": "GB", "province": "", "postal_code": "SW1A 1AA"},
        {"country": "HK", "province": "", "postal_code": ""},
        {"postal_code": "10001-1234", "phone": "(212) 555-0142"},
    ],
)
def test_addresses_of_other_countries_are_taken(taskq, changes):
    given = json.dumps({**ADA, **changes})

    assert taskq("profile", "add", "ada", "--file", "-", stdin=given).returncode == 0


def test_the_profiles_are_listed_with_person_country_and_masked_card(taskq, ada):
    taskq("profile", "add", "bob", "--file", "-", stdin=json.dumps({**ADA, "first_name": "Bob"}))
    taskq("profile", "card", "bob", "--file", "-", stdin=json.dumps(CARD))
    head, bob, default = (line.split("\t") for line in taskq("profile", "list").stdout.splitlines())

    assert head == ["name", "person", "country", "card"]
    assert bob == ["bob", "Bob Lovelace", "US", "•••• 1486"]
    assert default == ["default", "Ada Lovelace", "US", "••••"]
    assert [each["card"] for each in json.loads(taskq("profile", "list", "--json").stdout)] == [
        "•••• 1486",
        "••••",
    ]
    assert "•••• 1486" in taskq("profile", "show", "bob").stdout


def test_a_removed_profile_takes_its_card_along(taskq, terminal, home, ada):
    taskq("profile", "card", "default", "--file", "-", stdin=json.dumps(CARD))
    refused(taskq("profile", "remove", "default"), 2, "taskq profile remove default --yes")
    at = terminal("profile", "remove", "default")
    at.reads("Remove the profile default and its card?")
    at.types("n")

    assert at.ends() == 1
    assert set(files(home)) == {"config/profiles/default.toml", "config/cards/default.toml"}
    assert taskq("profile", "remove", "default", "--yes").returncode == 0
    assert files(home) == {}
    refused(taskq("profile", "remove", "default", "--yes"), 5, "No profile 'default'")


def test_a_card_is_asked_for_unseen_and_kept_in_a_file_of_its_owner(terminal, taskq, home, ada):
    at = terminal("profile", "card", "default")
    answer(
        at,
        [
            ("Card number (hidden): ", "4539 5787 6362 1487"),
            ("Good until", "11/20"),
            ("Security code (hidden): ", CODE),
            ("Name on the card", CARD["name"]),
        ],
    )
    at.reads("number: not a card's number")
    at.reads("expiry: this card has expired")
    answer(at, [("Card number (hidden): ", CARD["number"]), ("Good until", "11/39")])
    at.reads("Card •••• 1486 of profile default is in")

    assert at.ends() == 0
    assert not any(secret in at.seen for secret in (NUMBER, CARD["number"], CODE))
    kept = home / "config/cards/default.toml"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert taskq("profile", "card", "default", "--remove").stdout.strip() != "No card"
    assert not kept.exists()


def test_a_kept_card_is_paid_with_and_the_environments_wins(home, ada, monkeypatch):
    secrets.kept.keep("ada", cards.checked(CARD))
    secrets.kept.keep("default", cards.checked(CARD))

    assert secrets.card_of("ada", "default").masked == "•••• 1486"
    assert secrets.card_of("default", "default").masked == "••••"
    for variable in secrets.CARD_VARIABLES.values():
        monkeypatch.delenv(variable)
    assert secrets.card_of("default", "default").revealed() == {**CARD, "number": NUMBER}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "4539578763621487"}, "number: not a card's number"),
        ({"number": "4"}, "number: not a card's number"),
        ({"number": True}, "number: use text in quotes"),
        ({"expiry": "01/20"}, "expiry: this card has expired"),
        ({"expiry": "13/39"}, "expiry: use MM/YY"),
        ({"cvc": "91737"}, "cvc: use its 3 or 4 digits"),
        ({"name": " "}, "name: missing"),
        ({"pin": "91737"}, "1 more than number, expiry, cvc, name"),
    ],
)
def test_a_card_that_cannot_be_one_is_refused_and_not_repeated(taskq, home, ada, changes, said):
    given = {**CARD, **changes}
    done = taskq("profile", "card", "default", "--file", "-", stdin=json.dumps(given))

    refused(done, 2, said)
    assert not any(str(value) in done.stderr for value in given.values() if len(str(value)) > 4)
    assert not (home / "config/cards").exists()


@pytest.mark.parametrize("text", [f"number = {NUMBER}x", f'{{"number": {NUMBER}x', NUMBER])
def test_a_card_file_that_cannot_be_read_is_not_repeated(taskq, ada, text):
    for debug in ({}, {"TASKQ_DEBUG": "1"}):
        done = taskq("profile", "card", "default", "--file", "-", stdin=text, env=debug)

        assert done.returncode != 0
        assert NUMBER not in done.stdout + done.stderr
    with pytest.raises(BadInput) as raised:
        cards.parse(text)
    assert raised.value.__context__ is None


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_the_test_gateways_numbers_are_cards(number):
    assert cards.checked({**CARD, "number": number}).number.get_secret_value() == number


def test_a_card_is_for_a_profile_that_is_there(taskq):
    done = taskq("profile", "card", "ada", "--file", "-", stdin=json.dumps(CARD))

    refused(done, 5, "taskq profile add ada")


def test_a_card_that_others_may_read_is_not_used(taskq, home, ada):
    taskq("profile", "card", "default", "--file", "-", stdin=json.dumps(CARD))
    (home / "config/cards/default.toml").chmod(0o644)
    done = taskq("submit", "shopify", "--url", URL, "--work", env=NO_CARD)

    refused(done, 5, "Others may read", "chmod 600")


RING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 1
    file = pathlib.Path(os.environ["RING_FILE"])

    def _all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def set_password(self, service, username, password):
        if os.environ.get("RING_FAILS"):
            raise RuntimeError(f"cannot keep {password}")
        self.file.write_text(json.dumps({**self._all(), f"{service}/{username}": password}))

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def delete_password(self, service, username):
        left = self._all()
        del left[f"{service}/{username}"]
        self.file.write_text(json.dumps(left))
"""


@pytest.fixture
def ring(home, monkeypatch):
    """A keyring of the test's own."""
    (home / "modules").mkdir()
    (home / "modules" / "ring.py").write_text(RING)
    monkeypatch.setenv("PYTHONPATH", f"{home / 'modules'}:{':'.join(filter(None, sys.path))}")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "ring.Ring")
    monkeypatch.setenv("RING_FILE", str(home / "ring.json"))
    return home / "ring.json"


def test_a_card_is_kept_in_the_keyring_where_there_is_one(taskq, home, ada, ring):
    kept = taskq("profile", "card", "default", "--file", "-", stdin=json.dumps(CARD))

    assert kept.stdout.strip() == "Card •••• 1486 of profile default is in the system's keyring"
    assert not (home / "config/cards").exists()
    assert NUMBER in ring.read_text()
    assert "•••• 1486" in taskq("profile", "list", env=NO_CARD).stdout
    assert "its card" in taskq("profile", "remove", "default", "--yes").stdout
    assert ring.read_text() == "{}"


def test_the_card_that_was_given_last_is_the_one(taskq, home, ada, ring):
    give = ("profile", "card", "default", "--file", "-")
    taskq(*give, stdin=json.dumps(CARD))
    other = json.dumps({**CARD, "number": "4242424242424242"})
    in_file = taskq(*give, stdin=other, env={"RING_FAILS": "1"})

    assert in_file.stdout.strip().endswith("config/cards/default.toml")
    assert NUMBER not in in_file.stderr
    assert "•••• 4242" in taskq("profile", "list", env=NO_CARD).stdout
    taskq(*give, stdin=json.dumps(CARD))
    assert not Path(in_file.stdout.strip().split(" is in ")[1]).exists()
    assert "•••• 1486" in taskq("profile", "list", env=NO_CARD).stdout


def test_a_person_without_a_profile_is_led_through_it_at_their_first_task(terminal, taskq):
    at = terminal("submit", "shopify", "--url", URL, env=NO_CARD)
    at.reads("No profile 'default' yet. Who orders?")
    answer(at, ADA_SAYS)
    answer(
        at,
        [
            ("A card for it?", "y"),
            ("Card number (hidden): ", CARD["number"]),
            ("Good until", "11/39"),
        ],
    )
    answer(at, [("Security code (hidden): ", CODE), ("Name on the card", CARD["name"])])
    at.reads("Submitted")

    assert at.ends() == 0
    assert "could not run it yet. No profile" not in at.seen
    assert "No card" not in at.seen
    assert json.loads(taskq("list", "--json").stdout)[0]["params"]["profile"] == "default"
    assert "•••• 1486" in taskq("profile", "list", env=NO_CARD).stdout


def test_a_card_may_be_given_later(terminal, taskq):
    at = terminal("submit", "shopify", "--url", URL, env=NO_CARD)
    answer(at, [*ADA_SAYS, ("A card for it?", "n")])
    at.reads("Later: taskq profile card default")
    at.reads("Submitted")

    assert at.ends() == 0
    assert "No card for profile 'default'. Keep one: taskq profile card default" in at.seen


@pytest.mark.parametrize("more", [["--profile", "ada"], ["--quiet"]])
def test_nobody_is_asked_who_named_another_profile_or_wants_no_words(terminal, more):
    at = terminal("submit", "shopify", "--url", URL, *more)

    assert at.ends() == 0
    assert "Who orders?" not in at.seen
    assert "taskq profile add" in at.seen
