"""Starting on a running product: tags, no develop branch, production at v1.2.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adopt import adopt
from bot.opening import opened
from bot.policy_start import bring_in, read_policy
from core.domain.policy import parse_policy
from core.errors import NotFound, Refused
from core.store import audit, environments
from core.store.reads import Reads
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.start import start
from sandbox.product.seed import seed
from sandbox.workspace.workspace import Workspace
from tests.bot.conftest import POLICY, make_settings


async def context(parts, policy) -> Context:  # type: ignore[no-untyped-def]
    await bring_in(parts.store, parts.clock, policy)
    return Context(parts.store, Reads(parts.store.database), parts.clock, parts.repository, policy.product.key)


async def test_production_is_recorded_once_with_its_entry(tmp_path: Path) -> None:
    product = seed(tmp_path / "remote.git").product
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        ctx = await context(parts, read_policy(POLICY))
        found = await adopt(ctx, "U0PRIYA")
        assert (found.version, found.previous, found.tags) == ("1.2.2", "1.2.1", 5)
        with pytest.raises(Refused) as refused:
            await adopt(ctx, "U0PRIYA")
        assert [b.code for b in refused.value.blockers] == ["adopted"]
        async with ctx.store.database.reader.connect() as conn:
            live = await environments.load(conn, ctx.product, "production")
            entries = await audit.entries(conn, f"product:{ctx.product}")
        assert live.sha == product.git("rev-parse", "v1.2.2^{commit}") == found.sha
        assert [(entry.verb, entry.actor) for entry in entries] == [("adopt", "U0PRIYA")]


async def test_an_older_version_may_be_what_runs(tmp_path: Path) -> None:
    seed(tmp_path / "remote.git")
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        ctx = await context(parts, read_policy(POLICY))
        with pytest.raises(NotFound, match=r"v1\.2\.2"):
            await adopt(ctx, "U0PRIYA", "9.9.9")
        found = await adopt(ctx, "U0PRIYA", "v1.2.1")
        assert found.version == "1.2.1"
        assert any("v1.2.2 is newer" in note for note in found.notes)


async def test_without_a_develop_branch_the_scope_is_read_from_main(tmp_path: Path) -> None:
    product = seed(tmp_path / "remote.git").product
    product.delete("refs/heads/develop")
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        ctx = await context(parts, parse_policy(POLICY.read_text().replace('develop = "develop"', 'develop = ""')))
        found = await adopt(ctx, "U0PRIYA")
        assert any("read from main" in note for note in found.notes)
        done = await start(ctx, Ask("U0PRIYA", "start", input={"kind": "minor"}))
        assert done.facts["version"] == "1.3.0"


async def test_a_missing_develop_branch_is_named(tmp_path: Path) -> None:
    product = seed(tmp_path / "remote.git").product
    product.delete("refs/heads/develop")
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        found = await adopt(await context(parts, read_policy(POLICY)), "U0PRIYA")
        assert any('develop = ""' in note for note in found.notes)


async def test_a_repository_without_tags_is_refused_in_words(tmp_path: Path) -> None:
    product = seed(tmp_path / "remote.git").product
    for tag in [ref for ref in product.refs() if ref.startswith("refs/tags/")]:
        product.delete(tag)
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        ctx = await context(parts, read_policy(POLICY))
        with pytest.raises(NotFound, match="no version tag"):
            await adopt(ctx, "U0PRIYA")


async def test_tags_of_another_form_are_named_and_one_without_the_v_is_taken(tmp_path: Path) -> None:
    """A product may have been tagged by another tool: what it wrote last must not end in a traceback."""
    product = seed(tmp_path / "remote.git").product
    for tag in ("1.2.3", "nightly", "v1.3.0-beta.1"):
        product.git("tag", tag, "main")
    async with opened(make_settings(Workspace(), tmp_path)) as parts:
        ctx = await context(parts, read_policy(POLICY))
        found = await adopt(ctx, "U0PRIYA")
    assert (found.version, found.previous) == ("1.2.3", "1.2.2")
    assert found.sha == product.git("rev-parse", "main")
    assert any("1.2.3, nightly, v1.3.0-beta.1" in note for note in found.notes)
