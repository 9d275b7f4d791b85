"""The API against its own description, by a program that tries everything."""

import subprocess
import sys

CONFIG = """
[generation]
allow-x00 = false  # is refused everywhere, which no schema says of every text
[parameters]
"query.wait" = 0.2
[[operations]]  # what the fields of a ride say together (one place or two) no schema can say
include-path-regex = "/uber/ride|/tasks/uber_ride"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
ENDLESS = ("/events", "/tasks/{task_id}/events")


def test_whatever_is_asked_is_answered_as_described_and_never_by_a_fault(serve, hands, home):
    served = serve()
    lost = hands.lost()
    hands.end(size="S")
    (home / "schemathesis.toml").write_text(CONFIG)
    left_out = [part for path in ENDLESS for part in ("--exclude-path", path)]
    options = [
        "--checks",
        "all",
        "--max-examples",
        "5",
        "--seed",
        "8",
        "--continue-on-failure",
        *left_out,
    ]
    tried = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
            *("run", f"{served.url}/openapi.json", *options),
        ],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert tried.returncode == 0, tried.stdout
    assert "Coverage" in tried.stdout
    assert "fault of taskq's own" not in served.output()
    assert hands.store.get(lost.id)


def test_the_description_can_be_read_by_a_person(api):
    told = api.get("/openapi.json").json

    operations = [
        (path, method, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) == 19
    for path, method, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        assert len(operation["operationId"]) < 30, operation["operationId"]
        if method == "post":
            (kind,) = operation["requestBody"]["content"]
            assert kind == "application/json"
    order = told["components"]["schemas"]["ShopifyOrder"]
    assert order["required"] == ["product_url"]
    ride = told["components"]["schemas"]["UberRide"]
    assert ride["required"] == ["from_address", "to_address"]
