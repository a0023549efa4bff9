"""Everything a rule may look at: one release, its policy, the signatures, the environments, the hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.contents import Checks
from core.domain.evidence.model import Evidence
from core.domain.notes.embargo import Embargo, embargo
from core.domain.notes.model import Draft
from core.domain.once import once
from core.domain.overrides import Override, standing
from core.domain.people import Held, Roster, Stands, seated
from core.domain.policy import Approval, Policy, SignOff
from core.domain.rehearsals import channel_of
from core.domain.release import Candidate, Decision, Environment, Phase, ProductRecord, Release, RunState
from core.domain.retrospective import Happened


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody (or nobody: actor "") wants to happen, with the words given for it."""

    actor: str
    event: str
    input: Mapping[str, object] = field(default_factory=dict)
    subject: str | None = None

    def text(self, name: str) -> str:
        value = self.input.get(name)
        return value.strip() if isinstance(value, str) else ""

    @property
    def reason(self) -> str:
        return self.text("reason")


@dataclass(frozen=True, slots=True)
class Situation:
    """Plain facts for one decision; `members` are the holders of each role at this moment, and who stands in."""

    release: Release
    policy: Policy
    now: datetime
    decisions: tuple[Decision, ...] = ()
    environments: Mapping[str, Environment] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: tuple[Release, ...] = ()
    product: ProductRecord = field(default_factory=lambda: ProductRecord(""))
    tagged: tuple[str, ...] = ()  # numbers of the remote's tags, where the caller has read them
    read_at: datetime | None = None
    draft: Draft | None = None  # of the notes, as last read of the range
    roster: Roster = field(default_factory=Roster)
    stand_ins: Stands = field(default_factory=dict)  # those among `members` who stand in for a holder
    adopted: tuple[Policy, Mapping[str, tuple[str, ...]]] | None = None  # the active policy, when it may be moved to it
    evidence_found: tuple[Evidence, ...] = ()  # all results that were reported for the candidate's commit
    anchor: str = ""  # the newest one of the trail, as people meet it; read where a tag is about to be made
    trail: tuple[Happened, ...] = ()  # the record of the release, where what happens now looks back at it
    known: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # see `once`

    @property
    def burnt(self) -> tuple[str, ...]:
        return self.product.burnt

    @property
    def taken(self) -> tuple[str, ...]:
        """Numbers that were used once: tags, shipped and burnt versions."""
        return (*self.tagged, *self.product.shipped, *self.product.burnt)

    @property
    def production(self) -> Environment:
        return self.environments.get("production", Environment("production"))

    @property
    def staging(self) -> Environment:
        return self.environments.get("staging", Environment("staging"))

    @property
    def hidden(self) -> Embargo:
        """The changes of this release that are hidden until it is released."""
        return embargo(self.draft, self.release.embargoed)

    @property
    def candidate(self) -> Candidate | None:
        return self.release.candidate

    def roles_of(self, person: str) -> tuple[str, ...]:
        return tuple(role for role, people in self.members.items() if person in people)

    def holds(self, person: str, roles: Iterable[str]) -> str:
        """The first of the roles that the person holds, or ""."""
        mine = set(self.roles_of(person))
        return next((role for role in roles if role in mine), "")

    def holders(self, *roles: str) -> tuple[str, ...]:
        """All holders of some roles, each once, in the order of the roles."""
        return tuple(dict.fromkeys(p for role in roles for p in self.members.get(role, ())))

    # --- who stands in, who is asked ----------------------------------------------------------------------------

    @property
    def held(self) -> Held:
        """The holders of each role by policy and groups, without those who stand in."""
        return {role: self._own(role) for role in self.members}

    def _own(self, role: str) -> tuple[str, ...]:
        people, stands = self.members.get(role, ()), self.stand_ins.get(role)
        return tuple(p for p in people if p not in stands) if stands else people

    def reseated(self) -> Situation:
        """The same with those who stand in at this moment, after the release or the roster has changed."""
        if not self.stand_ins and not self.roster.lends:
            return self
        silent = self.release.unanswered if self.release.phase is Phase.PREPARATION else {}
        members, stands = seated(self.held, self.roster, self.now, silent)
        return replace(self, members=members, stand_ins=stands)

    def stands_for(self, person: str, role: str) -> str:
        """The holder of the role for whom the person stands in; "" for who holds it in their own right."""
        one = self.stand_ins.get(role, {}).get(person)
        return one.principal if one else ""

    def may_sign(self, role: str) -> tuple[str, ...]:
        """Who may approve in a role: all its holders but who started the release, and who stands in for that one."""
        by = self.release.started_by
        return tuple(p for p in self.members.get(role, ()) if by not in (p, self.stands_for(p, role)))

    @once
    def called(self, *roles: str) -> tuple[str, ...]:
        """Who is asked and reminded in some roles: the one who fills it on this release, else all holders.

        In the place of a holder who is away or has delegated stands the delegate; where only the day has ended, both.
        """
        found: list[str] = []
        for role in roles:
            stands = self.stand_ins.get(role, {})
            for person in self._filling(role):
                lent = [d for d, one in stands.items() if one.principal == person]
                both = not lent or stands[lent[0]].why == "day"
                found += [person, *lent] if both else lent
        return tuple(dict.fromkeys(found))

    def _filling(self, role: str) -> tuple[str, ...]:
        named = self.release.lead if role == "release_manager" else self.release.cast.get(role, "")
        needs = self.policy.rules(self.release.type).approvals
        several = any(need.role == role and need.count > 1 for need in needs)
        return (named,) if named in self.members.get(role, ()) and not several else self._own(role)

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who is asked to approve."""
        roles = [need.role for need in self.policy.rules(self.release.type).approvals]
        return tuple(dict.fromkeys(p for r in roles for p in self.called(r) if p in self.may_sign(r)))

    @property
    def awaited(self) -> tuple[str, ...]:
        """The approvers of the roles whose signatures are not complete."""
        needs = self.policy.rules(self.release.type).approvals
        open_ = [need.role for need in needs if not self.approved(need)]
        return tuple(p for p in self.approvers if p in self.called(*open_))

    @property
    def deciding(self) -> tuple[str, ...]:
        """The roles that the policy names to decide about the step that stands; none where it names nobody for it."""
        run = self.release.run("staging" if self.release.phase is Phase.PREPARATION else "production")
        step = run.stands_at if run and run.state in (RunState.FAILED, RunState.WAITING) else None
        return step.decide if step else ()

    # --- signatures ---------------------------------------------------------------------------------------------

    def signed(self, gate: str, subject: str, verdict: str = "approve") -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.gate == gate and d.subject == subject and d.verdict == verdict)

    def approvals(self, role: str) -> tuple[Decision, ...]:
        """Approvals of this content by people who hold the role now (expired ones included).

        What a delegate signed stays when the delegation has ended, as long as the one they stood in for holds the role.
        """
        found = self.signed("approval", self.release.digest) if self.release.digest else ()
        return tuple(d for d in found if d.role == role and self.counts(d))

    def answers_of(self, person: str) -> tuple[Decision, ...]:
        """What the person answered about this content, either way."""
        mine = (d for d in self.decisions if d.gate == "approval" and d.person == person)
        return tuple(d for d in mine if d.subject == self.release.digest)

    def approved(self, need: Approval) -> bool:
        """Whether enough have approved in a role; a holder and who stands in for them are one."""
        return len({d.holder for d in self.approvals(need.role)}) >= need.count

    def counts(self, decision: Decision) -> bool:
        """Whether who stands behind a signature (its giver, or for whom it was given) still holds the role by right."""
        holder, role = decision.holder, decision.role
        return holder in self.members.get(role, ()) and holder not in self.stand_ins.get(role, {})

    def expired(self, decision: Decision) -> bool:
        return decision.at + timedelta(days=self.policy.approvals.expire_days) < self.now

    def rejections(self) -> tuple[Decision, ...]:
        return self.signed("approval", self.release.digest, "reject") if self.release.digest else ()

    # --- sign-offs ----------------------------------------------------------------------------------------------

    @once
    def signoff_items(self, gate: str) -> dict[str, SignOff]:
        """The sign-offs an event waits for, the policy's and those that follow from a roll-back."""
        items = self.policy.signoffs_for(gate, self.release.type)
        if gate == "ready":
            items.update(self._repairs())
        return items

    def _repairs(self) -> dict[str, SignOff]:
        inside = self.candidate.contains if self.candidate else ()
        return {
            f"repaired.{version}": SignOff(
                title=f"What was rolled back with v{version} is repaired in this candidate", role="tech_lead",
                gate="ready",
            )
            for version in self.burnt
            if version in inside and version != self.release.version
        }

    def signoff(self, name: str) -> SignOff | None:
        found = self.policy.signoffs.get(name) or self._repairs().get(name)
        return found if found and self.release.type in found.types else None

    def subject_of(self, item: SignOff) -> str:
        """What a signature on this item is about: the content, or the release as a whole."""
        return self.release.tagged_as if item.subject == "content" else f"release:{self.release.id}"

    def signoff_done(self, name: str, item: SignOff) -> Decision | None:
        subject = self.subject_of(item)
        found = self.signed(f"signoff:{name}", subject) if subject else ()
        return found[-1] if found else None

    def given(self, gate: str) -> tuple[Decision, ...]:
        """The standing signatures on the items of a gate."""
        items = self.signoff_items(gate).items()
        return tuple(d for name, item in items if (d := self.signoff_done(name, item)))

    def met_by_approval(self, item: SignOff) -> bool:
        """Whether the approval of its role meets the item: the type asks for that one."""
        asked = (need.role for need in self.policy.rules(self.release.type).approvals)
        return item.met == "sign-off" and item.by == "approval" and item.role in asked

    def by_hand(self, item: SignOff) -> bool:
        """Whether somebody signs it; evidence, rules, approvals or a retrospective's summary meet the others."""
        return item.met == "sign-off" and not self.met_by_approval(item) and not self.met_by_summary(item)

    def met_by_summary(self, item: SignOff) -> bool:
        """Whether the summary of the retrospective meets the item; nobody holds one of a rehearsal."""
        return item.by == "retrospective" and not channel_of(self.release.product)

    @property
    def overridden(self) -> tuple[Override, ...]:
        """The gates that two people have passed for exactly this content."""
        return tuple(standing(self.release.overrides, self.release.digest))

    @property
    def checks(self) -> Checks | None:
        """The checks of the candidate, where there are some."""
        c = self.release.checks
        return c if c and c.found and self.candidate and c.sha == self.candidate.sha else None

    def signoff_due(self, item: SignOff) -> bool:
        """Whether somebody can sign the item now: its phase has come, and what it looks at is there."""
        release = self.release
        if not self.by_hand(item):
            return False
        if item.gate == "begin":
            return release.phase is Phase.PLANNING
        if item.gate == "ready":
            early = (Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION)
            return release.phase in early and release.candidate is not None
        if item.gate == "go":
            return release.phase is Phase.PREPARATION and (not item.after_staging or self.on_staging)
        if item.gate == "rollback":
            return self._can_go_back
        if item.gate == "deployed" and release.verify_again:
            return release.phase is Phase.POST_RELEASE
        if item.gate == "deployed":
            run = release.run()
            done = run is not None and run.kind == "deploy" and run.state is RunState.DONE
            return done and release.phase is Phase.DEPLOYMENT
        return release.phase is Phase.POST_RELEASE

    @property
    def _can_go_back(self) -> bool:
        """Whether the release may have to be taken back: it has content, and nothing has followed it in production."""
        r = self.release
        ended = r.outcome or r.phase is Phase.CANCELLED
        gone_by = r.phase in (Phase.POST_RELEASE, Phase.CLOSED) and self.production.version != r.version
        return r.candidate is not None and not ended and not gone_by

    @property
    def on_staging(self) -> bool:
        return bool(self.candidate) and self.staging.candidate == (self.candidate.tag if self.candidate else "")
