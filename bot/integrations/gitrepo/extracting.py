"""Writing the files of one commit into a folder, without a work tree of the clone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bot.integrations.gitrepo.process import Git


def extract(git: Git, sha: str, folder: Path) -> None:
    """The folder is made. Submodules are left out, and no filter runs."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="release-bot-index-") as aside:
        env = {"GIT_INDEX_FILE": str(Path(aside) / "index"), "GIT_WORK_TREE": str(folder)}
        git.read("read-tree", sha, env=env)
        git.read("checkout-index", "--all", "--quiet", env=env)
