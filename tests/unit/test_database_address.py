"""The address of a database: what it says, and what is never said of it."""

from __future__ import annotations

import pytest

from taskq.addresses import shown_database
from taskq.errors import BadInput
from taskq.settings import Settings
from taskq.stores import open_store
from taskq.stores.postgres.address import parse

SECRET = "s3cret"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{SECRET}%ret@host/db",
        f"postgresql://ada:{SECRET}#ret@host/db",
        f"postgresql://ada:{SECRET}/ret@host/db",
        f"postgresql://ada:{SECRET}?ret@host/db",
        f"postgresql://ada:x@{SECRET}@host/db",
        f"postgresql://ada:p@{SECRET}/w#rd@host/db",
        f"postgresql://ada:{SECRET}\uff0f@host/db",
        f"postgresql://[{SECRET}",
        f"postgresql://ada:{SECRET}@host:99999/db",
        f"postgresql://host/db?nothing={SECRET}",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_a_word_of_it(url):
    with pytest.raises(BadInput) as refused:
        parse(url, 10)

    assert SECRET not in str(refused.value)
    assert "postgresql://USER@HOST" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql://ada:s3cret@host:5433/db?sslpassword=s3cret",
            "postgresql://ada@host:5433/db",
        ),
        ("postgres://host/db", "postgres://host/db"),
        ("postgresql:///db?host=/run/pg", "postgresql:/db"),
        ("/home/ada/taskq.db", "/home/ada/taskq.db"),
        ("postgresql://[s3cret", "postgresql://…"),
        ("postgresql://ada:p@s3cret/w#rd@host/db", "postgresql://…"),
        ("postgresql:/ada:s3cret@host/db", "…"),
        ("host=db password=s3cret", "…"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, shown):
    assert shown_database(url) == shown


@pytest.mark.parametrize(
    ("url", "pooled"),
    [
        ("postgresql://host/db", False),
        ("postgresql://host:5432/db", False),
        ("postgresql://host:6543/db", True),
        ("postgresql://host/db?pgbouncer=true", True),
        ("postgresql://host/db?pgbouncer=false", False),
    ],
)
def test_a_pooler_is_known_by_its_port_or_by_what_is_said(url, pooled):
    assert parse(url, 10).is_pooled is pooled


def test_what_else_an_address_asks_for_is_kept():
    asked = parse("postgresql://a,b:1/db?options=-c%20geqo%3Doff&connect_timeout=3", 10).parameters

    assert asked["options"] == "-c geqo=off"
    assert (asked["host"], asked["connect_timeout"]) == ("a,b", "3")
    assert asked["application_name"] == "taskq"


def test_the_outbox_of_a_server_is_beside_the_tasks_folders_and_its_own(tmp_path):
    addresses = (
        "postgresql://ada:old@host/db",
        "postgresql://ada:new@host/db",
        "postgresql://ada@host/other",
        "postgresql:///db?host=/run/a",
        "postgresql:///db?host=/run/b",
    )
    first, again, *others = (Settings(db=url, data_dir=tmp_path).outbox for url in addresses)

    assert first == again
    assert len({first, *others}) == 4
    assert first.parent == tmp_path


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql:/ada:{SECRET}@host/db",
        f"POSTGRESQL://ada:{SECRET}@host/db",
        f"postgresql+psycopg://ada:{SECRET}@host/db",
        f"host=db password={SECRET}",
        f"dbname=tasks user=ada password={SECRET}",
    ],
)
def test_what_is_meant_for_a_server_is_never_taken_for_a_file(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="postgresql://USER@HOST") as refused:
        open_store(url)

    assert SECRET not in str(refused.value)
    assert list(tmp_path.glob("*ada*")) == []
