"""Many orders from one file: all of them, or none and the bad rows by their numbers."""

import json

import pytest

URL = "https://kith.com/products/"

CSV = f"""url,size,option,quantity,key
{URL}a,Medium,Color=Black; Fit=Slim,2,monday-1
{URL}b,,,,
{URL}c,"Large, tall",,,
"""


def params(taskq):
    listed = json.loads(taskq("list", "--json").stdout)
    return [task["params"] for task in reversed(listed)]


def test_a_csv_file_is_submitted_with_what_is_common_to_all(taskq, home, ada):
    (home / "orders.csv").write_text(CSV)
    done = taskq("submit", "shopify", "--batch", "orders.csv", "--max-price", "200")

    assert done.returncode == 0
    assert len(done.stdout.split()) == 3
    assert "3 tasks are in the queue" in done.stderr
    first, second, third = params(taskq)
    assert (first["size"], first["quantity"]) == ("Medium", 2)
    assert first["option"] == {"Color": "Black", "Fit": "Slim"}
    assert (second["size"], second["profile"], third["size"]) == (None, "default", "Large, tall")
    assert {each["max_price"] for each in (first, second, third)} == {"200"}


def test_a_batch_submitted_twice_makes_no_second_task_of_a_key(taskq, home, ada):
    (home / "orders.csv").write_text("\n".join(CSV.splitlines()[:2]))
    first = taskq("submit", "shopify", "--batch", "orders.csv")
    second = taskq("submit", "shopify", "--batch", "orders.csv")

    assert first.stdout == second.stdout


def test_json_lines_name_fields_or_options(taskq, home, ada):
    rows = [{"product_url": f"{URL}a", "size": "M"}, {"url": f"{URL}b", "option": {"Color": "Ink"}}]
    (home / "orders.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = taskq("submit", "shopify", "--batch", "orders.jsonl", "--json")

    assert [task["params"]["option"] for task in json.loads(done.stdout)] == [{}, {"Color": "Ink"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", f"url,size\n{URL}a,M\nkith,M\n{URL}c\nftp://x/products/a,S\n", "row 2: --url: "),
        ("a.csv", f"url,colour\n{URL}a,Ink\n", "row 1: 'colour' is no option; there are: url, "),
        ("a.csv", "url,size\n", "holds no tasks"),
        ("a.jsonl", '{"url": 1}\n[]\n', "row 2 is no JSON object: []"),
        ("a.jsonl", f'{{"url": "{URL}a", "quantity": 0}}', "row 1: --quantity: "),
    ],
)
def test_one_bad_row_submits_nothing_and_is_named(taskq, home, ada, name, content, said):
    (home / name).write_text(content)
    done = taskq("submit", "shopify", "--batch", name)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert params(taskq) == []


def test_every_bad_row_is_named_at_once(taskq, home, ada):
    (home / "a.csv").write_text(f"url\nkith\n{URL}b\nftp://x\n")
    done = taskq("submit", "shopify", "--batch", "a.csv")

    assert "row 1: " in done.stderr
    assert "row 3: " in done.stderr
    assert "Nothing was submitted" in done.stderr


def test_a_batch_is_not_watched(taskq, home, ada):
    (home / "a.csv").write_text(f"url\n{URL}a\n")
    done = taskq("submit", "shopify", "--batch", "a.csv", "--watch")

    assert done.returncode == 2
    assert "--watch is for one task" in done.stderr
    assert taskq("submit", "shopify", "--batch", "none.csv").returncode == 2
