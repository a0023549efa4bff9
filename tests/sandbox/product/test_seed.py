"""The seeded remote: the same on every machine, believable, and a product that runs at every commit that shipped."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import sandbox.product
from sandbox.product import seed
from sandbox.product.pulls import PEOPLE


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return seed(tmp_path_factory.mktemp("seeded") / "remote.git").product


def test_two_seeds_are_equal_whatever_the_machine_says(product, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Mallory")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    (tmp_path / ".gitconfig").write_text("[core]\n hooksPath = /evil\n[init]\n templateDir = /evil\n")
    monkeypatch.setenv("HOME", str(tmp_path))

    started = time.perf_counter()
    other = seed(tmp_path / "other.git")

    assert time.perf_counter() - started < 5, "a newcomer should not wait for it"
    assert other.product.refs() == product.refs()
    assert other.production == "v1.2.2"
    assert other.remote == tmp_path / "other.git"


def test_the_history_is_sound_and_in_the_shape_of_git_flow(product):
    assert product.git("fsck", "--strict") == ""
    tags = [ref.removeprefix("refs/tags/") for ref in product.refs() if ref.startswith("refs/tags/")]
    assert tags == ["v1.0.0", "v1.1.0", "v1.2.0", "v1.2.1", "v1.2.2"]
    for tag in tags:
        assert product.git("cat-file", "-t", f"refs/tags/{tag}") == "tag"
        assert len(product.git("rev-list", "--parents", "-1", tag).split()) == 3, "main has only merges"
        assert product.read(tag, "VERSION") == f"{tag[1:]}\n"
        assert f"## [{tag[1:]}] - 2026-" in product.read(tag, "CHANGELOG.md")
        assert product.git("merge-base", "--is-ancestor", tag, "develop") == ""
        assert product.tree_of(tag) == product.tree_of(f"{tag}^2"), "what shipped is the release branch"
    assert product.commit_of("main") == product.commit_of("v1.2.2")


def test_what_is_on_develop_since_production(product):
    subjects = product.git("log", "--first-parent", "--format=%s", "v1.2.2..develop").splitlines()
    numbers = [int(found[1]) for subject in subjects if (found := re.search(r"#(\d+)", subject))]
    assert sorted(numbers) == [329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 342]
    people = set(product.git("log", "--format=%an <%ae>", "v1.2.2..develop").splitlines())
    assert people == {f"{name} <{name.lower()}@asset-anchor.example>" for name in PEOPLE}
    newest = datetime.fromtimestamp(int(product.git("show", "-s", "--format=%ct", "develop")), UTC)
    assert datetime(2026, 11, 30, tzinfo=UTC) < newest < datetime(2026, 12, 1, tzinfo=UTC)


def test_open_pull_requests_stand_on_develop(product):
    heads = {ref for ref in product.refs() if ref.startswith("refs/heads/")}
    branches = heads - {"refs/heads/main", "refs/heads/develop"}
    seeded = sandbox.product.SeededProduct(product)
    assert branches == {f"refs/heads/{pull.branch}" for pull in seeded.open}
    for pull in seeded.open:
        assert product.git("rev-list", "--count", f"develop..{pull.branch}") == "1"
    assert {pull.number for pull in seeded.open} == {340, 341, 343, 345}


def unpack(product, commit: str, folder: Path) -> Path:
    packed = subprocess.run(
        ["git", "--git-dir", str(product.path), "archive", commit], capture_output=True, check=True
    ).stdout  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("commit", ["v1.0.0", "v1.2.2", "develop", "fix/AA-171-month"])
def test_the_product_passes_its_own_tests(product, tmp_path, commit):
    folder = unpack(product, commit, tmp_path / "app")

    done = subprocess.run(
        [sys.executable, "-m", "unittest", "discover", "-s", "tests", "-q"],
        cwd=folder, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "Ran 0 tests" not in done.stderr


def test_the_pages_of_the_coming_version_answer(product, tmp_path):
    folder = unpack(product, "develop", tmp_path / "app")
    ask = (
        "from asset_anchor import store, web\nstore.migrate()\n"
        "for path, query in (('/', {'city': 'Al'}), ('/owners', {}), ('/owners', {'statement': 'Hill & Sons'}),"
        " ('/payments', {}), ('/searches', {}), ('/api/properties', {}), ('/healthz', {}), ('/version', {})):\n"
        "    print(*web.answer(path, query), sep=' ')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=folder, capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "DATABASE": str(tmp_path / "x.db"), "FLAG_ENABLE_NEW_BILLING_SYSTEM": "on"},
    )  # fmt: skip

    assert "Mill Lane 12" in done.stdout
    assert "200 %PDF-1.4" in done.stdout
    assert "(Harbor House: 2115.00) Tj" in done.stdout
    assert "Billing: monthly bill" in done.stdout
    assert '{"ok": true, "version": "1.2.2"}' in done.stdout
    assert "404" not in done.stdout


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError):
        seed(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_playground_imports_none_of_the_houses():
    for file in Path(sandbox.product.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("bot", "core", "handlers")], file.name
