"""A release policy in plain words, for `release-bot policy check`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from core.domain.checklist_rules import rule_words
from core.domain.environments import deployers
from core.domain.pipeline.model import Step
from core.domain.plans.steps import steps_of
from core.domain.policy import Policy, SignOff
from core.domain.policy_parts import ITEM_EVENTS, Freeze
from core.domain.release import ReleaseType


def in_plain_words(policy: Policy) -> str:
    """What the file says, so that a person can compare it with what was meant."""
    parts = (
        _product(policy),
        _roles(policy),
        _people(policy),
        *(_type(policy, kind) for kind in ReleaseType),
        _permissions(policy),
        _override(policy),
        _trains(policy),
        _retrospective(policy),
        _hours(policy),
        _rest(policy),
        *([_deployment(policy)] if policy.deployment.pipelines else []),
        _evidence(policy),
        _notes(policy),
    )
    return "\n\n".join("\n".join(part) for part in parts)


def _product(policy: Policy) -> Iterator[str]:
    product = policy.product
    yield f"{product.name} (key {product.key}), policy serial {policy.serial}, text {policy.hash[:12]}"
    yield (
        f"  released from {product.main}"
        + (f", developed on {product.develop}" if product.develop else ", without a develop branch")
    )


def _roles(policy: Policy) -> Iterator[str]:
    yield "Roles"
    for name, role in policy.roles.items():
        held = ", ".join(policy.people[p].name for p in role.people) or f"the Slack user group {role.group}"
        yield f"  {role.title} ({name}): {held}"


def _people(policy: Policy) -> Iterator[str]:
    yield "People"
    for key, person in policy.people.items():
        mails = ", ".join(person.emails) or "no mail, so their commits are not recognised as theirs"
        login = f"; on GitHub {person.github}" if person.github else ""
        yield f"  {person.name} ({key}), in Slack {person.slack}; commits with {mails}{login}"
    yield "  a commit with another mail belongs to nobody here; a login names whom a pull request or an issue is about"


def _type(policy: Policy, kind: ReleaseType) -> Iterator[str]:
    rules = policy.rules(kind)
    seats = " and ".join(
        f"{a.count} x {policy.title(a.role)}" if a.count > 1 else policy.title(a.role) for a in rules.approvals
    )
    yield f"A {kind.value} release: {rules.scope}; {rules.frequency}"
    yield f"  passes {', '.join(phase.value for phase in rules.phases)}"
    yield (
        f"  approved by {seats}; nobody approves what they started"
        + (" or have a commit in" if rules.authors_may_not_approve else "")
        + "; one person signs for one role"
    )
    yield f"  tests: {', '.join(rules.tests)}"
    yield f"  production: {' and '.join(policy.title(r) for r in rules.go)} say go"
    if rules.train:
        yield f"  leaves with the train {rules.train}" + (
            f", announced {rules.notice_days} days before" if rules.notice_days else ""
        ) + (f", in a window of its own of {rules.window_minutes} minutes" if rules.window_minutes else "")
    for gate in ITEM_EVENTS:
        for item in policy.signoffs_for(gate, kind).values():
            where = f"; on the {' and the '.join(item.lists)} list" if item.lists else ""
            yield f"  before {gate}: {item.title} ({_met(policy, kind, item)}{where})"


def _met(policy: Policy, kind: ReleaseType, item: SignOff) -> str:
    """Who or what meets an item of the checklist."""
    role = policy.title(item.role)
    if item.met == "evidence":
        return f"evidence {item.by}, owned by {role}"
    if item.met == "automatic":
        return f"by itself: {rule_words(item.by)[:-1].lower()}, owned by {role}"
    if item.by == "retrospective":
        return f"the summary of the retrospective, owned by {role}"
    approves = item.by == "approval" and any(a.role == item.role for a in policy.rules(kind).approvals)
    return f"the approval of {role}" if approves else f"{role} signs"


def _permissions(policy: Policy) -> Iterator[str]:
    yield "Who may do what"
    for act, roles in policy.permissions.items():
        yield f"  {act}: {', '.join(policy.title(role) for role in roles)}"


def _override(policy: Policy) -> Iterator[str]:
    rules = policy.override
    yield "Break-glass"
    if not rules.roles:
        yield "  nobody may pass a gate"
        return
    yield f"  two people of {', '.join(policy.title(r) for r in rules.roles)} may pass one named gate for one content"
    reviewers = ", ".join(policy.title(r) for r in rules.reviewers)
    yield f"  reviewed within {rules.hours} hours by another person of {reviewers}, before the release closes"
    if rules.never:
        yield f"  never passed, beside what no policy lets pass: {', '.join(rules.never)}"


def _retrospective(policy: Policy) -> Iterator[str]:
    rules = policy.retrospective
    yield "Retrospective"
    yield (
        f"  open for {rules.after_hours} hours after a release is live or taken back; meets at {rules.at:%H:%M} for "
        f"{rules.minutes} minutes, on the last working day on which it is over by then"
    )
    leads = ", ".join(policy.title(r) for r in policy.permissions["retro"])
    yield f"  closed with its summary by {leads}; {'with' if rules.named else 'without'} the names of who said what"
    must = "waits until it is decided" if rules.decide_actions else "does not wait"
    yield f"  action items come back on the next release, due after {rules.due_days} days; to close a release {must}"


def _trains(policy: Policy) -> Iterator[str]:
    yield "Trains"
    for name, train in policy.trains.items():
        every = "every week" if train.every_weeks == 1 else f"every {train.every_weeks} weeks"
        yield (
            f"  {name}: {every} on {train.weekday.capitalize()} at {train.at:%H:%M} {train.zone}, first "
            f"{train.anchor}; frozen {train.freeze_days} and prepared {train.prepare_days} working days before; the "
            f"window lasts {train.window_minutes} minutes"
        )
        yield (
            f"    planning takes {_sprints(train.planning_sprints, train.sprint_weeks)} and development "
            f"{_sprints(train.development_sprints, train.sprint_weeks)} before the freeze; what comes after a release "
            f"has {_counted(train.post_days, 'working day')}"
        )
        if train.country:
            place = f"{train.subdivision}, {train.country}" if train.subdivision else train.country
            yield f"    public holidays of {place} are no working days; I ask about a departure close to one"
        if train.captains:
            turns = ", ".join(policy.people[key].name for key in train.captains)
            yield f"    led by turns, from {train.anchor} on: {turns}"
    for freeze in policy.freezes:
        yield f"  nothing but a hotfix {_when(freeze, policy.zone)}: {freeze.name}"


def _sprints(count: int, weeks: int) -> str:
    return f"{_counted(count, 'sprint')} of {_counted(weeks, 'week')}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _when(freeze: Freeze, zone: str) -> str:
    """`from 2026-12-20 to 2027-01-02`, or its rule; with the hours and the zone where they are not whole days."""
    begins = f" {freeze.begins:%H:%M}" if freeze.begins != time() else ""
    ends = f" {freeze.ends:%H:%M}" if freeze.ends else ""
    there = f" {freeze.zone or zone}" if begins or ends or freeze.zone else ""
    if not freeze.rule:
        return f"from {freeze.first}{begins} to {freeze.last}{ends}{there}"
    bounds = "".join(f", {word} {day}" for word, day in (("first", freeze.first), ("last", freeze.last)) if day)
    hours = f", from{begins or ' 00:00'} to{ends or ' midnight'}{there}" if begins or ends else there
    return f"by the rule {freeze.rule}, {_counted(freeze.days, 'day')} each{hours}{bounds}"


def _hours(policy: Policy) -> Iterator[str]:
    hours = policy.working_hours
    yield "When requests reach people"
    days = ", ".join(day.capitalize() for day in hours.days)
    yield f"  {hours.begins:%H:%M} to {hours.ends:%H:%M} on {days}, in the zone"
    yield f"  of each person's Slack profile, else in {policy.zone}; a hotfix wakes people"
    if policy.duties:
        yield "Duties before, during and after a release"
    for role, duties in policy.duties.items():
        told = "; ".join(f"{d.text} ({' '.join(d.way)})" for d in (duties.before, duties.during, duties.after))
        yield f"  {policy.title(role)}: {told}"


def _rest(policy: Policy) -> Iterator[str]:
    yield "Told where"
    for audience in ("team", "stakeholders", "support"):
        yield f"  {audience}: #{str(getattr(policy.channels, audience)).removeprefix('#')}"
    yield f"  at most {policy.noise.channel_posts} posts of a release in the team channel"
    yield "    what comes after them stands in the release's thread"
    yield f"    posted whatever their number: {', '.join(policy.noise.outside) or 'nothing'}"
    yield f"An approval is due {policy.approvals.answer_hours} hours after it is asked for; the card says when late"
    yield f"  and it runs out after {policy.approvals.expire_days} days."
    for name, patterns in policy.risk.areas.items():
        yield f"  approvers are told when {name} is touched: {', '.join(patterns)}"
    yield "Environments"
    for name, rules in policy.environments.items():
        roles = ", ".join(policy.title(role) for role in deployers(policy, name))
        yield f"  {name}: {rules.purpose}; {rules.updates}; {rules.data}; {rules.access}; deployed to by {roles}"


def _deployment(policy: Policy) -> Iterator[str]:
    rules = policy.deployment
    yield "Deployment"
    for service in rules.services.values():
        pushed = "a push makes it deploy" if service.trigger == "push" else "it deploys when it is asked"
        where = ", ".join(f"{name} is {target}" for name, target in service.targets.items())
        yield f"  {service.title}: at {service.host}, {pushed}; {where}"
    for database in rules.databases.values():
        where = ", ".join(f"{name} by {setting}" for name, setting in database.settings.items())
        yield f"  database: {database.kind}, migrations in {database.migrations}; {where}"
    for name in ("integration", "staging", "production"):
        if name in rules.pipelines:
            yield f"  {name}: {'; '.join(_step(step) for step in steps_of(policy, name))}"
    if "production" in rules.pipelines:
        way_back = steps_of(policy, "production", "roll back", database_back=True)
        yield f"  back: {'; '.join(_step(step) for step in way_back)}"
        yield "    the database goes back only where the migrations do not suit the version before"
        yield f"  when a step fails and nobody decides, the next role is called after {rules.call_after} minutes"
    if "integration" in rules.pipelines:
        yield f"  integration gets {policy.product.trunk} once a day, from {rules.integration_at:%H:%M} on"
    yield f"  {len(rules.smoke)} smoke checks: {', '.join(check.name for check in rules.smoke) or 'none'}"


def _step(step: Step) -> str:
    more = [f"up to {step.retries + 1} tries"] if step.retries else []
    more += [f"{', '.join(str(stage.share) for stage in step.stages)} %"] if step.stages else []
    return f"{step.title} ({', '.join([step.uses, *more])})"


def _evidence(policy: Policy) -> Iterator[str]:
    rules = policy.evidence
    yield "Evidence"
    for source, held in rules.sources.items():
        yield f"  {source} may report {', '.join(held.kinds)}"
    yield "  no other source may report anything" if rules.sources else "  each token may report every kind"
    if rules.machines_only:
        yield f"  nobody may state {', '.join(rules.machines_only)} by hand"
    least = f"below {rules.coverage:g} % of the lines" if rules.coverage else "never by its number"
    yield f"  coverage fails {least}; a scan fails from the level {rules.findings} on"


def _notes(policy: Policy) -> Iterator[str]:
    notes, links = policy.notes, policy.all_links
    yield "Release notes"
    yield f"  committed in {notes.changelog}" if notes.changelog else "  committed nowhere: no changelog is named"
    for file in notes.version_files:
        yield f"  the version stands in {file.path}, found by {file.pattern}"
    yield f"  an issue key looks like {notes.issue_pattern}" if notes.issue_pattern else "  issue keys are not read"
    for label, heading in notes.labels.items():
        yield f"  the label {label} goes under {heading.value}"
    if notes.internal_hosts:
        yield f"  never shown outside: {', '.join(notes.internal_hosts)}"
    yield f"  since the freeze these count as fixes: {', '.join(notes.fix_types)}"
    yield "Links"
    for name in ("issue", "pull", "commit", "compare"):
        yield f"  {name}: {getattr(links, name) or 'not linked'}"
    yield (
        f"  pull requests, checks and milestones are read from {policy.github.repository}"
        if policy.github.repository
        else "  all is read from git alone; no repository of a host is named"
    )
