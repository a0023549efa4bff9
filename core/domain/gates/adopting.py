"""Gates about moving a release to the active policy."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.situation import Act, Situation
from core.errors import Blocker


def policy_newer(s: Situation, act: Act) -> Iterator[Blocker]:
    """The active policy is another one than the release's, and the one that was shown."""
    new = s.adopted[0] if s.adopted else None
    if new is None or new.hash == s.policy.hash:
        yield Blocker("policy.same", {"serial": s.policy.serial})
    elif act.text("policy") not in ("", new.hash):
        yield Blocker("policy.other", {"serial": new.serial})
