"""Publishing a plan: one atomic push with a lease on every ref, and the remote's own word on what came of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Literal

from bot.integrations.gitrepo import objects
from bot.integrations.gitrepo.mirror import Mirror, Refs
from bot.integrations.gitrepo.names import HEADS
from bot.integrations.gitrepo.planning import moving
from bot.integrations.gitrepo.process import Answer, Git
from core.domain.repository import GitPlan, PushResult, RefChange
from core.errors import IntegrationError

Standing = Literal["new", "old", "half", "elsewhere"]

_TRIES = 4
_HALF_READS = 10
_PAUSE = 0.1
_BUSY = re.compile(
    r"cannot lock ref|unable to (?:lock|create)|failed to update ref|reference already exists|incorrect old value"
)
_NOISE = re.compile(r"atomic (?:push|transaction) fail|transaction (?:failed|aborted)", re.I)
_REASON = re.compile(r"^!\t[^\t]*\t\[[^\]]*\](?: \((?P<why>.*)\))?", re.M)
_UP_TO_DATE = re.compile(r"^=\t", re.M)
_MOVED = re.compile(r"^[ +*-]\t", re.M)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Blocking, under the lock of the clone."""

    mirror: Mirror
    git: Git

    def look(self, plan: GitPlan) -> tuple[Standing, Refs]:
        """Where the plan's refs stand; a push of somebody else is seen half-done for a moment, so read again."""
        for _ in range(_HALF_READS):
            refs = self.mirror.remote_refs(self.git)
            standing = self._standing(plan, refs)
            if standing != "half":
                return standing, refs
            time.sleep(_PAUSE)
        return "half", refs

    def result(self, plan: GitPlan, standing: Standing, refs: Refs) -> PushResult | None:
        """What is already decided without pushing: everything there, or something elsewhere."""
        values = _values(plan, refs)
        if standing == "new":
            return PushResult("already", refs=values)
        if standing == "old":
            return None
        moved = [change.ref for change in plan.refs if values[change.ref] not in (change.old, change.new)]
        detail = ", ".join(moved) if moved else "only a part of the plan is on the remote"
        return PushResult("moved", detail, values)

    def push(self, plan: GitPlan) -> PushResult:
        for attempt in range(1, _TRIES + 1):
            answer = self._push(plan)
            said = answer.out.decode("utf-8", "replace")
            refused = bool(_REASON.search(said))
            standing, refs = self._look_after(plan, answer)
            if standing == "new":
                somebody_else = refused or bool(_UP_TO_DATE.search(said) and not _MOVED.search(said))
                return PushResult("already" if somebody_else else "done", refs=_values(plan, refs))
            if (moved := self.result(plan, standing, refs)) is not None:
                return moved
            if not refused and answer.code != 0:
                return self._lost(answer, refs, plan)
            if attempt == _TRIES or not _BUSY.search(answer.err + said):
                break
            time.sleep(_PAUSE * attempt)
        return PushResult("rejected", self._words(answer), _values(plan, refs))

    def _push(self, plan: GitPlan) -> Answer:
        leases = [f"--force-with-lease={change.ref}:{change.old}" for change in plan.refs]
        specs = [f"{change.new}:{change.ref}" for change in plan.refs]
        url = self.mirror.remote.url
        return self.git.talk("push", "--atomic", "--porcelain", "--no-verify", *leases, "--", url, *specs)

    def _look_after(self, plan: GitPlan, answer: Answer) -> tuple[Standing, Refs]:
        try:
            return self.look(plan)
        except IntegrationError as fault:
            fault.doubt = True  # the push was sent, and we cannot see what came of it
            if fault.facts.get("words") == "":
                fault.facts["words"] = self.mirror.remote.clean(answer.err)
            raise

    def _lost(self, answer: Answer, refs: Refs, plan: GitPlan) -> PushResult:
        """The push ended without a verdict. A refusal of access is the remote's answer; anything else may yet land."""
        if answer.timed_out:
            raise self.mirror.remote.error("timeout", words=answer.err, doubt=True)
        fault = self.mirror.remote.failure(answer.err, doubt=True)
        if fault.facts["reason"] == "denied":
            return PushResult("rejected", self._words(answer), _values(plan, refs))
        raise fault

    def _standing(self, plan: GitPlan, refs: Refs) -> Standing:
        changes = moving(plan)
        if all(self._published(change, refs.get(change.ref)) for change in changes):
            return "new"
        if all(refs.get(change.ref) == change.old for change in plan.refs):
            return "old"
        return "half" if all(refs.get(change.ref) in (change.old, change.new) for change in plan.refs) else "elsewhere"

    def _published(self, change: RefChange, value: str) -> bool:
        """A tag is there or not; a branch counts too when people have gone on from where the plan put it."""
        if value == change.new:
            return True
        if not value or value == change.old or not change.ref.startswith(HEADS):
            return False
        known = not self.mirror.missing(self.git, [f"{value}^{{commit}}", f"{change.new}^{{commit}}"])
        return known and objects.is_ancestor(self.git, change.new, value)

    def _words(self, answer: Answer) -> str:
        """What the remote said, else git's reasons for each ref."""
        lines = [line.removeprefix("remote:") for line in answer.err.splitlines() if line.startswith("remote:")]
        said = self.mirror.remote.clean("\n".join(lines))
        reasons = [match["why"] or "" for match in _REASON.finditer(answer.out.decode("utf-8", "replace"))]
        because = dict.fromkeys(why for why in reasons if why and not _NOISE.search(why))
        return said or self.mirror.remote.clean("\n".join(because) or answer.err)


def _values(plan: GitPlan, refs: Refs) -> dict[str, str]:
    return {change.ref: refs.get(change.ref) for change in plan.refs}
