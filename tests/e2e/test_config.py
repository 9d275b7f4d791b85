import json

import pytest


@pytest.fixture
def settings_file(home):
    (home / "config").mkdir()
    file = home / "config" / "config.toml"

    def write(text):
        file.write_text(text)
        return file

    return write


def shown(taskq, *options, env=None):
    told = taskq("config", "show", *options, env=env)
    assert told.returncode == 0, told.stderr
    rows = (line.split("\t") for line in told.stdout.splitlines()[1:])
    return {name: (value, source) for name, value, source in rows}


def test_every_setting_is_shown_with_the_source_that_won(taskq, home, settings_file):
    settings_file('lease_seconds = 7\nprofile = "file"\nimport = "json"\n')
    found = shown(taskq, "--db", home / "other.db", env={"TASKQ_PROFILE": "ada"})

    assert found["db"] == (str(home / "other.db"), "flag")
    assert found["profile"] == ("ada", "environment")
    assert found["lease_seconds"] == ("7", "file")
    assert found["stuck_seconds"] == ("600", "default")
    assert found["import"] == ("json", "file")
    assert found["config_dir"] == (str(home / "config"), "environment")
    assert not (home / "other.db").exists()


def test_a_flag_before_the_command_is_a_flag(taskq, home):
    told = taskq("--db", home / "x.db", "config", "show", "--json")

    assert {
        "name": "db",
        "variable": "TASKQ_DB",
        "value": str(home / "x.db"),
        "source": "flag",
    } in (json.loads(told.stdout))


def test_no_secret_is_shown(taskq):
    url = "https://ada:hunter2@hooks.example:8443/T0KEN/path?key=s3cret#frag"
    secrets = {"TASKQ_CARD_NUMBER": "4242 4242 4242 4242", "TASKQ_NOTIFY_URL": url}
    for options in ((), ("--json",)):
        told = taskq("config", "show", *options, env=secrets).stdout

        assert "https://hooks.example:8443/…" in told
        assert "•••• 4242" in told
        for secret in ("ada", "hunter2", "T0KEN", "s3cret", "frag", "4242 4242"):
            assert secret not in told.replace("Ada", "").replace("taskq.db", "")


def test_an_unknown_key_is_named_and_is_no_failure(taskq, settings_file):
    file = settings_file("lease_second = 7\nshoe = 42\n")
    told = taskq("config", "show")

    assert told.returncode == 0
    assert told.stderr == f"Warning: {file} sets what is no setting: lease_second, shoe\n"


@pytest.mark.parametrize("text", ["x = [", "profile = 7 7", "\x00"])
def test_a_file_that_is_no_toml_is_one_sentence(taskq, settings_file, text):
    file = settings_file(text)
    refused = taskq("list")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"taskq: {file} cannot be read: ")
    assert taskq("config", "path").stdout == f"{file}\n"


def test_where_the_file_would_be_is_said_where_there_is_none(taskq, home):
    told = taskq("config", "path")

    assert told.stdout == f"{home / 'config' / 'config.toml'}\n"
    assert "no such file yet" in told.stderr
    assert json.loads(taskq("config", "path", "--json").stdout)["exists"] is False
