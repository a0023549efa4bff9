"""The page of a package that people read: the same facts as its JSON, in the order in which an auditor asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.effects import BOT
from core.domain.package.markup import Markup, code, document, facts, html, joined, section, table, when, words
from core.domain.package.sources import Json

CONTENTS = {
    "released": "What was released", "agreed": "Who agreed", "risks": "Risks", "results": "Results",
    "lists": "Checklists", "ran": "Deployments", "went-wrong": "Incidents", "looked-back": "Looked back",
    "trail": "Record",
}  # fmt: skip
MOST_CHANGES = 500  # rows of one table; all of them are in the JSON
MACHINE = "Release Bot"


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that are not the domain's: what an entry of the trail is called, and each risk as a sentence."""

    verb: Callable[[str], str] = str
    risks: Callable[[Sequence[Json]], Sequence[str]] = field(default=lambda points: [str(p["code"]) for p in points])
    gap: Callable[[Json], str] = field(default=lambda gap: str(gap["code"]))


@dataclass(frozen=True, slots=True)
class Readers:
    """Who is who: names by id, and what roles are called."""

    people: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)

    def who(self, person: object) -> str:
        ident = str(person or "")
        if not ident:
            return ""
        return MACHINE if ident == BOT else self.people.get(ident) or ident


def page(parts: Mapping[str, Any], readers: Readers, wording: Wording) -> str:
    """HTML that loads nothing; `parts` are the cleaned documents by file name, and "trail.json"."""
    release = parts["release.json"]
    title = f"Evidence of v{release['version']}"
    if release.get("expired"):
        rest = [_trail(parts, readers, wording)]
        return document(title, _expired(title, release), {"trail": CONTENTS["trail"]}, rest)
    body = [
        _released(release),
        _agreed(parts["approvals.json"], readers),
        _risks(parts["risk.json"], wording),
        _results(parts["results.json"]),
        _lists(parts["checklists.json"], readers),
        _ran(parts["deployments.json"], readers),
        _wrong(parts["incidents.json"], readers),
        _back(parts["retrospective.json"], readers),
        _trail(parts, readers, wording),
    ]
    return document(title, _head(title, parts, readers), CONTENTS, body)


def _head(title: str, parts: Mapping[str, Any], readers: Readers) -> Markup:
    release, approvals = parts["release.json"], parts["approvals.json"]["approvals"]
    standing = [d for d in approvals if d["verdict"] == "approve" and not d["withdrawn_at"]]
    live = joined(["live since ", when(release["live_at"])]) if release["live_at"] else "never went live"
    given = ", ".join(f"{readers.who(d['person'])} ({d['role_title']})" for d in standing)
    held, count = release.get("legal_hold"), len(parts["trail.json"]["entries"])
    ended = f", {release['outcome']}" if release["outcome"] else ""
    announced = joined([", as announced ", code(release["record_as_announced"])])
    lines: list[object] = [
        joined([f"{release['type']} release, {release['phase']}{ended}, ".capitalize(), live, "."]),
        f"Approved by {given}." if given else "Nobody has approved it.",
        joined([f"Record: {count} entries", announced if release["record_as_announced"] else ", never announced", "."]),
    ]
    if held:
        lines.append(f"On legal hold by {readers.who(held['by'])}: {held['reason']}")
    told = "".join(f"<p>{html(line)}</p>" for line in lines)
    sub = html(f"Commit {release['commit']}" if release["commit"] else "No commit was made for it")
    return Markup(f'<h1>{html(title)}</h1><p class="sub">{sub}</p><div class="lead">{told}</div>')


def _expired(title: str, release: Json) -> Markup:
    told = joined(["This package was deleted because of its age: ", when(release["expired"]), "."])
    rest = facts({"Type": release["type"], "Commit": code(release["commit"]), "Live": when(release["live_at"])})
    return Markup(f'<h1>{html(title)}</h1><div class="lead">{told}</div>{rest}')


def _released(r: Json) -> Markup:
    content = r["content"]
    return section(
        "released",
        CONTENTS["released"],
        facts(
            {
                "Tag": code(r["tag"]), "Commit": code(r["commit"]), "Candidate": code(r["candidate"]["tag"]),
                "Content that was signed": code(r["candidate"]["digest"]), "Before it": code(r["base"]["tag"]),
                "Planned to leave": when(r["departs_at"]), "Live": when(r["live_at"]), "Closed": when(r["closed_at"]),
                "Policy": code(r["policy"]), "Page": r["page"], "Why": r["reason"],
            }
        ),
        table(
            ("Build", "Digest", "Commit"),
            ((b["name"], code(b["digest"]), code(b["commit"][:12])) for b in r["builds"]),
            "Builds",
        ),
        table(("Configuration changes",), ((line,) for line in content["configuration"])),
        table(("Migrations",), ((line,) for line in content["migrations"])),
        table(("Flags",), ((line,) for line in content["flags"])),
        table(
            ("Commit", "Change", "By", "Pull request"),
            ((code(str(c["sha"])[:12]), c["subject"], c["author"], f"#{c['pull']}" if c["pull"] else "")
             for c in r["changes"][:MOST_CHANGES]),
            f"Changes: {len(r['changes'])}",
        ),
    )  # fmt: skip


def _agreed(a: Json, readers: Readers) -> Markup:
    def row(d: Json) -> Sequence[object]:
        who = readers.who(d["person"]) + (f" for {readers.who(d['stands_for'])}" if d["stands_for"] else "")
        ended = joined([when(d["withdrawn_at"]), f": {d['withdrawn_why']}"]) if d["withdrawn_at"] else ""
        what = str(d["gate"]).removeprefix("item.").removeprefix("signoff.").replace("_", " ")
        return who, d["role_title"], what, d["verdict"], when(d["at"]), code(str(d["digest"])[:16]), d["reason"], ended

    head = ("Who", "As", "On", "Said", "When", "For content", "Why", "Fell")
    over = [
        (o["title"] or o["code"], readers.who(o["first"]), readers.who(o["second"]), o["reason"], when(o["at"]),
         readers.who(o["reviewed_by"]))
        for o in a["overrides"]
    ]  # fmt: skip
    doubts = [(readers.who(c["by"]), c["text"], when(c["at"]), when(c["settled_at"])) for c in a["concerns"]]
    return section(
        "agreed",
        CONTENTS["agreed"],
        table(head, map(row, a["approvals"]), "Approvals"),
        table(head, map(row, a["sign_offs"]), "Sign-offs, go and other signatures"),
        table(("Gate passed by two", "First", "Second", "Why", "When", "Looked at by"), over, "Overrides")
        or Markup("<p>Overrides: none.</p>"),
        table(("Who", "Concern", "Raised", "Settled"), doubts, "Concerns"),
        empty="Nobody has signed anything.",
    )


def _risks(r: Json, wording: Wording) -> Markup:
    signed = [entry["risks"] for entry in r["as_signed"]]
    newest = signed[-1] if signed else r["points"]
    return section(
        "risks",
        CONTENTS["risks"],
        Markup("<p>As they were shown with the last approval.</p>") if signed else "",
        words(wording.risks(newest)),
        words(wording.gap(gap) for gap in r["gaps"]),
        empty="No risk was recorded.",
    )


def _results(r: Json) -> Markup:
    def rows(found: Sequence[Json]) -> list[Sequence[object]]:
        return [
            (x["kind"], x["name"], x["verdict"], ", ".join(f"{v:g} {k}" for k, v in sorted(x["numbers"].items())),
             x["source"], when(x["at"]), code(str(x["sha"])[:12]))
            for x in found
        ]  # fmt: skip

    head = ("Kind", "Name", "Verdict", "Numbers", "From", "When", "Commit")
    checks = [(c["name"], c["state"]) for c in (r["checks"] or {}).get("found", [])]
    return section(
        "results",
        CONTENTS["results"],
        table(head, rows(r["security"]), "Security"),
        table(head, rows(r["others"]), "All others"),
        table(("Check of the host", "State"), checks),
        empty="No result was reported.",
    )


def _lists(c: Json, readers: Readers) -> Markup:
    rows = [
        (", ".join(i["lists"] or []), i["title"], i["state"], readers.who(i["by"]) or i["source"], when(i["at"]))
        for i in c["items"]
    ]
    waits = [(d["text"], readers.who(d["owner"]), d["state"]) for d in c["dependencies"]]
    return section(
        "lists",
        CONTENTS["lists"],
        table(("List", "Item", "State", "By", "When"), rows),
        table(("Depends on", "Owner", "State"), waits),
        empty="There was no checklist.",
    )


def _ran(d: Json, readers: Readers) -> Markup:
    made = [_one_run(run, readers) for run in d["runs"]]
    logs = d["logs"]
    if gone := logs.get("expired"):
        left = f"; {len(logs['were'])} were kept until then."
        told = joined(["The logs were deleted because of their age: ", when(gone), left])
        made.append(Markup(f"<p>{told}</p>"))
        rows = [(x["log"], code(x["sha256"]), x["characters"]) for x in logs["were"]]
        made.append(table(("Log", "SHA-256 of what it said", "Characters"), rows))
    elif logs["files"]:
        made.append(Markup(f"<p>Logs: {html(', '.join(logs['files']))}</p>"))
    return section("ran", CONTENTS["ran"], *made, empty="It was never deployed.")


def _one_run(run: Json, readers: Readers) -> Markup:
    title = f"{run['kind'].capitalize()} in {run['environment']}: {run['state']}"
    steps = [
        (s.get("title") or s.get("step") or s.get("name"), s.get("state", "done"),
         when(s.get("started_at") or s.get("at")), when(s.get("ended_at")), s.get("reason", ""), s.get("line", ""))
        for s in run["steps"]
    ]  # fmt: skip
    return joined(
        [
            Markup(f"<h3>{html(title)}</h3>"),
            facts(
                {
                    "Deployer": readers.who(run["deployer"]), "Version": run["target"], "Commit": code(run["sha"]),
                    "Began": when(run["started_at"]), "Ended": when(run["ended_at"]), "Why": run["reason"],
                }
            ),
            table(("Step", "State", "Began", "Ended", "Why", "Last line"), steps),
            _variables(run["variables"]),
        ]
    )  # fmt: skip


def _variables(v: Any) -> Markup:
    if isinstance(v, str):
        return Markup(f'<p class="dim">Environment variables: {html(v)}.</p>')
    told = v["compared"]
    if isinstance(told, Mapping):
        differ = {name: ", ".join(told[name]) for name in ("added", "removed", "changed") if told[name]}
        words_of = "; ".join(f"{name}: {which}" for name, which in differ.items()) or "none differs from the run before"
    else:
        words_of = str(told)
    rows = [(code(name), code(digest)) for name, digest in sorted(v["digests"].items())]
    return table(("Environment variable", "Keyed digest of its value"), rows, f"Key {v['key']}; {words_of}")


def _wrong(i: Json, readers: Readers) -> Markup:
    rows = [
        (x["id"], x["text"], x["severity"], readers.who(x["by"]), when(x["detected_at"]), when(x["resolved_at"]))
        for x in i["incidents"]
    ]
    reports = [(readers.who(x["by"]), x["kind"], x["text"], when(x["at"])) for x in i["reports"]]
    return section(
        "went-wrong",
        CONTENTS["went-wrong"],
        table(("Incident", "What", "Severity", "Found by", "Found", "Resolved"), rows),
        table(("Who", "Kind", "What", "When"), reports, "Feedback and bugs"),
        empty="No incident and no report.",
    )


def _back(r: Json, readers: Readers) -> Markup:
    retro = r["retrospective"] or {}
    asked = {"well": "Went well", "wrong": "Went wrong", "better": "To improve"}
    lines = [(asked.get(x["question"], x["question"]), x["text"], readers.who(x["by"])) for x in retro.get("lines", [])]
    return section(
        "looked-back",
        CONTENTS["looked-back"],
        table(("Question", "Answer", "By"), lines),
        empty="Nothing was said in a retrospective.",
    )


def _trail(parts: Mapping[str, Any], readers: Readers, wording: Wording) -> Markup:
    trail = parts["trail.json"]
    rows = [_row(entry, readers, wording) for entry in trail["entries"]]
    held = [a for a in trail["anchors"] if a["leaves"] is not None]
    anchors = [(a["seq"], when(a["at"]), code(f"{a['hash'][:4]} {a['hash'][4:8]}")) for a in held]
    return section(
        "trail",
        CONTENTS["trail"],
        Markup("<p>Each entry is bound to the one before by its hash. <code>package_check.py</code> proves it.</p>"),
        table(("Entry", "When", "Who", "As", "What", "Why", "Then", "Words", "Hash"), rows),
        table(("Anchor", "Made", "As people meet it"), anchors, "One hash over the heads of all chains, published"),
    )


def _row(entry: Json, readers: Readers, wording: Wording) -> Sequence[object]:
    """One entry: who, in which roles at that moment, what and why, and the phase when it changed."""
    body = entry["body"] if "body" in entry else entry.get("shown")
    said = json.loads(body) if isinstance(body, str) else body or {}
    given = said.get("input") or {}
    then = str(said.get("to") or "") if said.get("from") != said.get("to") else ""
    state = "expired" if entry.get("expired") else "a secret is withheld" if entry.get("withheld") else ""
    return (
        entry["seq"], when(entry["at"]), readers.who(entry["actor"]),
        ", ".join(readers.titles.get(role, role) for role in said.get("roles") or ()),
        wording.verb(str(entry["verb"])), given.get("reason") or "", then, state, code(entry["hash"][:12]),
    )  # fmt: skip
