import pytest

from taskq import profiles, secrets
from taskq.clean import clean
from taskq.errors import BadInput, NotSetUp
from taskq.handlers.shopify import money
from taskq.settings import load


def test_a_flag_beats_the_environment_beats_the_users_file_beats_the_default(home, monkeypatch):
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('profile = "file"\nlease_seconds = 7\n')
    monkeypatch.setenv("TASKQ_PROFILE", "environment")

    assert load(profile="flag").profile == "flag"
    assert load().profile == "environment"
    assert load().lease_seconds == 7
    assert load().stuck_seconds == 600


def test_a_setting_that_cannot_be_meant_is_named(monkeypatch):
    monkeypatch.setenv("TASKQ_LEASE_SECONDS", "soon")

    with pytest.raises(BadInput, match="TASKQ_LEASE_SECONDS"):
        load()


def test_a_profile_comes_back_as_it_was_saved_and_is_its_owners_alone(home):
    ada = profiles.parse(
        'email="ada@example.com"\nfirst_name="Ada"\nlast_name="Ä \\"Q\\""\naddress1="1 Row"\n'
        'city="Paris"\ncountry="FR"\nmax_price=99.5\n'
    )
    path = profiles.save("ada", ada, home / "config")

    assert profiles.load("ada", home / "config") == ada
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_problem_of_a_profile_is_said_at_once():
    with pytest.raises(BadInput) as refused:
        profiles.parse('{"email": "ada", "country": "France", "shoe": 42}')

    for word in ("email: not an e-mail address", "country: use the ISO code", "city: missing"):
        assert word in str(refused.value)
    assert "shoe: not a field" in str(refused.value)


def test_the_environments_card_is_that_of_one_profile_alone():
    assert secrets.card_of("default", "default") is not None
    assert secrets.card_of("ada", "default") is None


def test_a_card_is_masked_wherever_it_is_shown(monkeypatch):
    monkeypatch.setenv("TASKQ_CARD_NUMBER", "4242 4242 4242 4242")
    card = secrets.card_of("default", "default")

    assert card.masked == "•••• 4242"
    assert "4242424242424242" not in repr(card)


def test_half_a_card_is_refused(monkeypatch):
    monkeypatch.delenv("TASKQ_CARD_NAME")

    with pytest.raises(NotSetUp, match="TASKQ_CARD_NAME"):
        secrets.card_of("default", "default")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("USD $165.64", "165.64", "USD"),
        ("GBP £75.00", "75.00", "GBP"),
        ("1.165,64 €", "1165.64", ""),
        ("$1,165", "1165", ""),
        ("CHF 1'165.50", "1165.50", "CHF"),
        ("JPY ¥12,800", "12800", "JPY"),
        ("1\u202f165,64 EUR", "1165.64", "EUR"),
    ],
)
def test_amounts_are_read_as_shops_print_them(text, amount, currency):
    found = money.parse(text)

    assert (str(found.amount), found.currency) == (amount, currency)


def test_a_text_without_an_amount_is_no_amount():
    assert money.parse("Calculated at next step") is None


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("a\x1b[31mb", "a [31mb"),
        ("two\nlines\x00", "two lines"),
        ("\u202egnirts", "gnirts"),
        ("x\ud800y", "xy"),
        ("  much   space ", "much space"),
        ("é ⏳ 漢", "é ⏳ 漢"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_text_from_outside_becomes_one_harmless_line(text, harmless):
    assert clean(text) == harmless
