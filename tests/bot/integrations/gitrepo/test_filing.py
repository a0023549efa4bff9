"""Documents are put on a branch beside what is there, once, and never by force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.filing import filed
from core.domain.filing import FileDocuments
from core.errors import IntegrationError, Refused
from tests.bot.integrations.gitrepo.conftest import MADE_AT, Yard

ORDER = FileDocuments("develop", {"docs/releases/v1.3.0/checklist.md": "- [x] ✓\n"}, MADE_AT, "docs: file v1.3.0")
BODY = {"branch": "develop", "files": ORDER.files, "at": MADE_AT.isoformat(), "message": ORDER.title}


@dataclass
class Has:
    """As much of a context as filing needs."""

    repository: Any


async def test_documents_stand_on_the_branch_once(yard: Yard) -> None:
    before, ctx = yard.head("develop"), Has(yard.bot())
    assert (await filed(ctx, BODY))["outcome"] == "done"  # type: ignore[arg-type]
    after = yard.head("develop")
    assert yard.product.git("rev-parse", f"{after}^") == before
    assert yard.product.git("show", f"{after}:docs/releases/v1.3.0/checklist.md") == "- [x] ✓"
    assert yard.product.git("diff", "--name-only", before, after).split() == ["docs/releases/v1.3.0/checklist.md"]
    assert (await filed(ctx, BODY))["outcome"] == "already" and yard.head("develop") == after  # type: ignore[arg-type]
    assert yard.product.git("log", "-1", "--format=%s", after) == "docs: file v1.3.0"


async def test_a_branch_that_moved_meanwhile_is_not_moved_back(yard: Yard) -> None:
    bot = yard.bot()
    plan = await bot.plan(ORDER)
    moved = yard.product.merge_pull(340)
    assert (await bot.push(ORDER, plan)).outcome == "moved" and yard.head("develop") == moved
    assert (await yard.do(ORDER)).outcome == "done", "the next plan stands on top of it"
    with pytest.raises(Refused, match="branch_missing"):
        await bot.plan(replace(ORDER, branch="trunk"))
    with pytest.raises(IntegrationError, match="branch_missing"):
        await filed(Has(bot), {**BODY, "branch": "trunk"})  # type: ignore[arg-type]
