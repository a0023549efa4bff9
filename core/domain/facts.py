"""The projection of a release that readers draw from: card, message, Home, `/release why`.

Written by the unit that changes the release, so it is never stale. What depends on the hour alone (window,
freeze days, expiry) is judged at read by `timely`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.domain.checklist import current_lists
from core.domain.checklist import met as is_met
from core.domain.facts_contents import contents_of
from core.domain.facts_evidence import evidence_of
from core.domain.facts_flags import flags_of
from core.domain.facts_overrides import overrides_of, passed_codes
from core.domain.facts_parts import (
    blocker_json,
    blocker_of,
    content_of,
    dues_of,
    environment_json,
    people_of,
    plain_of,
    since_of,
    state_of,
)
from core.domain.facts_signing import signing_of
from core.domain.freezes import spans_of
from core.domain.gates import blockers, gate, reasons
from core.domain.lifecycle import BY_EVENT, TABLE
from core.domain.own_reasons import NO_FACT
from core.domain.release import Phase
from core.domain.retro.told import retro_of
from core.domain.situation import Act, Situation
from core.errors import Blocker

TIMELY = frozenset({"window", "freeze", "freeze_day", "expired", "early_reason"})


def project(s: Situation, *, posts: int = 0, record: str = "") -> dict[str, Any]:
    """All facts about the release as one JSON document; instants are ISO-8601 UTC."""
    nxt = next_event(s)
    found = blockers(BY_EVENT[nxt], s, _act_of(s, nxt)) if nxt else ()
    return {
        **plain_of(s),
        **people_of(s),
        **content_of(s),
        **state_of(s),
        **contents_of(s),
        **evidence_of(s),
        **overrides_of(s),
        **flags_of(s),
        **signing_of(s),
        **retro_of(s),
        "lists": list(current_lists(s)),
        "open_since": since_of(s.release),
        "dues": dues_of(s),
        "next": nxt,
        "blockers": [blocker_json(b) for b in found if b.code not in TIMELY | NO_FACT],
        "met": _met(s, nxt),
        "allowed": allowed(s),
        "posts": posts,
        "record": record,
    }


def _act_of(s: Situation, event: str) -> Act:
    """The next event as it would be fired: by itself, or by the lead."""
    return Act("" if BY_EVENT[event].by == "itself" else s.release.lead, event)


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
        if (row.by != "person" and not row.word) or s.release.phase not in row.sources:
            continue
        if all(b.code in NO_FACT for b in reasons(row, s, Act(s.release.lead, row.event))):
            found.append(row.event)
    return found


def timely(facts: Mapping[str, Any], now: datetime) -> list[Blocker]:
    """The conditions that only the hour decides, judged from the stored facts."""
    out: list[Blocker] = []
    if facts["next"] == "go" and facts["departs_at"]:
        opens, closes = (datetime.fromisoformat(facts[k]) for k in ("departs_at", "window_ends_at"))
        if not opens <= now <= closes:
            out.append(
                Blocker(
                    "window",
                    {"opens": facts["departs_at"], "closes": facts["window_ends_at"], "over": now > closes},
                    ("role:release_manager",) if now > closes else (),
                    facts["window_ends_at"] if now > closes else "",
                    later=now < opens,
                )
            )
    if facts["next"] == "freeze" and facts["freeze_at"] and now < datetime.fromisoformat(facts["freeze_at"]):
        out.append(Blocker("freeze_day", {"at": facts["freeze_at"]}, later=True))
    for freeze in spans_of(facts["freezes"], now, now) if facts["next"] == "go" and facts["type"] != "hotfix" else ():
        out.append(Blocker("freeze", {"name": freeze.name, "until": freeze.until}, later=True))
    for seat in facts["approvals"] if facts["phase"] == "preparation" else ():
        for d in seat["given"]:
            if datetime.fromisoformat(d["at"]) + timedelta(days=facts["expire_days"]) < now:
                out.append(
                    Blocker(
                        "expired",
                        {"role": seat["role"], "by": d["person"], "days": facts["expire_days"]},
                        (d["person"],),
                        d["at"],
                    )
                )
    passed = passed_codes(facts)
    return [b for b in out if b.code not in passed]


SHOWN_APART = ("signoffs", "approvals", "window", "no_freeze", "freeze_day")  # by name, or judged by the hour


def _met(s: Situation, event: str) -> list[str]:
    """The conditions of the next step that are met: gates without a blocker, sign-offs and approvals given."""
    if not event:
        return []
    row, act = BY_EVENT[event], _act_of(s, event)
    met: list[str] = []
    if "signoffs" in row.gates:
        met += [f"signoff.{n}" for n, i in s.signoff_items(event).items() if is_met(s, n, i)]
    if "approvals" in row.gates:
        seats = s.policy.rules(s.release.type).approvals
        met += [f"approval.{seat.role}" for seat in seats if s.approved(seat)]
    return met + [name for name in row.gates if name not in SHOWN_APART and not any(gate(name)(s, act))]


__all__ = ["allowed", "blocker_json", "blocker_of", "environment_json", "next_event", "project", "timely"]
