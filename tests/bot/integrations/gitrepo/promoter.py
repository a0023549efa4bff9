"""A process of its own that promotes: it plans, keeps the plan in a file, publishes it; killed in between by a test."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bot.integrations.gitrepo import GitRepository, GitSettings
from core.domain.moves.outcome import order_of
from core.domain.repository import GitOrder, GitPlan
from core.store.records import decode, encode


async def promote(repository: GitRepository, order: GitOrder, kept: Path) -> str:
    """As the outbox does: a plan that was kept is published, else one is made and kept whole before anything moves."""
    if kept.exists():
        plan = decode(GitPlan, json.loads(kept.read_text()))
    else:
        plan = await repository.plan(order)
        draft = kept.with_suffix(".new")
        draft.write_text(json.dumps(encode(plan)))
        draft.rename(kept)
    return (await repository.push(order, plan)).outcome


def main() -> None:
    remote, folder, kept, order = sys.argv[1:]
    repository = GitRepository(GitSettings(remote, Path(folder), timeout=20.0))
    print("ready", flush=True)
    sys.stdin.readline()
    print(asyncio.run(promote(repository, order_of(json.loads(order)), Path(kept))), flush=True)


if __name__ == "__main__":
    main()
