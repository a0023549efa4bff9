"""Gates about evidence: what a person may state, and that production gets the build that staging had."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.evidence.limits import Unreadable, address
from core.domain.evidence.model import KINDS, Build
from core.domain.gates.people import iso
from core.domain.results.asking import asks_for
from core.domain.results.builds import staged_run
from core.domain.results.judge import judged
from core.domain.results.stating import same_as
from core.domain.situation import Act, Situation
from core.errors import Blocker

OPS = ("role:devops", "role:release_manager")
MOST_COUNTED = 10_000_000


def result_given(s: Situation, act: Act) -> Iterator[Blocker]:
    """A result has a known kind, a verdict, a link, and counts that are counts."""
    kind = act.text("kind")
    if kind not in KINDS or kind == "build":
        yield Blocker("result.kind", {"given": kind[:40], "known": [k for k in KINDS if k != "build"]}, (act.actor,))
    elif kind in s.policy.evidence.machines_only:
        yield Blocker("result.machines", {"kind": kind}, ("role:devops",))
    if act.text("verdict") not in ("passed", "failed"):
        yield Blocker("result.verdict", {}, (act.actor,))
    try:
        address(act.text("url"))
    except Unreadable:
        yield Blocker("result.link", {}, (act.actor,))
    if not _counts(act):
        yield Blocker("result.count", {}, (act.actor,))


def _counts(act: Act) -> bool:
    """Whether the numbers are left out, or are counts of which not more failed than there are."""
    given = {name: act.text(name) for name in ("tests", "failed") if act.text(name)}
    if not all(text.isascii() and text.isdigit() and len(text) <= 8 for text in given.values()):
        return False
    numbers = {name: int(text) for name, text in given.items()}
    if numbers.get("failed") and act.text("verdict") == "passed":
        return False
    return numbers.get("failed", 0) <= numbers.get("tests", MOST_COUNTED)


def result_new(s: Situation, act: Act) -> Iterator[Blocker]:
    """The same was not stated just before."""
    if any(result_given(s, act)) or s.candidate is None:
        return
    same = same_as(s, act)
    if same is not None:
        yield Blocker("result.same", {"kind": same.kind, "by": same.by, "url": same.url}, (), iso(same.at))


def build_known(s: Situation, act: Act) -> Iterator[Blocker]:
    """Where the type asks for a build, it is known before anything is deployed."""
    if asks_for(s, "build") and not judged(s, "build").builds:
        tag = s.candidate.tag if s.candidate else ""
        yield Blocker("build.missing", {"candidate": tag}, OPS, later=True)


def same_build(s: Situation, act: Act) -> Iterator[Blocker]:
    """Production gets exactly what staging got."""
    run = staged_run(s)
    if run is None:
        return
    then, now = {b.name: b for b in run.builds}, {b.name: b for b in judged(s, "build").builds}
    for name in sorted(then.keys() | now.keys()):
        if _digest(then.get(name)) != _digest(now.get(name)):
            facts = {"name": name, "staging": _digest(then.get(name)), "now": _digest(now.get(name))}
            yield Blocker("build.differs", facts, OPS, iso(judged(s, "build").at))


def _digest(build: Build | None) -> str:
    return build.digest if build else ""
