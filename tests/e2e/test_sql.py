import json
import signal
from pathlib import Path

import pytest

from tests.conftest import wait_for


def test_an_answer_in_a_pipe_is_tabbed_and_whole(taskq):
    said = taskq("sql", "select 'a' || char(9) || 'b' || char(10) || 'c' as x, null as y, 1.5 as z")

    assert said.stdout == "x\ty\tz\na b c\t\t1.5\n"


def test_an_answer_as_json_loses_no_column(taskq):
    said = taskq("sql", "select 1 as id, 2 as id, x'00ff' as raw, null as no", "--json")

    assert json.loads(said.stdout) == [{"id": 1, "id_2": 2, "raw": "00ff", "no": None}]


def test_an_answer_at_a_terminal_is_a_table(terminal):
    shown = terminal("sql", "select 'k7f' as id, 'shopify_order' as type")
    shown.reads("id")
    shown.reads("k7f")

    assert shown.ends() == 0


@pytest.mark.parametrize("query", ["select", "delete from tasks", ""])
def test_a_wrong_query_is_one_sentence(taskq, query):
    refused = taskq("sql", query)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("taskq: The query cannot be answered")
    assert refused.stderr.count("\n") == 1


def test_a_long_question_can_be_interrupted(taskq, home):
    taskq("list")
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    asking = taskq.start("sql", endless)
    # It reads without a lock that could be seen; that it has opened the file is what can.
    wait_for(lambda: f"{home}/taskq.db" in _open_files(asking.pid))
    asking.send_signal(signal.SIGINT)

    assert asking.wait(20) == 130
    assert "Traceback" not in taskq.output(asking)


def _open_files(pid):
    return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
