"""The projection of a release that readers draw from: card, message, Home, `/release why`.

Written by the unit that changes the release, so it is never stale. What depends on the hour alone (window,
freeze days, expiry) is judged at read by `timely`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.domain.gates import blockers
from core.domain.lifecycle import BY_EVENT, TABLE, Row
from core.domain.release import Environment, Phase, Run, RunState
from core.domain.situation import Act, Situation
from core.errors import Blocker

TIMELY = frozenset({"window", "freeze", "freeze_day", "expired", "early_reason"})
NEEDS_WORDS = frozenset({"reason", "severity", "edit.nothing", "merge_target", "concern.gone", "incident.gone",
                         "signoff.unknown", "record.unknown", "flag_named", "departure_past", "early_reason",
                         "signed_before", "not_self", "one_role", "not_author"})
MOST_CHANGES = 60


def project(s: Situation, *, posts: int = 0, record: str = "") -> dict[str, Any]:
    """All facts about the release as one JSON document; instants are ISO-8601 UTC."""
    r = s.release
    nxt = next_event(s)
    found = blockers(BY_EVENT[nxt], s, Act(r.lead, nxt)) if nxt else ()
    return {
        **_plain(s), **_people(s), **_content(s), **_state(s),
        "next": nxt, "blockers": [blocker_json(b) for b in found if b.code not in TIMELY | NEEDS_WORDS],
        "met": _met(s, nxt, found), "allowed": allowed(s), "posts": posts, "record": record,
    }


def next_event(s: Situation) -> str:
    """The event that moves the release on from here, "" when it has ended."""
    r = s.release
    if r.phase is Phase.PLANNING:
        return "begin"
    if r.phase is Phase.DEVELOPMENT:
        return "freeze" if r.type.by_train else "candidate"
    if r.phase is Phase.STABILIZATION:
        return "ready"
    if r.phase is Phase.PREPARATION:
        return "go"
    if r.phase is Phase.DEPLOYMENT:
        run = r.run()
        return "rolled_back" if run and run.kind == "roll back" else "deployed"
    return "close" if r.phase is Phase.POST_RELEASE else ""


def allowed(s: Situation) -> list[str]:
    """Person-fired events whose phase has come and that nothing but missing words blocks."""
    found = []
    for row in TABLE:
        if row.by != "person" and not row.word or s.release.phase not in row.sources:
            continue
        rest = [b for b in blockers(row, s, Act(s.release.lead, row.event)) if b.code not in NEEDS_WORDS]
        if not rest:
            found.append(row.event)
    return found


def timely(facts: Mapping[str, Any], now: datetime) -> list[Blocker]:
    """The conditions that only the hour decides, judged from the stored facts."""
    out: list[Blocker] = []
    if facts["next"] == "go" and facts["departs_at"]:
        opens, closes = (datetime.fromisoformat(facts[k]) for k in ("departs_at", "window_ends_at"))
        if not opens <= now <= closes:
            out.append(Blocker("window", {"opens": facts["departs_at"], "closes": facts["window_ends_at"],
                                          "over": now > closes}, later=now < opens))
    if facts["next"] == "freeze" and facts["freeze_at"] and now < datetime.fromisoformat(facts["freeze_at"]):
        out.append(Blocker("freeze_day", {"at": facts["freeze_at"]}, later=True))
    for freeze in facts["freezes"] if facts["next"] == "go" and facts["type"] != "hotfix" else ():
        if freeze["from"] <= now.isoformat() < freeze["to"]:
            out.append(Blocker("freeze", {"name": freeze["name"], "until": freeze["to"]}, later=True))
    for seat in facts["approvals"] if facts["phase"] == "preparation" else ():
        for d in seat["given"]:
            if datetime.fromisoformat(d["at"]) + timedelta(days=facts["expire_days"]) < now:
                out.append(Blocker("expired", {"role": seat["role"], "by": d["person"], "days": facts["expire_days"]},
                                   (d["person"],), d["at"]))
    return out


def blocker_json(b: Blocker) -> dict[str, Any]:
    return {"code": b.code, "facts": {k: _value(v) for k, v in b.facts.items()}, "who": list(b.who), "since": b.since,
            "later": b.later}


def blocker_of(data: Mapping[str, Any]) -> Blocker:
    return Blocker(data["code"], data.get("facts", {}), tuple(data.get("who", ())), data.get("since", ""),
                   bool(data.get("later")))


def _value(v: object) -> object:
    return v.isoformat() if isinstance(v, datetime) else [_value(x) for x in v] if isinstance(v, (list, tuple)) else v


def iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def _plain(s: Situation) -> dict[str, Any]:
    r = s.release
    names = ("id", "version", "tag", "title", "epoch", "fixed_by", "lead", "started_by", "reason", "train", "base_tag",
             "base_sha", "branch", "branch_head", "closed_by", "cancel_reason", "missed_departure", "promotion_sha")
    dates = ("started_at", "departs_at", "freeze_at", "prepare_at", "coming_at", "window_ends_at", "phase_since",
             "live_at", "closed_at", "scope_read_at")
    return {n: getattr(r, n) for n in names} | {d: iso(getattr(r, d)) for d in dates} | {
        "type": r.type.value, "phase": r.phase.value, "phases": [p.value for p in r.phases], "outcome": r.outcome.value,
        "zone": s.policy.zone, "policy": r.policy_hash, "expire_days": s.policy.approvals.expire_days,
        "product": {"key": s.policy.product.key, "name": s.policy.product.name},
        "hold": {"by": r.hold.by, "at": iso(r.hold.at), "reason": r.hold.reason, "until": iso(r.hold.until),
                 "keep_place": r.hold.keep_place} if r.hold else None,
        "freezes": [_freeze(s, f) for f in s.policy.freezes],
    }


def _freeze(s: Situation, f: Any) -> dict[str, str]:
    from datetime import time
    from datetime import timedelta as days

    from core.domain.calendar import wall
    return {"name": f.name, "from": wall(f.first, time(), s.policy.zone).isoformat(),
            "to": wall(f.last + days(days=1), time(), s.policy.zone).isoformat()}


def _people(s: Situation) -> dict[str, Any]:
    r = s.release
    seats = []
    for need in s.policy.rules(r.type).approvals:
        holders = [p for p in s.members.get(need.role, ()) if p != r.started_by]
        seats.append({
            "role": need.role, "title": s.policy.title(need.role), "need": need.count, "asked": holders,
            "given": [{"person": d.person, "at": iso(d.at)} for d in s.approvals(need.role)],
            "rejected": [{"person": d.person, "at": iso(d.at), "reason": d.reason} for d in s.rejections()
                         if d.role == need.role]})
    items = []
    for gate in ("begin", "ready", "go", "deployed", "close"):
        for name, item in s.signoff_items(gate).items():
            done = s.signoff_done(name, item)
            items.append({
                "name": name, "title": item.title, "role": item.role, "role_title": s.policy.title(item.role),
                "gate": gate, "done": {"person": done.person, "at": iso(done.at)} if done else None,
                "people": list(s.members.get(item.role, ())), "due": s.signoff_due(item) and not done,
                "stands_in_for": item.stands_in_for})
    return {
        "approvals": seats, "signoffs": items,
        "names": {p.slack: p.name for p in s.policy.people.values()},
        "roles": {name: role.title for name, role in s.policy.roles.items()},
        "members": {role: list(people) for role, people in s.members.items()},
        "may": {act: list(roles) for act, roles in s.policy.permissions.items()},
        "go_roles": list(s.policy.rules(r.type).go),
    }


def _content(s: Situation) -> dict[str, Any]:
    r = s.release
    c = r.candidate
    authors = list(dict.fromkeys(x.author for x in r.scope))
    return {
        "scope": {"count": len(r.scope), "pulls": len({x.pull for x in r.scope if x.pull}), "authors": authors[:20],
                  "read_at": iso(r.scope_read_at), "head": r.scope_head},
        "changes": [{"sha": x.sha, "pull": x.pull, "subject": x.subject, "author": x.author}
                    for x in r.scope[:MOST_CHANGES]],
        "candidate": {"number": c.number, "tag": c.tag, "sha": c.sha, "at": iso(c.at), "by": c.by, "digest": c.digest}
        if c else None,
        "git": {"purpose": r.git.purpose, "state": r.git.state, "asked_by": r.git.asked_by, "at": iso(r.git.at),
                "problem": list(r.git.problem)} if r.git else None,
        "go": {"by": r.go.by, "at": iso(r.go.at)} if r.go else None,
        "concerns": [{"id": x.id, "by": x.by, "at": iso(x.at), "text": x.text} for x in r.concerns
                     if x.settled_at is None],
        "incidents": [{"id": x.id, "by": x.by, "text": x.text, "severity": x.severity, "detected_at": iso(x.detected_at),
                       "resolved_at": iso(x.resolved_at)} for x in r.incidents],
        "dependencies": [{"text": x.text, "owner": x.owner, "due": iso(x.due), "state": x.state}
                         for x in r.dependencies],
        "texts": _texts(s), "announced": dict(r.announced),
    }


def _texts(s: Situation) -> dict[str, Any]:
    t = s.release.texts
    return {
        "stakeholders": {"gets": list(t.stakeholders.gets), "better": t.stakeholders.better,
                         "good_to_know": t.stakeholders.good_to_know},
        "support": {"new": list(t.support.new), "solved": list(t.support.solved),
                    "known_issues": list(t.support.known_issues), "workaround": t.support.workaround,
                    "downtime": t.support.downtime, "contact": t.support.contact, "say": t.support.say},
        "edited_by": t.edited_by, "edited_at": iso(t.edited_at)}


def _run(run: Run | None) -> dict[str, Any] | None:
    return {"id": run.id, "environment": run.environment, "kind": run.kind, "state": run.state.value,
            "target": run.target, "step": run.step, "by": run.by, "started_at": iso(run.started_at),
            "ended_at": iso(run.ended_at), "reason": run.reason, "stop_asked": run.stop_asked} if run else None


def _state(s: Situation) -> dict[str, Any]:
    return {"run": _run(s.release.run()), "staging_run": _run(s.release.run("staging")),
            "environments": {name: environment_json(e) for name, e in s.environments.items()}}


def environment_json(e: Environment) -> dict[str, Any]:
    lock = {"version": e.lock.version, "by": e.lock.by, "since": iso(e.lock.since), "reason": e.lock.reason,
            "until_cleared": e.lock.until_cleared, "release": e.lock.release_id} if e.lock else None
    return {"name": e.name, "version": e.version, "candidate": e.candidate, "since": iso(e.since), "lock": lock,
            "previous": e.previous}


def _met(s: Situation, event: str, found: tuple[Blocker, ...]) -> list[str]:
    """The conditions of the next step that are met: gates without a blocker, sign-offs and approvals given."""
    if not event:
        return []
    row: Row = BY_EVENT[event]
    codes = {b.code.partition(".")[0] for b in found}
    met = [f"signoff.{n}" for n, i in s.signoff_items(event).items() if s.signoff_done(n, i)] if event in (
        "begin", "ready", "go", "deployed", "close") else []
    if "approvals" in row.gates:
        met += [f"approval.{a.role}" for a in s.policy.rules(s.release.type).approvals
                if len(s.approvals(a.role)) >= a.count]
    return met + [g for g in row.gates if g not in ("signoffs", "approvals", "window", "no_freeze", "freeze_day")
                  and g not in codes and not any(b.code.startswith(g) for b in found)]


def running(facts: Mapping[str, Any]) -> bool:
    run = facts.get("run")
    return bool(run) and run["state"] == RunState.RUNNING.value
