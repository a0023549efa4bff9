"""The parts of the projection: plain values, people and signatures, content, state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.checklist import items_of, proof
from core.domain.course import of_release, plain
from core.domain.due import dues
from core.domain.duties import duties_of
from core.domain.facts_runs import run_of
from core.domain.freezes import row_of
from core.domain.gates.scope import is_hidden
from core.domain.policy_parts import SignOff
from core.domain.rehearsals import channel_of
from core.domain.release import Concern, Environment, Release
from core.domain.situation import Situation
from core.errors import Blocker

MOST_CHANGES = 60
PASSED = ("production", "staging")  # the environments that a release passes; what others run is none of its facts


def blocker_json(b: Blocker) -> dict[str, Any]:
    return {
        "code": b.code,
        "facts": {k: _value(v) for k, v in b.facts.items()},
        "who": list(b.who),
        "since": b.since,
        "later": b.later,
    }


def blocker_of(data: Mapping[str, Any]) -> Blocker:
    return Blocker(
        data["code"], data.get("facts", {}), tuple(data.get("who", ())), data.get("since", ""), bool(data.get("later"))
    )


def _value(v: object) -> object:
    return v.isoformat() if isinstance(v, datetime) else [_value(x) for x in v] if isinstance(v, (list, tuple)) else v


def iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


_PLAIN = (
    "id", "version", "tag", "title", "epoch", "fixed_by", "lead", "started_by", "reason", "train", "base_tag",
    "base_sha", "branch", "branch_head", "closed_by", "cancel_reason", "missed_departure", "promotion_sha",
)  # fmt: skip
_DATES = (
    "started_at", "departs_at", "freeze_at", "prepare_at", "coming_at", "window_ends_at", "phase_since", "live_at",
    "closed_at", "scope_read_at", "answer_by",
)  # fmt: skip


def plain_of(s: Situation) -> dict[str, Any]:
    """The release's own values, and what the policy says about its dates."""
    r, h = s.release, s.release.hold
    kept = None
    if h:
        kept = {"by": h.by, "at": iso(h.at), "reason": h.reason, "until": iso(h.until), "keep_place": h.keep_place,
                "gave_up": iso(h.gave_up)}
    return {n: getattr(r, n) for n in _PLAIN} | {d: iso(getattr(r, d)) for d in _DATES} | {
        "type": r.type.value,
        "phase": r.phase.value,
        "phases": [p.value for p in r.phases],
        "outcome": r.outcome.value,
        "zone": s.policy.zone,
        "policy": r.policy_hash,
        "expire_days": s.policy.approvals.expire_days,
        "most_posts": s.policy.noise.channel_posts,
        "posts_beside": r.posts_beside,
        "product": {"key": s.policy.product.key, "name": s.policy.product.name},
        "hold": kept,
        "course": plain(of_release(s.policy, r)),
        "freezes": [row_of(f, s.policy.zone) for f in s.policy.freezes],
    } | ({"rehearsal": room} if (room := channel_of(r.product)) else {})


def _signoff(s: Situation, gate: str, name: str, item: SignOff) -> dict[str, Any]:
    """One item of the checklist. `done` is a signature, `due` says that somebody can sign it now; `state`, `by`,
    `source`, `at`, `number` and `url` tell how it stands, whichever way it is met."""
    found = proof(s, name, item)
    signed = found.state == "met" and found.how in ("sign-off", "approval")
    return {
        "name": name,
        "title": item.title,
        "role": item.role,
        "role_title": s.policy.title(item.role),
        "gate": gate,
        "lists": list(item.lists),
        "met": found.how,
        "rule": item.by,
        "state": found.state,
        "done": {"person": found.by, "at": iso(found.at)} if signed else None,
        "people": list(s.members.get(item.role, ())),
        "called": list(s.called(item.role)),
        "due": s.signoff_due(item) and found.state != "met",
        "by": found.by,
        "source": found.source,
        "at": iso(found.at),
        "url": found.url,
        "why": found.why,
        "facts": {key: _value(value) for key, value in found.facts.items()},
        "number": dict(found.numbers),
    }


def people_of(s: Situation) -> dict[str, Any]:
    r = s.release
    seats = []
    for need in s.policy.rules(r.type).approvals:
        holders = list(s.may_sign(need.role))
        lent = s.stand_ins.get(need.role, {})
        seats.append(
            {
                "role": need.role,
                "title": s.policy.title(need.role),
                "need": need.count,
                "asked": holders,
                "called": [p for p in s.called(need.role) if p in holders],
                "stand_ins": {p: {"holder": x.principal, "why": x.why, "at": iso(x.at)} for p, x in lent.items()},
                "given": [
                    {"person": d.person, "at": iso(d.at)} | ({"stands_for": d.stands_for} if d.stands_for else {})
                    for d in s.approvals(need.role)
                ],
                "rejected": [
                    {"person": d.person, "at": iso(d.at), "reason": d.reason}
                    for d in s.rejections()
                    if d.role == need.role
                ],
            }
        )
    return {
        "approvals": seats,
        "signoffs": [_signoff(s, gate, name, item) for gate, name, item in items_of(s)],
        "names": s.policy.names,
        "roles": {name: role.title for name, role in s.policy.roles.items()},
        "members": {role: list(people) for role, people in s.members.items()},
        "may": {act: list(roles) for act, roles in s.policy.permissions.items()},
        "asked": list(r.asked),
        "reminded": {key: {"by": x.by, "at": iso(x.at)} for key, x in r.reminded.items()},
        "woken": list(r.woken),
        "cast": {"release_manager": r.lead, **r.cast},
        "duties": duties_of(s),
        "go_roles": list(s.policy.rules(r.type).go),
    }


def content_of(s: Situation) -> dict[str, Any]:
    """What is in the release, what git does for it, and what people said about it."""
    r, c = s.release, s.release.candidate
    pulls = {x.pull for x in r.scope if x.pull}
    authors = list(dict.fromkeys(x.author for x in r.scope))[:20]
    return _git_of(s) | _changes(s) | {
        "scope": {"count": len(r.scope), "pulls": len(pulls), "authors": authors, "read_at": iso(r.scope_read_at),
                  "head": r.scope_head},
        "candidate": {"number": c.number, "tag": c.tag, "sha": c.sha, "at": iso(c.at), "by": c.by, "digest": c.digest}
        if c else None,
        "concerns": [_concern(x) for x in r.concerns if x.settled_at is None],
        "reports": [{"id": x.id, "by": x.by, "at": iso(x.at), "kind": x.kind, "text": x.text, "link": x.link,
                     "found": x.found, "why": x.why, "triaged_by": x.triaged_by} for x in r.reports],
        "incidents": [{"id": x.id, "by": x.by, "text": x.text, "severity": x.severity,
                       "detected_at": iso(x.detected_at), "resolved_at": iso(x.resolved_at)} for x in r.incidents],
        "dependencies": [{"text": x.text, "owner": x.owner, "due": iso(x.due), "state": x.state}
                         for x in r.dependencies],
        "texts": _texts(s),
        "announced": dict(r.announced),
    }  # fmt: skip


def _concern(x: Concern) -> dict[str, Any]:
    """An open concern; `carry` tells who proposes to carry it on, or who carried it here from `origin`."""
    pair = x.carry
    carry = {"by": pair.by, "at": iso(pair.at), "reason": pair.reason, "second": pair.second} if pair else None
    return {"id": x.id, "by": x.by, "at": iso(x.at), "text": x.text, "wants": x.wants, "link": x.link,
            "origin": x.origin, "carry": carry, "report": x.report}  # fmt: skip


def _changes(s: Situation) -> dict[str, Any]:
    """The newest changes; what is hidden until released stands apart with its place, for who may see it."""
    hidden = s.hidden
    shown: list[dict[str, Any]] = []
    held: list[tuple[int, dict[str, Any]]] = []
    for place, x in enumerate(s.release.scope[:MOST_CHANGES]):
        row = {"sha": x.sha, "pull": x.pull, "subject": x.subject, "author": x.author}
        if hidden.hides(x.sha, x.pull):
            held.append((place, row))
        else:
            shown.append(row)
    titles = {i.ref: i.title for i in s.release.items if is_hidden(s, i.ref)}
    return {"changes": shown, "held": {"changes": held, "titles": titles} if held or titles else {}}


def _git_of(s: Situation) -> dict[str, Any]:
    git, go = s.release.git, s.release.go
    work = None
    if git:
        work = {"purpose": git.purpose, "state": git.state, "asked_by": git.asked_by, "at": iso(git.at),
                "problem": list(git.problem)}  # fmt: skip
    return {"git": work, "go": {"by": go.by, "at": iso(go.at)} if go else None}


def _texts(s: Situation) -> dict[str, Any]:
    t = s.release.texts
    return {
        "stakeholders": {
            "gets": list(t.stakeholders.gets),
            "better": t.stakeholders.better,
            "good_to_know": t.stakeholders.good_to_know,
        },
        "support": {
            "new": list(t.support.new),
            "solved": list(t.support.solved),
            "known_issues": list(t.support.known_issues),
            "workaround": t.support.workaround,
            "downtime": t.support.downtime,
            "contact": t.support.contact,
            "say": t.support.say,
        },
        "edited_by": t.edited_by,
        "edited_at": iso(t.edited_at),
    }


def since_of(release: Release) -> dict[str, str]:
    """Since when each condition is open that does not tell it itself."""
    return {key: at.isoformat() for key, at in release.open_since.items()}


def dues_of(s: Situation) -> list[dict[str, str]]:
    """What happens by the hour alone, the next one first: when, what (a code), and who is asked."""
    found = sorted(dues(s.release), key=lambda due: due.at)
    rows = [{"at": due.at.isoformat(), "what": due.what, "who": due.who} for due in found]
    for row, due in zip(rows, found, strict=True):
        if due.what == "seats":
            row["who"], row["about"] = s.roster.changing(due.at)
    return rows


def state_of(s: Situation) -> dict[str, Any]:
    return {
        "run": run_of(s, s.release.run()),
        "staging_run": run_of(s, s.release.run("staging")),
        "environments": {name: environment_json(s.environments[name]) for name in PASSED if name in s.environments},
    }


def environment_json(e: Environment) -> dict[str, Any]:
    lock = (
        {
            "version": e.lock.version,
            "by": e.lock.by,
            "since": iso(e.lock.since),
            "reason": e.lock.reason,
            "until_cleared": e.lock.until_cleared,
            "release": e.lock.release_id,
        }
        if e.lock
        else None
    )
    return {
        "name": e.name,
        "version": e.version,
        "candidate": e.candidate,
        "since": iso(e.since),
        "lock": lock,
        "previous": e.previous,
    }
