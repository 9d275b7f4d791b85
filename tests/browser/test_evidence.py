"""What a task leaves behind for a person to look at."""

import json
import stat
import zipfile
from pathlib import Path

import pytest

from tests.conftest import HOODIE

pytestmark = pytest.mark.browser


def test_a_trace_that_was_asked_for_shows_the_way_to_the_card_and_no_secret(
    taskq, shop, ledger, ada
):
    card = {"TASKQ_CARD_CVC": "731"}
    url = shop.product_url(HOODIE)
    ordered = ["submit", "shopify", "--url", url, "--size", "Medium", "--work", "--trace"]
    done = taskq(*ordered, env=card)
    artifacts = taskq.task("@")["result_data"]["artifacts"]
    kept = Path(artifacts["trace"])
    with zipfile.ZipFile(kept) as trace:
        told = {name: trace.read(name) for name in trace.namelist()}
    lines = [
        json.loads(line)
        for name, content in told.items()
        if name.endswith((".trace", ".network"))
        for line in content.splitlines()
    ]

    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert any(url in json.dumps(line) for line in lines)
    assert "deliveryAddress" in b"".join(told.values()).decode(errors="replace")
    for content in told.values():
        assert b"_shopify_s" not in content
        assert b'"731"' not in content
