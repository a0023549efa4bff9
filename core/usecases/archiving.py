"""When a release is closed its documents are filed away: in the store, and as files where the policy says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.effects import BOT, MILESTONE
from core.domain.package.clean import Cleaner
from core.domain.package.documents import documents
from core.domain.release import Phase, Release
from core.domain.situation import Situation
from core.store import keeping
from core.store.unit_of_work import Unit, release_chain

FOLDER = "docs/releases"


async def file_documents(unit: Unit, was: Release, s: Situation, facts: Mapping[str, Any]) -> None:
    """In the unit that closes a release; at any other moment nothing happens. Nothing secret is filed away."""
    if s.release.phase is not Phase.CLOSED or was.phase is Phase.CLOSED:
        return
    cleaner = Cleaner(hosts=s.policy.notes.internal_hosts)
    texts = {name: cleaner.text(text) for name, text in documents(s, facts).items()}
    digests = await keeping.file_away(unit, s.release.id, texts, s.now)
    chain = release_chain(s.release.id)
    await unit.audit(chain, BOT, "archived", s.release.policy_hash, {"documents": digests}, s.now)
    if s.policy.retention.documents == "repository":
        body = {
            "branch": s.policy.product.trunk, "message": f"docs: file the documents of {s.release.tag}",
            "at": s.now.isoformat(), "release": s.release.id,
            "files": {f"{FOLDER}/{s.release.tag}/{name}": text for name, text in texts.items()},
        }  # fmt: skip
        await unit.outbox(f"release:{s.release.id}:files", "git.file", body, cause=chain, rank=MILESTONE)
