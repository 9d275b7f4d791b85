"""Cards, logins and passwords: in nothing that a whole run leaves behind, on no command line."""

import json
import re
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from taskq.clean import clean, is_card_number
from taskq.demo.shop import Shop, bank, vault
from tests.conftest import MUG, Ledger, wait_for

ANOTHER = "4242424242424242"
NUMBER, CODE, NAME = "4539578763621486", "9173", "Zebulon Canary"
COOKIE = "c0ffee-canary-of-a-session"
CARD = {
    "TASKQ_CARD_NUMBER": NUMBER,
    "TASKQ_CARD_CVC": CODE,
    "TASKQ_CARD_NAME": NAME,
    "DEBUG": "pw:api,pw:protocol",
}
NO_CARD = dict.fromkeys((*CARD, "TASKQ_CARD_EXPIRY"), "") | {"DEBUG": CARD["DEBUG"]}
SPACED = " ".join(NUMBER[n : n + 4] for n in range(0, 16, 4))
# The code alone is four digits, which stand in many a longer number.
SECRETS = re.compile(rf"{NUMBER}|{SPACED}|{NAME}|{COOKIE}|(?<![\w.]){CODE}(?!\w)".encode())


class Careless(Shop):
    """A shop that repeats the card in its own words, where it has not charged it."""

    def answer_payment(self, request, receipt):
        if self.echoes:
            said = f"Your card {SPACED} (code {CODE}) was declined."
            request.answer_json({"message": said, "card_session": receipt.checkout.card_session})
        elif receipt.result == "charged" and self.hangs_up:
            raise ConnectionError
        else:
            super().answer_payment(request, receipt)


@pytest.fixture
def careless(home, monkeypatch):
    monkeypatch.setattr(vault, "BOGUS_NUMBERS", ("1", "2", "3", NUMBER))
    with Careless(ledger=home / "till.jsonl", port=0) as shop:
        shop.echoes = shop.hangs_up = False
        yield shop, Ledger(home / "till.jsonl")


def holds_a_secret(text):
    return any(secret.encode() in text for secret in (NUMBER, NAME, COOKIE))


class Watcher:
    """Looks at every command line, and at what every browser has in its environment."""

    def __enter__(self):
        self.leaks, self.looks = [], 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _look(self):
        while not self._stop.wait(0.05):
            self.looks += 1
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    command = (process / "cmdline").read_bytes()
                    if holds_a_secret(command):
                        self.leaks.append(command)
                    is_browser = b"chrom" in command or b"run-driver" in command
                    if is_browser and holds_a_secret((process / "environ").read_bytes()):
                        self.leaks.append(command)


def keep_card(taskq):
    """Keep the card for the default profile; what a worker then has in its environment."""
    card = {"number": NUMBER, "expiry": "12/39", "cvc": CODE, "name": NAME}
    kept = taskq("profile", "card", "default", "--file", "-", stdin=json.dumps(card))
    shown = taskq("profile", "show", "default", env=NO_CARD)
    said = (kept.stdout + kept.stderr + shown.stdout + shown.stderr).encode()
    assert "•••• 1486".encode() in said
    assert not SECRETS.search(said)
    return NO_CARD


def keep_login(taskq, shop):
    """Keep a login at the shop, of one cookie."""
    cookie = {"name": "account", "value": COOKIE, "domain": "127.0.0.1", "path": "/"}
    state = json.dumps({"cookies": [cookie], "origins": []})
    kept = taskq("login", "work", "--import", "-", "--url", shop.url, stdin=state)
    assert kept.returncode == 0, kept.stderr
    assert COOKIE not in kept.stdout + kept.stderr


@pytest.mark.browser
@pytest.mark.parametrize(
    "how", ["charged", "declined and repeated", "lost and found", "killed", "kept for a profile"]
)
def test_a_card_is_nowhere_after_a_run(taskq, careless, home, ada, monkeypatch, how):
    shop, ledger = careless
    shop.echoes, shop.hangs_up = how == "declined and repeated", how == "lost and found"
    monkeypatch.setitem(bank.ANSWERS, NUMBER, "declined" if shop.echoes else "charged")
    with Watcher() as watcher:
        given = keep_card(taskq) if how == "kept for a profile" else CARD
        keep_login(taskq, shop)
        asked = ("shopify", "--url", shop.product_url(MUG), "--account", "work")
        task_id = taskq.submit(*asked)
        worker = taskq.start("work", "--id", 1, env=given)
        if how == "killed":
            wait_for(ledger.lines)
            worker.kill()
            taskq.start("work", "--id", 2, env=given)
        watched = taskq("watch", task_id)
    said = [
        watched.stdout,
        *(taskq(*c).stdout for c in (["status", task_id, "--json"], ["list"], ["status", task_id])),
    ]

    assert watched.returncode == (1 if shop.echoes else 0)
    assert watcher.looks > 10
    assert watcher.leaks == []
    own = {home / "config" / "cards", home / "config" / "sessions"}
    left = [path for path in home.rglob("*") if path.is_file() and path.parent not in own]
    assert {"taskq.db", "taskq.db-wal"} <= {path.name for path in left}
    assert [path.name for path in left if SECRETS.search(path.read_bytes())] == []
    assert {path.stat().st_mode & 0o077 for path in left if "runs" in path.parts} == {0}
    assert not any(SECRETS.search(text.encode()) for text in said)
    if shop.echoes:
        assert "Your card •••• 1486 (code •••) was declined." in watched.stdout
        pictures = json.loads(said[1])["result_data"]["artifacts"]
        assert set(pictures) == {"order-summary", "failure"}


@pytest.mark.parametrize(
    "command",
    [
        ["submit", "shopify", "--url", "https://ada:hunter2canary@kith.com/products/a"],
        ["submit", "shopify", "--url", "https://kith.com/products/a", "--size", ANOTHER],
        ["submit", "shopify", "--url", "https://kith.com/products/a", "--profile", ANOTHER],
    ],
)
def test_a_password_or_a_card_in_a_task_is_refused_and_kept_nowhere(taskq, home, command):
    taskq("list")
    done = taskq(*command)
    left = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())

    assert done.returncode == 2
    for secret in (ANOTHER, "hunter2canary"):
        assert secret not in done.stderr + done.stdout
        assert secret.encode() not in left


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("card 4242 4242 4242 4242 was declined", "card •••• 4242 was declined"),
        ("378282246310005", "•••• 0005"),
        ("4242-4242-4242-4242", "•••• 4242"),
        ("order 4242424242424241", "order 4242424242424241"),
        ("variant 39897499828329", "variant 39897499828329"),
        ("id-x4242424242424242", "id-x4242424242424242"),
    ],
)
def test_of_a_cards_number_only_four_digits_pass_the_write_door(text, kept):
    assert clean(text) == kept


def test_a_card_is_told_from_other_numbers():
    assert is_card_number(" 4242 4242 4242 4242 ")
    assert not is_card_number("4242 4242 4242 4241")
    assert not is_card_number("10")
