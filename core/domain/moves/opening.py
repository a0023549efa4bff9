"""From nothing to the first candidate: start, begin, freeze, tag a candidate, correct."""

from __future__ import annotations

from dataclasses import replace

from core.domain.calendar import phase_dates
from core.domain.effects import CLICK, Effect, post
from core.domain.gates.hours import when_of
from core.domain.moves.forging import milestone_wanted
from core.domain.moves.noting import preparation
from core.domain.moves.outcome import Outcome, ask_git, scope_effect, thread, your_turn
from core.domain.parts import TEXT_FIELDS
from core.domain.policy import Policy
from core.domain.release import Dependency, Phase, Release, ReleaseType, StakeholderText, SupportText, Texts
from core.domain.repository import CutBranch, TagCandidate
from core.domain.situation import Act, Situation
from core.domain.versions import Version


def dated(release: Release, policy: Policy) -> Release:
    """The release with the dates that follow from its departure; a frozen one keeps its freeze."""
    named = policy.train_of(release.type)
    frozen = release.phase not in (Phase.PLANNING, Phase.DEVELOPMENT)
    if named is None or release.departs_at is None:
        freeze_at = release.freeze_at if frozen and named else None
        return replace(release, freeze_at=freeze_at, prepare_at=None, coming_at=None, window_ends_at=None)
    train = named[1]
    dates = phase_dates(
        release.departs_at,
        train.timetable(),
        freeze_days=train.freeze_days,
        prepare_days=train.prepare_days,
        window=policy.window(release.type),
    )
    return replace(
        release,
        freeze_at=release.freeze_at if frozen else dates.freeze,
        prepare_at=dates.prepare,
        coming_at=dates.coming,
        window_ends_at=dates.window_ends,
    )


def start(s: Situation, act: Act) -> Outcome:
    """minor, major: the card, its first thread line, and the scope is read from the remote."""
    develop = s.policy.product.trunk
    return Outcome(
        s.release,
        (
            Effect("slack.card", "team", {}, CLICK),
            thread("started", act, **_start_data(act)),
            scope_effect(s.release, develop),
            *your_turn(s, "begin"),
            *milestone_wanted(s, s.release),
        ),
    )


def start_fix(s: Situation, act: Act) -> Outcome:
    """patch, hotfix: the same, and the branch is cut from production's tag."""
    r = s.release
    order = CutBranch(r.branch, r.base_sha, s.now)
    release, effect = ask_git(s, r, "cut", order, act.actor)
    return Outcome(
        release,
        (
            Effect("slack.card", "team", {}, CLICK),
            thread("started", act, **_start_data(act)),
            effect,
            *milestone_wanted(s, release),
        ),
    )


def _start_data(act: Act) -> dict[str, object]:
    return {"reasons": act.input.get("reasons", []), "changes": act.input.get("changes", 0)}


def begin(s: Situation, act: Act) -> Outcome:
    """Development begins; stakeholders hear what is planned and when."""
    key = "planned:stakeholders"
    release = replace(s.release, phase=Phase.DEVELOPMENT, wanted=s.release.wanted | {key: s.now.isoformat()})
    return Outcome(release, (thread("begun", act), post("stakeholders", "planned")))


def freeze(s: Situation, act: Act) -> Outcome:
    """Git cuts the branch from develop and tags rc.1; the phase changes when the remote has both."""
    r = s.release
    tag = r.number.candidate(1).tag
    order = CutBranch(
        r.branch, r.scope_head, s.now, tag=tag, message=f"Candidate 1 of {r.tag}", prepare=preparation(s, tag)
    )
    release, effect = ask_git(s, r, "freeze", order, act.actor, r.notes.section if r.notes else "")
    return Outcome(release, (effect,), notes={"pending": "git"}, record={"from": r.scope_head})


def candidate(s: Situation, act: Act) -> Outcome:
    """Git tags the next candidate on the branch's head; signatures fall when the remote has the tag."""
    r = s.release
    number = (r.candidate.number if r.candidate else 0) + 1
    tag = r.number.candidate(number).tag
    said = f"Candidate {number} of {r.tag}"
    order = TagCandidate(r.branch, r.branch_head, tag, s.now, message=said, prepare=preparation(s, tag))
    release, effect = ask_git(s, r, "candidate", order, act.actor, r.notes.section if r.notes else "")
    return Outcome(release, (effect,), notes={"pending": "git"}, record={"at": r.branch_head})


def edit(s: Situation, act: Act) -> Outcome:
    """Corrects type, version, title or departure before the first candidate."""
    r = s.release
    kind = ReleaseType(act.text("type") or r.type)
    version = str(Version.parse(act.text("version"))) if act.text("version") else r.version
    changed = replace(
        r,
        type=kind,
        version=version,
        title=act.text("title") or r.title,
        branch=Version.parse(version).branch,
        departs_at=when_of(act) or r.departs_at,
    )
    if (changed.type, changed.departs_at) != (r.type, r.departs_at):  # another title moves no date
        changed = dated(changed, s.policy)
    before = {
        k: str(getattr(r, k))
        for k in ("type", "version", "title", "departs_at")
        if getattr(r, k) != getattr(changed, k)
    }
    after = {k: str(getattr(changed, k)) for k in before}
    return Outcome(
        changed, (thread("edited", act, before=before, after=after),), record={"before": before, "after": after}
    )


def depend(s: Situation, act: Act) -> Outcome:
    """A dependency; said again with the same words it gets its owner or date, and the gate of begin asks for owners."""
    same = act.reason.casefold()
    old = next((d for d in s.release.dependencies if d.text.casefold() == same), Dependency(act.reason, ""))
    item = replace(old, owner=act.text("owner") or old.owner, due=when_of(act, "due") or old.due)
    kept = tuple(d for d in s.release.dependencies if d.text.casefold() != same)
    return Outcome(replace(s.release, dependencies=(*kept, item)), (thread("depends", act, owner=item.owner),))


def _mended(old: Texts, act: Act) -> tuple[str, ...]:
    """The fields that are a person's own from now on; a record from before they were told apart has all as such."""
    if old.edited_by and not old.mended:
        return ()
    return tuple(sorted({*old.mended, *(name for name in TEXT_FIELDS if isinstance(act.input.get(name), str))}))


def words(s: Situation, act: Act) -> Outcome:
    """The texts for stakeholders and support, mended by a person; kept when the scope is read again."""

    def lines(name: str, old: tuple[str, ...]) -> tuple[str, ...]:
        value = act.input.get(name)
        if not isinstance(value, str):
            return old
        return tuple(line.strip()[:300] for line in value.splitlines() if line.strip())[:20]

    def text(name: str, old: str) -> str:
        value = act.input.get(name)
        return value.strip()[:1000] if isinstance(value, str) else old

    t = s.release.texts
    texts = Texts(
        StakeholderText(
            lines("gets", t.stakeholders.gets),
            text("better", t.stakeholders.better),
            text("good_to_know", t.stakeholders.good_to_know),
        ),
        SupportText(
            lines("new", t.support.new),
            lines("solved", t.support.solved),
            lines("known_issues", t.support.known_issues),
            text("workaround", t.support.workaround),
            text("downtime", t.support.downtime),
            text("contact", t.support.contact),
            text("say", t.support.say),
        ),
        act.actor,
        s.now,
        _mended(t, act),
    )
    return Outcome(replace(s.release, texts=texts), (thread("words", act),))
