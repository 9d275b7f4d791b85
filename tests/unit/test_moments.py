import os
import stat
import tempfile

import pytest

from taskq.stores.postgres.moments import shared


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"taskq-{os.getuid()}"


def test_the_stores_of_one_database_share_their_moments(folder):
    one, same, other = shared("db:5432/a"), shared("db:5432/a"), shared("db:5432/b")
    one.written, one.told, one.looked = 1, 2, 3

    assert (same.written, same.told, same.looked) == (1, 2, 3)
    assert (other.written, other.told, other.looked) == (0, 0, 0)


def test_they_are_the_users_alone_and_name_no_database(folder):
    shared("db.example:5432/shop")
    (file,) = folder.iterdir()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "shop" not in file.name


@pytest.mark.parametrize(
    "put", ["a link to a file", "another file", "a file for the folder", "a link for the folder"]
)
def test_what_somebody_else_put_there_is_left_alone(folder, tmp_path, put):
    precious = tmp_path / "precious"
    precious.write_text("not to be touched")
    shared("db")
    (file,) = folder.iterdir()
    file.unlink()
    if put == "a link to a file":
        file.symlink_to(precious)
    elif put == "another file":
        precious = precious.rename(file)
    elif put == "a file for the folder":
        folder.rmdir()
        precious = precious.rename(folder)
    else:
        (tmp_path / "elsewhere").mkdir()
        folder.rmdir()
        folder.symlink_to(tmp_path / "elsewhere")
    alone, another = shared("db"), shared("db")
    alone.written = 1

    assert (alone.written, another.written) == (1, 0)
    assert precious.read_text() == "not to be touched"
    assert not [*tmp_path.glob("elsewhere/*")]


def test_without_a_temp_folder_everybody_is_alone(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    alone = shared("db")
    alone.written = 1

    assert (alone.written, shared("db").written) == (1, 0)
