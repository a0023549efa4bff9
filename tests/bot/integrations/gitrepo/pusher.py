"""A process of its own that publishes a stored plan: said "ready", told "go", answers with the outcome."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

from bot.integrations.gitrepo import GitRepository, GitSettings
from core.domain.repository import GitPlan, Promote, RefChange


def main() -> None:
    facts = json.loads(sys.argv[1])
    made_at = datetime.fromisoformat(facts["made_at"])
    words = {"title": facts["title"], "message": facts["message"]}
    order = Promote(facts["candidate"], facts["tag"], made_at, known=tuple(facts["known"]), **words)
    plan = GitPlan("promote", made_at, tuple(RefChange(*ref) for ref in facts["refs"]), facts["git_version"])
    repository = GitRepository(GitSettings(facts["remote"], Path(facts["folder"]), timeout=20.0))
    print("ready", flush=True)
    sys.stdin.readline()
    print(asyncio.run(repository.push(order, plan)).outcome, flush=True)


main()
