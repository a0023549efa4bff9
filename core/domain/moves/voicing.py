"""What people say: concerns that block until they are settled or carried on, and reports about what is live."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.effects import CLICK, post
from core.domain.gates.voicing import NEXT, arriving, concern_of, joiners, proposed
from core.domain.moves.outcome import Outcome, thread
from core.domain.product import Carried, ProductRecord
from core.domain.release import Carry, Concern, Ending, Release, Reported
from core.domain.situation import Act, Situation


def concern(s: Situation, act: Act) -> Outcome:
    """A blocking concern with its author's name."""
    number = max((c.id for c in s.release.concerns), default=0) + 1
    item = Concern(number, act.actor, s.now, act.reason, wants=act.text("wants")[:1000], link=act.text("link")[:500])
    told: dict[str, Any] = {"concern": number, "wants": item.wants, "link": item.link}
    return Outcome(
        replace(s.release, concerns=(*s.release.concerns, item)),
        (
            thread("concern", act, **told),
            post(f"dm:{s.release.lead}", "concern", CLICK, actor=act.actor, reason=act.reason, **told),
        ),
        notes={"concern": number},
    )


def settle(s: Situation, act: Act) -> Outcome:
    """The concern is settled, with how."""
    concerns = tuple(
        replace(c, settled_by=act.actor, settled_at=s.now, how=act.reason) if c.id == act.input.get("concern") else c
        for c in s.release.concerns
    )
    text = next(c.text for c in concerns if c.id == act.input.get("concern"))
    return Outcome(replace(s.release, concerns=concerns), (thread("settled", act, text=text),))


def carry(s: Situation, act: Act) -> Outcome:
    """The first person proposes that a concern goes on with the next release; with the second it leaves this one."""
    found = concern_of(s, act)
    assert found is not None  # the gate carry_pair has looked
    told: dict[str, Any] = {"concern": found.id, "text": found.text, "author": found.by}
    pending = proposed(s, found)
    if pending is None:
        wanted = replace(found, carry=Carry(act.actor, s.now, act.reason))
        asks = [
            post(f"dm:{p}", "carry_asked", CLICK, actor=act.actor, reason=act.reason, **told)
            for p in joiners(s, act.actor)
        ]
        return Outcome(_with(s.release, wanted), (thread("carry_asked", act, **told), *asks), notes={"second": False})
    pair = replace(pending, second=act.actor, second_at=s.now)
    done = replace(found, carry=pair, settled_by=act.actor, settled_at=s.now, how=pair.reason, left=True)
    told |= {"first": pair.by, "why": pair.reason}
    tell = () if found.by == act.actor else (post(f"dm:{found.by}", "carried", CLICK, actor=act.actor, **told),)
    return Outcome(
        _with(s.release, done),
        (thread("carried", act, **told), *tell),
        notes={"second": True},
        record={"concern": found.id, "people": [pair.by, act.actor], "reason": pair.reason},
    )


def carried_concern(s: Situation, act: Act) -> Outcome:
    """A concern that was carried out of an earlier release opens here and blocks here."""
    found = arriving(s)
    assert found is not None  # the gate carried_here has looked
    number = max((c.id for c in s.release.concerns), default=0) + 1
    item = replace(found.concern, id=number, settled_by="", settled_at=None, how="", left=False)
    item = replace(item, origin=found.version, key=found.key)
    pair = item.carry
    told: dict[str, Any] = {"concern": number, "text": item.text, "author": item.by, "origin": found.version}
    told |= {"first": pair.by, "second": pair.second, "why": pair.reason} if pair else {}
    told |= {"report": item.report} if item.report else {}
    lead = post(f"dm:{s.release.lead}", "concern_came", CLICK, **told)
    return Outcome(
        replace(s.release, concerns=(*s.release.concerns, item)),
        (thread("concern_came", act, **told), lead),
        record={"concern": number, "from": found.version},
    )


def passed_on(release: Release, act: Act, now: datetime) -> Release:
    """The release that is merged into another one gives its open concerns along: nobody loses one by merging."""
    how = f"merged into v{act.text('into')}"

    def gone(c: Concern) -> Concern:
        return replace(c, settled_by=act.actor, settled_at=now, how=how, left=True, carry=None)

    return replace(release, concerns=tuple(gone(c) if c.settled_at is None else c for c in release.concerns))


def carried_on(product: ProductRecord, before: Release, after: Release) -> ProductRecord:
    """What the product keeps of carried concerns: those that left a release, without those that arrived in one."""
    known = {c.id for c in before.concerns if c.left}
    left = [c for c in after.concerns if c.left and c.id not in known]
    came = {c.key for c in after.concerns if c.key} - {c.key for c in before.concerns if c.key}
    if not left and not came:
        return product
    kept = tuple(c for c in product.carried if c.key not in came)
    into = after.fixed_by if after.outcome is Ending.SUPERSEDED else ""
    new = tuple(Carried(f"{after.id}:{c.id}", after.version, c, into) for c in left)
    return replace(product, carried=(*kept, *new))


def _with(release: Release, concern_: Concern) -> Release:
    return replace(release, concerns=tuple(concern_ if c.id == concern_.id else c for c in release.concerns))


def report(s: Situation, act: Act) -> Outcome:
    """Feedback or a bug about what is live; who triages is asked what it is."""
    number = max((r.id for r in s.release.reports), default=0) + 1
    item = Reported(number, act.actor, s.now, act.text("kind"), act.reason, act.text("link")[:500])
    told: dict[str, Any] = {"report": number, "kind": item.kind, "link": item.link}
    return Outcome(
        replace(s.release, reports=(*s.release.reports, item)),
        (
            thread("reported", act, **told),
            *(
                post(f"dm:{p}", "reported", CLICK, actor=act.actor, reason=act.reason, **told)
                for p in s.called(s.policy.permissions["triage"][0])
            ),
        ),
        notes={"report": number},
    )


def triage(s: Situation, act: Act) -> Outcome:
    """It is said what a report is, and why; who reported it hears of it."""
    number, found = act.input.get("report"), act.text("found")
    item = next(r for r in s.release.reports if r.id == number)
    done = replace(item, found=found, why=act.reason, triaged_by=act.actor, triaged_at=s.now)
    told: dict[str, Any] = {"report": number, "kind": item.kind, "text": item.text, "found": found}
    tell = () if item.by == act.actor else (
        post(f"dm:{item.by}", "triaged", CLICK, actor=act.actor, reason=act.reason, **told),
    )  # fmt: skip
    release = replace(s.release, reports=tuple(done if r.id == number else r for r in s.release.reports))
    return Outcome(
        _for_the_next(release, done) if found == NEXT else release,
        (thread("triaged", act, **told), *tell),
        record={"report": number, "found": found},
    )


def _for_the_next(release: Release, item: Reported) -> Release:
    """The report goes on as a concern that has left already: it blocks the next release until it is settled."""
    number = max((c.id for c in release.concerns), default=0) + 1
    left = Concern(number, item.by, item.at, item.text, item.triaged_by, item.triaged_at, item.why, link=item.link,
                   left=True, report=item.kind)  # fmt: skip
    return replace(release, concerns=(*release.concerns, left))
