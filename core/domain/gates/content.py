"""Gates about what is in the release: scope, branch, candidates, versions, git."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.domain.gates.hours import kind_of
from core.domain.gates.people import TEAM, iso, signable
from core.domain.manifest import difference
from core.domain.release import Phase, ReleaseType
from core.domain.signing import present
from core.domain.situation import Act, Situation
from core.domain.versions import Version, fits, proposed
from core.errors import Blocker


def version_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """The number is free among tags, open and earlier releases, and fits the type."""
    version = Version.maybe(s.release.version)
    base = Version.maybe(s.release.base_tag)
    if version is None:
        yield Blocker("version_fits", {"version": s.release.version, "type": s.release.type})
        return
    if base is not None and not fits(s.release.type, version, base):
        yield Blocker("version_fits", {"version": str(version), "type": s.release.type, "base": str(base)})
    holder = next((o for o in s.others if o.version == str(version) and o.id != s.release.id), None)
    if holder is not None:
        yield Blocker("version_free", {"version": str(version), "release": holder.id, "open": True})
    elif str(version) in s.taken:
        yield Blocker("version_free", {"version": str(version), "open": False})
    elif base is not None and fits(s.release.type, version, base):
        yield from _in_line(s, s.release.type, version, base)


def _in_line(s: Situation, kind: ReleaseType, version: Version, base: Version) -> Iterator[Blocker]:
    """No free number is left out: it would look like a release that is missing."""
    used = [*s.taken, *(o.version for o in s.others if o.id != s.release.id)]
    following = proposed(kind, base, filter(None, map(Version.maybe, used)))
    if version > following:
        yield Blocker("version_next", {"version": str(version), "next": str(following)})


def production_known(s: Situation, act: Act) -> Iterator[Blocker]:
    """What runs in production is known and its commit is on the remote."""
    if not s.production.version or not s.release.base_sha:
        yield Blocker("production_known", {"version": s.production.version}, ("role:release_manager",))


def scope_read(s: Situation, act: Act) -> Iterator[Blocker]:
    """The range has been read from the remote since the release was started."""
    if s.release.scope_read_at is None:
        yield Blocker("scope_read", {}, (), iso(s.release.started_at), later=True)


def candidate_read(s: Situation, act: Act) -> Iterator[Blocker]:
    """What is in the candidate has been read: who wrote it may not sign it."""
    c = s.candidate
    if c and s.release.scope_of != c.sha:
        yield Blocker("scope_read", {"candidate": c.tag}, (), iso(c.at), later=True)


def dependencies(s: Situation, act: Act) -> Iterator[Blocker]:
    """Each dependency has an owner."""
    for d in s.release.dependencies:
        if not d.owner:
            yield Blocker("dependency", {"text": d.text}, ("role:release_manager",))


def git_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Git is not at work for this release; by itself nothing is tried again after a failure."""
    work = s.release.git
    if work is None or (act.input.get("final") and work.purpose == "promote"):
        return  # the second judging of a go: its own dry run stands there
    if work.state != "failed":
        yield Blocker("git.busy", {"purpose": work.purpose}, (), iso(work.at), later=True)
    elif not act.actor:
        yield Blocker("git.failed", {"purpose": work.purpose, "problem": list(work.problem)}, TEAM, iso(work.at))


def git_idle(s: Situation, act: Act) -> Iterator[Blocker]:
    """Nothing of this release is being published at this moment."""
    work = s.release.git
    if work is not None and work.state != "failed":
        yield Blocker("git.busy", {"purpose": work.purpose}, (), iso(work.at), later=True)


def has_branch(s: Situation, act: Act) -> Iterator[Blocker]:
    """The release has its branch on the remote; minor and major get theirs by the freeze."""
    unfrozen = s.release.type.by_train and s.release.phase is Phase.DEVELOPMENT
    if not s.release.branch_head or unfrozen:
        yield Blocker("has_branch", {"branch": s.release.branch, "type": s.release.type}, TEAM)


def head_moved(s: Situation, act: Act) -> Iterator[Blocker]:
    """The branch or the notes are beyond the last candidate (for a patch or hotfix: beyond production)."""
    nothing_new = {s.candidate.sha if s.candidate else "", "" if s.release.type.by_train else s.release.base_sha}
    notes, c = s.release.notes, s.candidate
    if c and notes and s.policy.notes.changelog and c.section != notes.section:
        return  # the notes changed since the last candidate: the next one commits them
    if s.release.branch_head and s.release.branch_head in nothing_new:  # a branch may have been pushed back by force
        yield Blocker(
            "head_moved",
            {"branch": s.release.branch, "last": s.candidate.tag if s.candidate else s.release.base_tag},
            TEAM,
        )


def contains_production(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is newer than production and contains it and every shipped hotfix."""
    live = Version.maybe(s.production.version)
    if live is None:
        yield Blocker("production_known", {"version": s.production.version}, ("role:release_manager",))
        return
    if s.release.number <= live and s.release.phase is not Phase.DEPLOYMENT:
        yield Blocker("older", {"production": str(live), "version": s.release.version}, TEAM)
    base = Version.maybe(s.release.base_tag)
    if act.event == "candidate":
        missing = set(s.release.lacks)
    else:
        inside = set(s.candidate.contains if s.candidate else ())
        missing = {str(live)} - inside - ({str(base)} if base else set())
    for version in sorted(missing):
        yield Blocker("contains_production", {"version": version, "branch": s.release.branch}, TEAM)


def lacks_production(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires once for each change of production that this release's content does not contain."""
    live = s.production.version
    base = Version.maybe(s.release.base_tag)
    inside = set(s.candidate.contains if s.candidate else ())
    if not live or (base and live == str(base)) or live in inside or f"production:{live}" in s.release.wanted:
        yield Blocker("nothing_new", {}, later=True)


def branch_settled(s: Situation, act: Act) -> Iterator[Blocker]:
    """The branch has not moved past the candidate: what was signed is what is there."""
    c = s.candidate
    if c and s.release.branch_head and s.release.branch_head != c.sha:
        yield Blocker(
            "branch.ahead",
            {
                "branch": s.release.branch,
                "head": s.release.branch_head[:7],
                "candidate": c.tag,
                "next": s.release.number.candidate(c.number + 1).tag,
            },
            TEAM,
        )


def branch_ahead(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires once for each head of the branch that is in no candidate."""
    c = s.candidate
    head = s.release.branch_head
    if not c or not head or head == c.sha or f"ahead:{head}" in s.release.wanted or s.release.git_at_work:
        yield Blocker("nothing_new", {}, later=True)


def content_moved(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a part of the candidate's content is known otherwise than when it was tagged."""
    tagged, now = s.candidate.manifest if s.candidate else None, present(s)
    if tagged is None or now is None or not any(part.changed for part in difference(tagged, now)):
        yield Blocker("nothing_new", {}, later=True)


def has_candidate(s: Situation, act: Act) -> Iterator[Blocker]:
    """There is a candidate."""
    if s.candidate is None:
        yield Blocker("has_candidate", {"branch": s.release.branch}, TEAM)


def no_candidate(s: Situation, act: Act) -> Iterator[Blocker]:
    """There is no candidate yet: later a correction would change what was signed."""
    if s.candidate is not None:
        yield Blocker("no_candidate", {"candidate": s.candidate.tag}, TEAM)


def not_rolled_back(s: Situation, act: Act) -> Iterator[Blocker]:
    """What was rolled back is not inside, or the tech lead has signed that it is repaired."""
    for name, item in s.signoff_items("ready").items():
        if name.startswith("repaired.") and s.signoff_done(name, item) is None:
            yield Blocker(
                "rolled_back_inside", {"version": name.removeprefix("repaired."), "item": name}, s.holders("tech_lead")
            )


def new_number(s: Situation, act: Act) -> Iterator[Blocker]:
    """Tags are never reused: once the final tag is out, only the same content may go with it."""
    if s.release.promoted_digest and s.release.promoted_digest != s.release.tagged_as:
        yield Blocker("number_burnt", {"version": s.release.version}, TEAM)


def edit_fits(s: Situation, act: Act) -> Iterator[Blocker]:
    """At least one correction is given, and the version and type still fit together and are free."""
    if not any(act.input.get(k) for k in ("version", "type", "title", "to")):
        yield Blocker("edit.nothing", {}, (act.actor,))
        return
    kind = kind_of(s.release.type, act)
    if kind is None:
        yield Blocker("edit.kind", {"from": s.release.type, "to": act.text("type")}, (act.actor,))
        return
    if kind.by_train != s.release.type.by_train:
        yield Blocker("edit.kind", {"from": s.release.type, "to": kind}, (act.actor,))
    if s.release.branch_head and (act.text("version") or kind is not s.release.type):
        yield Blocker("edit.branch", {"branch": s.release.branch}, (act.actor,))
    if act.text("version") or act.text("type"):
        version = Version.maybe(act.text("version") or s.release.version)
        base = Version.maybe(s.release.base_tag)
        if version is None or (base and not fits(kind, version, base)):
            yield Blocker(
                "version_fits",
                {"version": act.text("version") or s.release.version, "type": kind, "base": str(base)},
                (act.actor,),
            )
        elif str(version) != s.release.version and (
            str(version) in s.taken or any(o.version == str(version) for o in s.others)
        ):
            yield Blocker("version_free", {"version": str(version), "open": False}, (act.actor,))
        elif base and act.text("version"):
            yield from _in_line(s, kind, version, s.release.number if kind is s.release.type else base)
    if kind is not s.release.type:
        yield from signable(replace(s, release=replace(s.release, type=kind)), act)
