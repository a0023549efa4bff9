"""`tag`, `notes` and `changelog` as they are typed, and the strategy's script with nothing but PRODUCT_REPO."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.product.remote import Product
from tests.bot.conftest import UNSET, Run
from tests.policies import SHIPPED

ROOT = SHIPPED.parent


@pytest.fixture(autouse=True)
def no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which git knows nobody."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def product(run: Run, tmp_path: Path) -> Product:
    return Product(tmp_path / "remote.git")


def message(product: Product, tag: str) -> str:
    return product.git("for-each-ref", "--format=%(objecttype) %(contents)", f"refs/tags/{tag}")


def test_the_strategys_script_tags_from_any_folder_with_only_the_repository_known(
    product: Product, tmp_path: Path
) -> None:
    """As the strategy prints it. Whoever has this machine and may push is recorded as the account that they are."""
    env = {name: value for name, value in os.environ.items() if name not in (*UNSET, "RELEASE_POLICY")}
    done = subprocess.run(
        [ROOT / "scripts" / "tag_release.sh", "1.3.0", "Release notes for v1.3.0"],
        cwd="/", env=env | {"DATA_DIR": str(tmp_path / "data")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "v1.3.0 is on main" in done.stdout and "told by the next `release-bot serve`" in done.stdout
    assert message(product, "v1.3.0") == "tag Release notes for v1.3.0"
    assert product.git("rev-parse", "v1.3.0^{commit}") == product.git("rev-parse", "main")


def test_who_tags_is_found_in_gits_own_settings(run: Run, product: Product, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\temail = Dana@Asset-Anchor.example\n")
    told = run("tag", "1.4.0", code=1).output
    assert told.startswith("Only a release manager or DevOps can tag a version outside a release: Priya or Olu.")
    (tmp_path / ".gitconfig").write_text("[user]\n\temail = olu@asset-anchor.example\n")
    assert "v1.4.0 is on main at" in run("tag", "1.4.0", "office move").output
    assert "2 chains" in run("audit", "verify").output
    assert "v1.4.0 is on the remote already" in run("tag", "1.4.0", code=1).output


def test_a_second_version_on_a_released_commit_is_named(run: Run, product: Product) -> None:
    first = run("tag", "1.3.0", "words", "--as", "olu")
    on = [t for t in product.git("tag", "--points-at", "main").split() if t != "v1.3.0"]
    assert ("on the same commit" in first.stdout) is bool(on), "only where it is true"
    told = run("tag", "1.3.1", "again", "--as", "olu")
    assert "v1.3.0 are on the same commit, so v1.3.1 holds nothing" in told.stdout
    assert "v1.3.1 is on main at" in told.stdout


def test_with_an_open_release_the_number_goes_through_its_gates(run: Run, product: Product) -> None:
    run("adopt", "--as", "priya")
    run("release", "start patch payments fail", "--as", "priya")
    assert "--as priya" in run("tag", "1.2.3", code=2).output
    run("tag", "1.2.3", "--as", "priya", code=1)
    assert "v1.2.3" not in product.git("tag")


def test_without_words_the_tag_carries_the_drafted_notes(run: Run, product: Product) -> None:
    product.git("update-ref", "refs/heads/main", "refs/heads/develop")
    run("tag", "1.3.0", "--as", "olu")
    text = message(product, "v1.3.0")
    assert "## New Features" in text and "Save a property search" in text


def test_notes_of_a_range_are_printed_and_their_gaps_named(run: Run) -> None:
    told = run("notes", "v1.2.1..develop", "--gaps")
    assert told.stdout.startswith("# Release v1.4.0 - ") is False
    assert told.stdout.startswith("# Release v1.3.0 - ")
    assert "- Save a property search" in told.stdout
    assert "has no heading yet: “Tidy up lease model”" in told.stderr and "unclassified" not in told.stderr
    short = run("notes", "v1.2.1..develop")
    left = told.stderr.count("has no heading yet")
    assert (left, short.stderr) == (1, "1 change has no heading yet; --gaps names it\n")
    assert short.stdout == told.stdout and run("notes", "v1.2.1..v1.2.2").stderr == ""
    assert run("notes", "v1.2.0..HEAD").stdout.startswith("# Release v1.2.3 - ")
    assert "has no v9.9.9" in run("notes", "v9.9.9..HEAD", code=1).output
    assert "has no --output=x" in run("notes", "--", "--output=x..HEAD", code=1).output


@pytest.mark.parametrize("word", ["notes", "changelog"])
def test_a_number_that_nobody_has_given_and_that_is_not_the_next_is_no_version(run: Run, word: str) -> None:
    told = run(word, "1.4.0", code=1)
    assert told.stdout == "" and "there is no such version: 1.4.0 is neither tagged nor open" in told.stderr
    assert "1.2.3, 1.3.0, 2.0.0" in told.stderr
    for known in ("1.3.0", "1.2.2", "1.2.2-hotfix.1"):
        assert known in run(word, known).stdout


def test_notes_are_printed_with_the_data_folder_of_before_any_setting(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default is relative to where somebody stands; git runs elsewhere."""
    monkeypatch.delenv("DATA_DIR")
    monkeypatch.chdir(tmp_path)
    assert run("notes", "v1.2.0..HEAD").stdout.startswith("# Release v1.2.3 - ")


def test_the_changelog_is_printed_as_the_candidate_gets_it(run: Run) -> None:
    there = run("changelog", "1.2.2").stdout
    section = run("changelog", "1.3.0", "--section").stdout
    whole = run("changelog", "1.3.0").stdout
    assert section.startswith("## [1.3.0] - ") and section.strip() in whole
    assert whole.index("## [1.3.0]") < whole.index("## [1.2.2]")
    assert "Photos of a property (AA-84)" in there and "Photos of a property (AA-84)" in whole
