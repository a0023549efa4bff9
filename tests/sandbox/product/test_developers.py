"""Acting as a developer on the product's remote, and a host that hurts when asked to."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from sandbox.product import Product, RemoteFaults, seed


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return seed(tmp_path_factory.mktemp("seeded") / "remote.git").remote


@pytest.fixture
def product(tmp_path, template):
    shutil.copytree(template, tmp_path / "remote.git")
    return Product(tmp_path / "remote.git")


def test_a_commit_is_one_file_by_one_person(product):
    before = product.commit_of("develop")
    at = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)

    sha = product.commit("develop", "docs/ü.md", "# ✓\n", author="Kim", subject="Write it down", at=at)

    assert product.commit_of("develop") == sha
    assert product.commit_of(f"{sha}^") == before
    assert product.git("show", "-s", "--format=%an %ae %cI %s", sha) == (
        "Kim kim@asset-anchor.example 2026-12-01T14:00:00+00:00 Write it down"
    )
    assert product.read(sha, "docs/ü.md") == "# ✓\n"
    assert product.git("diff", "--name-only", "-z", before, sha).strip("\0") == "docs/ü.md"


def test_commits_without_a_time_go_on_from_the_last_one(product):
    first = product.commit("develop", "a", "a\n", subject="A")
    second = product.commit("develop", "b", "b\n", subject="B")
    times = [int(product.git("show", "-s", "--format=%ct", sha)) for sha in (f"{first}^", first, second)]
    assert times == sorted(set(times))


def test_a_squashed_pull_request(product):
    sha = product.merge_pull(340)

    assert product.commit_of("develop") == sha
    assert product.git("show", "-s", "--format=%s", sha) == "feat(owners): import owners from a file, AA-165 (#340)"
    assert len(product.git("rev-list", "--parents", "-1", sha).split()) == 2
    assert "refs/heads/feature/AA-165-import" not in product.refs()
    with pytest.raises(LookupError, match="#340 is not open"):
        product.merge_pull(340)


def test_a_fix_for_a_release_branch_and_for_a_hotfix(product):
    product.branch("release/1.3.0", "develop")
    product.merge_pull(341, into="release/1.3.0")
    assert "u2019" in product.read("release/1.3.0", "asset_anchor/pages/properties.py")
    assert "u2019" not in product.read("develop", "asset_anchor/pages/properties.py")

    product.branch("hotfix/1.2.2-hotfix.1", "v1.2.2")
    product.fix("hotfix/1.2.2-hotfix.1", 338)
    assert product.git("diff", "--stat", "v1.2.2", "hotfix/1.2.2-hotfix.1").endswith("1 insertion(+), 1 deletion(-)")
    with pytest.raises(LookupError, match="does not have the line"):
        product.fix("hotfix/1.2.2-hotfix.1", 338)


def test_unknown_things_are_said(product):
    with pytest.raises(LookupError, match="no #999"):
        product.pull(999)
    with pytest.raises(RuntimeError, match="rev-parse"):
        product.commit_of("nowhere")


def test_the_graph_shows_branches_and_tags(product):
    graph = product.log_graph(25)
    assert "(develop)" in graph
    assert "tag: v1.2.2" in graph
    assert "Tidy up lease model (#331), Jo" in graph


def push(product, tmp_path) -> subprocess.CompletedProcess[str]:
    spec = f"{product.commit_of('v1.2.1')}:refs/heads/pushed"
    command = ["git", "--git-dir", str(product.path), "push", "--porcelain", str(product.path), spec]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_host_that_refuses_a_branch_and_only_that(product, tmp_path):
    faults = RemoteFaults(product.path)
    faults.protect("pushed", "You shall not: 'pass'\n$(id)")
    refused = push(product, tmp_path)
    assert refused.returncode == 1
    assert "remote: You shall not: 'pass'" in refused.stderr
    assert "remote: $(id)" in refused.stderr
    assert "refs/heads/pushed" not in product.refs()

    faults.protect("other", "no")
    assert push(product, tmp_path).returncode == 0


def test_a_host_that_drops_the_line_after_it_did_the_work(product, tmp_path):
    faults = RemoteFaults(product.path)
    faults.drop_line_after()
    dropped = push(product, tmp_path)
    assert dropped.returncode != 0
    assert "refs/heads/pushed" in product.refs()
    faults.heal()
    assert push(product, tmp_path).returncode == 0
