"""Checkouts of a real repository: one per commit, shared, read-only, and thrown away only when nobody uses them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.integrations.gitrepo import GitRepository, GitSettings
from bot.runner import checkout
from bot.runner.checkout import Checkouts
from core.errors import NotFound
from sandbox.product import seed

MAIN, DEVELOP = "refs/heads/main", "refs/heads/develop"


async def test_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    product = seed(tmp_path / "product.git").product
    repository = GitRepository(GitSettings(str(product.path), tmp_path / "git"))
    made = Checkouts(tmp_path / "checkouts", repository)
    main, develop = product.commit_of(MAIN), product.commit_of(DEVELOP)
    left = tmp_path / "checkouts" / f".{main}-half"
    left.mkdir(parents=True)
    first, same, other = await asyncio.gather(made.of(main), made.of(main), made.of(develop))
    try:
        assert first.path == same.path == tmp_path / "checkouts" / main
        assert (first.path / "asset_anchor" / "__init__.py").is_file()
        assert not left.exists()
        files = [path for path in first.path.rglob("*") if path.is_file() and not path.is_symlink()]
        listed = product.git("ls-tree", "-r", "--name-only", main).splitlines()
        assert sorted(str(path.relative_to(first.path)) for path in files) == sorted(listed)
        assert not [path for path in (first.path, *files) if path.stat().st_mode & 0o222]
        assert other.path.name == develop
        with pytest.raises(NotFound):
            await made.of("c" * 40)
        monkeypatch.setattr(checkout, "KEPT", 0)
        os.close(other.held)
        made._prune()
        assert (first.path.exists(), other.path.exists()) == (True, False)
    finally:
        os.close(first.held)
        os.close(same.held)
    made._prune()
    assert {path.suffix for path in made.folder.iterdir()} == {".lock", ".making"}
