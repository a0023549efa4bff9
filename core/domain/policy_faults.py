"""Cross-checks of a policy: names that point nowhere, and rules that nobody could satisfy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.domain.days_off import fault_of
from core.domain.environment_names import ON_THE_WAY
from core.domain.freezes import fault_of as fault_of_freeze
from core.domain.lifecycle import ENVIRONMENT_WORDS, TABLE, TRAIN_WORDS
from core.domain.overrides import PASSABLE
from core.domain.plans.faults import deploy_faults
from core.domain.policy_items import item_faults, unmet_tests
from core.domain.policy_model import Policy
from core.domain.policy_parts import ROLE_NAMES, Act, Approval
from core.domain.policy_people import DAYS, REMINDERS, STAGES
from core.domain.policy_retention import AUDITOR
from core.domain.release import PHASE_LINE, Phase, ReleaseType

ACTS: tuple[str, ...] = Act.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a policy text; `line` is 1-based, 0 when it is about the whole."""

    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, {self.path}" if self.line else self.path
        return f"{place}: {self.message}" if place else self.message


def faults_of(policy: Policy, text: str) -> Iterator[Fault]:
    """Every fault that the shape alone does not show, with its line in the text."""
    for path, message in _all(policy):
        yield Fault(".".join(path), message, line_of(text, path))


def _all(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from _people(policy)
    yield from _roles(policy)
    yield from _types(policy)
    yield from _trains(policy)
    yield from _environments(policy)
    yield from item_faults(policy)
    yield from deploy_faults(policy)
    yield from _hours_and_duties(policy)
    yield from _override(policy)
    yield from _auditor(policy)
    for act in ACTS:
        if not policy.permissions.get(act):  # type: ignore[call-overload]
            yield ("permissions", act), "names no role, so nobody could ever do this"
    if not can_be_signed(policy, [Approval(role=r) for r in policy.permissions.get("policy", ())]):
        yield ("permissions", "policy"), "nobody could satisfy this: each role has to be signed for by another person"


def _auditor(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """An auditor looks at what others did, so the role decides nothing and its people hold no other."""
    acts = [act for act, roles in policy.permissions.items() if AUDITOR in roles and act != "package"]
    for act in acts:
        yield ("permissions", act), "names the auditor, who only looks; the auditor can hold `package` alone"
    for kind, rules in policy.types.items():
        if any(a.role == AUDITOR for a in rules.approvals) or AUDITOR in rules.go:
            yield ("types", kind.value), "asks the auditor, who only looks"
    for name, item in policy.signoffs.items():
        if item.role == AUDITOR:
            yield ("signoffs", name, "role"), "asks the auditor, who only looks"
    for name, env in policy.environments.items():
        if AUDITOR in env.deploy:
            yield ("environments", name, "deploy"), "lets the auditor deploy, who only looks"
    held = policy.roles.get(AUDITOR)
    for person in held.people if held else ():
        if person not in policy.people:
            yield ("roles", AUDITOR, "people"), f"{person!r} is not among [people]"
        if others := [role for role, one in policy.roles.items() if role != AUDITOR and person in one.people]:
            yield ("roles", AUDITOR, "people"), f"{person!r} holds {others[0]} too, and would look at their own work"
    if held and bool(held.people) == bool(held.group):
        yield ("roles", AUDITOR), "names people or a Slack user group, one of the two"


def _people(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    seen: dict[str, str] = {}
    for key, person in policy.people.items():
        for what in (person.slack, *(e.casefold() for e in person.emails)):
            if what in seen and seen[what] != key:
                yield ("people", key), f"{what} belongs to {seen[what]} already"
            seen.setdefault(what, key)


def _roles(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in ROLE_NAMES:
        role = policy.roles.get(name)
        if role is None:
            yield ("roles", name), "is missing; the strategy's six roles and the executive are needed"
            continue
        for person in role.people:
            if person not in policy.people:
                yield ("roles", name, "people"), f"{person!r} is not among [people]"
        if not role.people and not role.group:
            yield ("roles", name), "has neither people nor a Slack user group"
        if role.people and role.group:
            yield ("roles", name), "names people and a group; choose one"


def _types(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    for kind in ReleaseType:
        rules = policy.types.get(kind)
        if rules is None:
            yield ("types", kind.value), "is missing; patch, minor, major and hotfix are needed"
            continue
        wanted = PHASE_LINE if kind.by_train else PHASE_LINE[1:]
        if tuple(rules.phases) != tuple(wanted):
            names = ", ".join(p.value for p in wanted)
            yield ("types", kind.value, "phases"), f"a {kind.value} passes {names}, in this order"
        if kind.by_train and rules.train not in policy.trains:
            yield ("types", kind.value, "train"), f"{rules.train!r} is not among [trains]"
        if not kind.by_train and rules.train:
            yield ("types", kind.value, "train"), f"a {kind.value} waits for no train"
        yield from unmet_tests(policy, kind)
        if len({a.role for a in rules.approvals}) != len(rules.approvals):
            yield ("types", kind.value, "approvals"), "names a role twice; use count"
        yield from _satisfiable(policy, kind, rules.approvals)


def _satisfiable(
    policy: Policy,
    kind: ReleaseType,
    approvals: Sequence[Approval],
) -> Iterator[tuple[tuple[str, ...], str]]:
    starters = _members(policy, policy.permissions.get("start_hotfix" if kind is ReleaseType.HOTFIX else "start", ()))
    if starters is None:
        return  # a group may start it; who that is, is read from Slack and checked at start
    if not starters:
        yield ("permissions", "start"), f"nobody could start a {kind.value}"
        return
    if not any(can_be_signed(policy, approvals, without=(one,)) for one in sorted(starters)):
        need = " and ".join(f"{a.count} x {policy.title(a.role)}" for a in approvals)
        yield (
            ("types", kind.value, "approvals"),
            f"nobody could satisfy this: {need} by different people, and not by who starts it",
        )


def _members(policy: Policy, roles: Iterable[str]) -> set[str] | None:
    found: set[str] = set()
    for role in roles:
        held = policy.roles.get(role)  # type: ignore[call-overload]
        if held and held.group:
            return None
        found.update(policy.static_members(role))
    return found


def can_be_signed(
    policy: Policy,
    approvals: Sequence[Approval],
    *,
    without: Iterable[str] = (),
    members: dict[str, tuple[str, ...]] | None = None,
) -> bool:
    """Whether different people can fill all the seats, without some (who started it, authors).

    Roles held by a group of unknown members count as fillable unless `members` says who holds them.
    A bipartite matching (augmenting paths) decides, because greedy assignment can fail where a plan exists.
    """
    barred = set(without)
    seats: list[tuple[str, ...]] = []
    for approval in approvals:
        holders = (members or {}).get(approval.role)
        if holders is None:
            role = policy.roles.get(approval.role)
            if role and role.group:
                continue
            holders = policy.static_members(approval.role)
        seats += [tuple(p for p in holders if p not in barred)] * approval.count
    taken: dict[str, int] = {}

    def place(seat: int, tried: set[str]) -> bool:
        for person in seats[seat]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = seat
                return True
        return False

    return all(place(seat, set()) for seat in range(len(seats)))


def _trains(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    if not policy.trains:
        yield ("trains",), "no train is defined"
    for name, train in policy.trains.items():
        if DAYS[train.anchor.weekday()] != train.weekday:
            yield (
                ("trains", name, "anchor"),
                f"{train.anchor} is a {DAYS[train.anchor.weekday()].capitalize()}, "
                f"not a {train.weekday.capitalize()}",
            )
        if train.prepare_days >= train.freeze_days:
            yield ("trains", name, "prepare_days"), "preparation must begin after the freeze"
        if unknown := fault_of(train.country, train.subdivision):
            yield ("trains", name, "subdivision" if train.subdivision else "country"), unknown
    for index, freeze in enumerate(policy.freezes):
        if wrong := fault_of_freeze(freeze):
            yield ("freezes", str(index)), f"{freeze.name!r} {wrong}"


def _hours_and_duties(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Hours that end before they begin, captains who may not lead, duties that point nowhere."""
    if policy.working_hours.ends <= policy.working_hours.begins:
        yield ("working_hours", "to"), "the working day ends before it begins"
    if "retrospective" in policy.model_fields_set and not policy.working_hours.hold(
        policy.retrospective.at, policy.retrospective.minutes
    ):
        yield ("retrospective", "at"), "the meeting would begin or end outside of [working_hours]"
    leads = policy.roles.get("release_manager")
    for name, train in policy.trains.items():
        for person in train.captains:
            if person not in policy.people:
                yield ("trains", name, "captains"), f"{person!r} is not among [people]"
            elif leads and not leads.group and person not in leads.people:
                yield ("trains", name, "captains"), f"{person!r} does not hold the role {leads.title}"
    words = {row.word for row in TABLE if row.word} | set(TRAIN_WORDS) | set(ENVIRONMENT_WORDS)
    known = {"item": set(policy.signoffs), "word": words, "reminder": set(REMINDERS)}
    for role, duties in policy.duties.items():
        for stage in STAGES:
            kind, name = duties.at(stage).way
            if name not in known[kind]:
                yield ("duties", role, stage), f"there is no {kind} {name!r}"



def _override(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """A pair that nobody could make, a review that nobody could hold, names that mean no gate."""
    rules = policy.override
    if rules.roles and not rules.reviewers:
        yield ("override", "reviewers"), "names no role, so nobody would look at what was passed"
    grouped = any(policy.roles[r].group for r in (*rules.roles, *rules.reviewers) if r in policy.roles)
    pair = {p for role in rules.roles for p in policy.static_members(role)}
    if rules.roles and not grouped and len(pair) < 2:
        yield ("override", "roles"), "nobody could satisfy this: it takes two different people"
    for name in rules.never:
        family, _, tail = name.partition(".")
        if family not in PASSABLE:
            known = ", ".join(sorted(PASSABLE))
            yield ("override", "never"), f"{name!r} is no gate that could be passed; known are {known}"
        elif family in ("item", "signoff", "evidence") and tail and tail not in policy.signoffs:
            yield ("override", "never"), f"{tail!r} is not among [signoffs]"


def _environments(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    for environment in ON_THE_WAY:
        if environment not in policy.environments:
            yield ("environments", environment), "is missing; the strategy has four environments"
    live = policy.environments.get("production")
    for kind, rules in policy.types.items():
        shut_out = [r for r in rules.go if live and live.deploy and r not in live.deploy]
        for role in shut_out:
            yield ("types", kind.value, "go"), f"{policy.title(role)} says go and may not deploy to production"
    for name, item in policy.signoffs.items():
        if item.gate == "begin" and Phase.PLANNING not in {
            p for t in item.types if t in policy.types for p in policy.types[t].phases
        }:
            yield ("signoffs", name, "gate"), "waits for begin, but none of its types passes planning"


def line_of(text: str, path: Sequence[object]) -> int:
    """The line where a key of this path stands, best effort: its own line, else its table's header, else 0."""
    parts = [str(p) for p in path if not isinstance(p, int)]
    lines = text.splitlines()
    for cut in range(len(parts), 0, -1):
        header = re.compile(r"^\s*\[\[?\s*" + r"\s*\.\s*".join(rf'"?{re.escape(p)}"?' for p in parts[:cut]) + r"\s*\]")
        at = next((n for n, line in enumerate(lines) if header.match(line)), None)
        rest = parts[cut:]
        if at is None:
            continue
        if rest:
            key = re.compile(rf'^\s*"?{re.escape(rest[0])}"?\s*[=.]')
            for n in range(at + 1, len(lines)):
                if lines[n].lstrip().startswith("["):
                    break
                if key.match(lines[n]):
                    return n + 1
        return at + 1
    if parts:
        key = re.compile(rf'^\s*"?{re.escape(parts[0])}"?\s*[=.]')
        return next((n + 1 for n, line in enumerate(lines) if key.match(line)), 0)
    return 0
