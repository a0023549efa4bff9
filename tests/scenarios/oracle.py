"""Judges a play from outside: the policy file, the rows of the audit trail and the refs of the remote, nothing else.

It shares no code with the product, so that both would have to be wrong in the same way.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.product import Product

FINAL = re.compile(r"refs/tags/(v\d+\.\d+\.\d+(?:-hotfix\.\d+)?)")
BOT = "release-bot"
BESIDE = ("archived",)  # entries in the chain of a release that move nothing in it
MOVES = {
    ("planning", "development"): {"begin", "edit"},
    ("development", "stabilization"): {"git.pushed"},
    ("stabilization", "preparation"): {"ready"},
    ("preparation", "stabilization"): {"git.pushed", "back"},
    ("preparation", "deployment"): {"go"},
    ("deployment", "preparation"): {"abort"},
    ("deployment", "post-release"): {"deployed", "rolled_back", "record", "fixed"},
    ("post-release", "deployment"): {"rollback"},
    ("closed", "deployment"): {"rollback"},
    ("post-release", "closed"): {"close"},
    **{(p, "cancelled"): {"cancel", "merge"} for p in ("planning", "development", "stabilization", "preparation")},
}
NEEDS = {
    "begin": "begin", "freeze_early": "freeze", "candidate": "candidate", "ready": "ready", "back": "back",
    "nogo": "go", "abort": "abort", "rollback": "rollback", "record": "rollback", "fix_forward": "rollback",
    "stop": "deploy", "retry": "deploy", "worked": "deploy", "flag_off": "deploy", "move": "move", "merge": "move",
    "hold": "hold", "resume": "hold", "cancel": "cancel", "edit": "edit", "words": "notes", "depend": "scope",
    "scope_add": "scope", "scope_drop": "scope", "accept": "accept", "classify": "notes",
}  # fmt: skip

Result = tuple[str, str, str, str]  # candidate, kind, source, name
Signature = tuple[str, str, str, str, str]  # gate, subject, role, person, verdict


@dataclass(frozen=True)
class Entry:
    """One row of the trail; `number` is the order in which all rows were written."""

    number: int
    chain: str
    at: datetime
    actor: str
    verb: str
    body: Mapping[str, Any]


@dataclass
class Policy:
    """The policy file as it is written."""

    raw: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Policy:
        return cls(tomllib.loads(path.read_text()))

    def holders(self, role: str, groups: Mapping[str, set[str]]) -> set[str]:
        held = self.raw["roles"][role]
        if "group" in held:
            return set(groups.get(held["group"], ()))
        return {self.raw["people"][name]["slack"] for name in held["people"]}

    def signoffs(self, kind: str, gates: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The items of these gates; those of tests count when the type asks for the test."""
        asked = {f"tests.{test}" for test in self.raw["types"][kind]["tests"]}
        found = {n: i for n, i in self.raw["signoffs"].items() if not n.startswith("tests.") or n in asked}
        return {n: i for n, i in found.items() if i["gate"] in gates and kind in i.get("types", (kind,))}

    def emails(self, person: str) -> set[str]:
        return {mail for one in self.raw["people"].values() if one["slack"] == person for mail in one["emails"]}


@dataclass
class Replayed:
    """Where a release stands when its entries are taken one after the other."""

    phase: str = ""
    epoch: int = 0
    signed: dict[Signature, Entry] = field(default_factory=dict)
    start: Entry | None = None
    shipped: list[tuple[Entry, dict[Signature, Entry], dict[str, set[str]]]] = field(default_factory=list)
    candidate: str = ""
    results: dict[Result, str] = field(default_factory=dict)  # the newest verdict of each source and name
    proven: list[dict[Result, str]] = field(default_factory=list)  # as it was at each go
    asked: dict[int, tuple[str, str, str]] = field(default_factory=dict)  # overrides: number -> gate, content, who
    passed: set[tuple[str, str]] = field(default_factory=set)  # gates and contents that two people passed


def trail(database: Path) -> list[Entry]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute(
            "SELECT a.rowid, a.chain, a.at, a.actor, a.verb, b.body FROM audit a JOIN audit_body b"
            " ON b.chain = a.chain AND b.seq = a.seq ORDER BY a.rowid"
        )
        return [
            Entry(n, c, datetime.fromisoformat(at), who, verb, json.loads(body)) for n, c, at, who, verb, body in rows
        ]


@dataclass
class Oracle:
    """Everything that is wrong, as sentences; `known` are the tags that were there before the play."""

    policy: Policy
    database: Path
    product: Product
    known: frozenset[str]

    def faults(self) -> list[str]:
        groups: dict[str, set[str]] = {}
        releases: dict[str, Replayed] = {}
        found: list[str] = []
        for entry in trail(self.database):
            if entry.chain == "roster":
                _regroup(groups, entry)
            elif entry.chain.startswith("release:") and entry.verb not in BESIDE:
                replayed = releases.setdefault(entry.chain, Replayed())
                found += [
                    f"{entry.chain} {entry.verb} by {entry.actor}: {f}" for f in self._take(replayed, entry, groups)
                ]
        found += self._stored(releases)
        found += self._shipped(releases)
        return found

    # -- one entry -------------------------------------------------------------------------------------------------

    def _take(self, known: Replayed, entry: Entry, groups: Mapping[str, set[str]]) -> Iterator[str]:
        body = entry.body
        if known.start is None:
            known.start, known.phase = entry, body["from"]
            if entry.verb != "start":
                yield "a release that nobody started"
            act = "start_hotfix" if body["type"] == "hotfix" else "start"
            yield from self._may(entry, self.policy.raw["permissions"][act], groups)
        if body["from"] != known.phase:
            yield f"it was in {known.phase} and not in {body['from']}"
        if body["to"] != body["from"] and entry.verb not in MOVES.get((body["from"], body["to"]), ()):
            yield f"no such move: {body['from']} to {body['to']}"
        if body["epoch"] < known.epoch:
            yield "the epoch went back"
        if entry.verb in NEEDS and entry.actor != BOT:
            yield from self._may(entry, self.policy.raw["permissions"][NEEDS[entry.verb]], groups)
        for gone in map(tuple, body["withdrawn"]):
            if known.signed.pop(gone, None) is None:  # type: ignore[call-overload]
                yield f"{gone} was taken back and never given"
        for new in map(tuple, body["signed"]):
            known.signed[new] = entry  # type: ignore[index]
            if new[3] != entry.actor or new[3] not in self.policy.holders(new[2], groups):
                yield f"{new} was not signed by a holder of the role"
        if entry.verb == "override":
            yield from self._overridden(known, entry, groups)
        if (body["to"] == "stabilization" and body["from"] != "stabilization") or body["held"]:
            known.asked, known.passed = {}, set()
        known.phase, known.epoch = body["to"], body["epoch"]
        _heard(known, entry)
        if entry.verb == "go" and body["to"] == "deployment" and body["from"] == "preparation":
            known.shipped.append((entry, dict(known.signed), {g: set(people) for g, people in groups.items()}))
            known.proven.append(dict(known.results))

    def _may(self, entry: Entry, roles: Sequence[str], groups: Mapping[str, set[str]]) -> Iterator[str]:
        if not any(entry.actor in self.policy.holders(role, groups) for role in roles):
            yield f"only {', '.join(roles)} may do that"

    def _overridden(self, known: Replayed, entry: Entry, groups: Mapping[str, set[str]]) -> Iterator[str]:
        """One person asks to pass a gate for a content, another one confirms exactly that; both may, neither twice."""
        told, rules = entry.body["record"], self.policy.raw.get("override") or {}
        yield from self._may(entry, rules.get("roles", ()), groups)
        about = (told["code"], told["content"])
        if any(told["code"] == name or told["code"].startswith(f"{name}.") for name in rules.get("never", ())):
            yield f"{told['code']} may never be passed"
        if "people" not in told:
            known.asked[told["override"]] = (*about, entry.actor)
            return
        first = known.asked.get(told["override"], ("", "", ""))
        if first[:2] != about or told["people"] != [first[2], entry.actor] or first[2] == entry.actor:
            yield f"{told['code']} was passed by {told['people']}, and asked for was {first}"
        known.passed.add(about)

    # -- what is stored is what was recorded -----------------------------------------------------------------------

    def _stored(self, releases: Mapping[str, Replayed]) -> Iterator[str]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT id, phase, epoch FROM release").fetchall()
            standing = db.execute(
                "SELECT release_id, gate, subject, role, person, verdict FROM decision WHERE withdrawn_at IS NULL"
            ).fetchall()
        if {f"release:{row[0]}" for row in rows} != set(releases):
            yield f"stored are {[row[0] for row in rows]}, recorded are {sorted(releases)}"
        for number, phase, epoch in rows:
            told = releases.get(f"release:{number}", Replayed())
            if (told.phase, told.epoch) != (phase, epoch):
                yield f"release:{number} is stored as {phase} {epoch} and recorded as {told.phase} {told.epoch}"
            rows_of = {tuple(s[1:]) for s in standing if s[0] == number}
            if rows_of != set(told.signed):
                yield f"release:{number}: signatures differ by {rows_of ^ set(told.signed)}"

    # -- nothing ships unsigned ------------------------------------------------------------------------------------

    def _shipped(self, releases: Mapping[str, Replayed]) -> Iterator[str]:
        for ref in self.product.refs():
            match = FINAL.fullmatch(ref)
            if match is None or ref in self.known:
                continue
            going = [
                (r, *one) for r in releases.values() for one in r.shipped if f"v{one[0].body['version']}" == match[1]
            ]
            if not going:
                yield f"{match[1]} is on the remote and nobody said go"
                continue
            trees = {self.product.tree_of(f"refs/tags/{go.body['record']['candidate']}") for _, go, _, _ in going}
            if self.product.tree_of(ref) not in trees:
                yield f"{match[1]} is not the tree of its candidate"
        for replayed in releases.values():
            for (go, signed, groups), results in zip(replayed.shipped, replayed.proven, strict=True):
                found = [*self._unsigned(replayed, go, signed, groups), *self._unproven(replayed, go, results)]
                yield from (f"v{go.body['version']}: {fault}" for fault in found)

    def _unsigned(
        self, known: Replayed, go: Entry, signed: Mapping[Signature, Entry], groups: Mapping[str, set[str]]
    ) -> Iterator[str]:
        content, kind = go.body["record"]["content"], go.body["type"]
        rules = self.policy.raw["types"][kind]
        assert known.start is not None
        strangers = {known.start.actor} | self._authors(go, rules)
        used: list[str] = []
        fresh = go.at - timedelta(days=self.policy.raw["approvals"]["expire_days"])
        for need in rules["approvals"]:
            role = need["role"]
            valid = {
                s[3] for s, entry in signed.items()
                if s[:3] == ("approval", content, role) and s[4] == "approve" and entry.at > fresh
            } & (self.policy.holders(role, groups) - strangers)  # fmt: skip
            if len(valid) < need.get("count", 1):
                yield f"it went out without the approval of {role}: {valid or 'nobody'}"
            used += sorted(valid)[: need.get("count", 1)]
        if len(used) != len(set(used)):
            yield f"one person stands for two roles: {used}"
        if any(s[:2] == ("approval", content) and s[4] == "reject" for s in signed):
            yield "it went out although somebody rejected it"
        seats = {need["role"] for need in rules["approvals"]}
        for name, item in self.policy.signoffs(kind, ("ready", "go")).items():
            if item.get("met", "sign-off") != "sign-off" or (item.get("by") == "approval" and item["role"] in seats):
                continue  # proven otherwise, or by the approval that was looked at above
            if (f"signoff.{name}", content) in known.passed:
                continue
            subjects = {content, known.start.chain}
            if not any(s[0] == f"signoff:{name}" and s[1] in subjects and s[2] == item["role"] for s in signed):
                yield f"it went out without the sign-off {name}"
        said = {s[2] for s in signed if s[0] == "go"}
        wanted = set(rules.get("go", ()))
        if not (wanted <= said if wanted else said & set(self.policy.raw["permissions"]["go"])):
            yield f"go was said by {said or 'nobody'}, and {wanted or 'somebody'} has to"

    def _unproven(self, known: Replayed, go: Entry, results: Mapping[Result, str]) -> Iterator[str]:
        """What had to be proven for the candidate, by the results in the trail and by the candidate itself."""
        candidate, version = go.body["record"]["candidate"], go.body["version"]
        for name, item in self.policy.signoffs(go.body["type"], ("ready", "go")).items():
            if item.get("met") == "evidence":
                found = {verdict for key, verdict in results.items() if key[:2] == (candidate, item["by"])}
                if found != {"passed"} and (f"evidence.{name}", go.body["record"]["content"]) not in known.passed:
                    yield f"it went out with {name} {found or 'not reported'}"
            if item.get("by") == "version_written" and self.product.read(candidate, "VERSION").strip() != version:
                yield f"{candidate} names another version"

    def _authors(self, go: Entry, rules: Mapping[str, Any]) -> set[str]:
        """Who wrote what is new in it: since the newest shipped tag that its candidate contains."""
        if not rules.get("authors_may_not_approve"):
            return set()
        candidate = go.body["record"]["candidate"]
        base = self.product.git("describe", "--tags", "--abbrev=0", "--match=v*", "--exclude=*rc*", f"{candidate}^")
        mails = set(self.product.git("log", "--no-merges", "--format=%ae", f"{base}..{candidate}").split())
        people = [one["slack"] for one in self.policy.raw["people"].values()]
        return {person for person in people if self.policy.emails(person) & mails}


def _heard(known: Replayed, entry: Entry) -> None:
    """Results that the trail tells: of machines under the candidate they were for, of people for the newest one."""
    record = entry.body.get("record") or {}
    known.candidate = record.get("candidate", known.candidate) if entry.verb != "go" else known.candidate
    if entry.verb not in ("evidence.taken", "result"):
        return
    for r in record["results"] if entry.verb == "evidence.taken" else (record,):
        known.results[known.candidate, r["kind"], r["source"], r["name"]] = r["verdict"]


def _regroup(groups: dict[str, set[str]], entry: Entry) -> None:
    for group, moves in entry.body.items():
        if not isinstance(moves, dict) or "joined" not in moves:
            continue  # what people say of themselves: their hours, who stands in for them
        groups[group] = (groups.get(group, set()) | set(moves["joined"])) - set(moves["left"])
