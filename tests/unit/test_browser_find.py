import shutil

import pytest

from taskq.browser.find import find
from taskq.errors import NotSetUp


def test_a_browser_that_is_named_is_the_one_that_is_used(tmp_path):
    chrome = tmp_path / "chrome"
    chrome.touch(mode=0o755)
    found = find(str(chrome))

    assert found.path == str(chrome)
    assert str(found) == str(chrome)


def test_a_channel_is_left_to_playwright():
    assert find("msedge").channel == "msedge"


def test_what_is_on_the_path_is_found(tmp_path, monkeypatch):
    chromium = tmp_path / "chromium"
    chromium.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))

    assert find(None).path == str(chromium)


def test_the_headless_shell_is_for_work_without_a_window(tmp_path, monkeypatch):
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))

    assert find(None).path == str(tmp_path / "chromium-headless-shell")
    assert find(None, headed=True).path == str(tmp_path / "chromium")


def test_playwrights_own_build_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/chromium")
    monkeypatch.setattr("taskq.browser.find._build_folders", lambda: [tmp_path])
    for revision in range(1000, 3000):
        folder = tmp_path / f"chromium-{revision}"
        folder.mkdir()
        (folder / "INSTALLATION_COMPLETE").touch()

    assert str(find(None)) == "Playwright's Chromium"


def test_no_browser_says_three_ways_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))

    with pytest.raises(NotSetUp, match="taskq doctor --fix"):
        find(None)
