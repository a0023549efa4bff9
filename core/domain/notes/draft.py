"""The draft of the release notes: units classified, reverts settled, what shipped before set aside, gaps named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.domain.forge import Pull
from core.domain.notes import classify, message
from core.domain.notes.detect import detect
from core.domain.notes.gaps import gaps_of
from core.domain.notes.model import Draft, Finding, Gap, Heading, Item, NotesRules, Reverted, Shipped
from core.domain.notes.undo import Undo, settle
from core.domain.notes.units import Unit, units
from core.domain.repository import Commit, Difference
from core.domain.secrets import redact

_UNNAMED = "an earlier version"


def draft(
    commits: Sequence[Commit],
    *,
    shipped: Mapping[str, str],
    pulls: Mapping[int, Pull],
    difference: Difference | None,
    rules: NotesRules,
    base: str,
    head: str,
) -> Draft:
    """Everything of the range `base..head`, each commit in one place; `commits` are newest first.

    `shipped` says which version has what already, by the SHA of a commit of the range, by that of a commit that one of
    them was picked from, or by the number of a pull request ("#120"). `pulls` are what the forge tells,
    empty when nobody was asked; what a tracker says comes after (`gaps.with_issues`). `difference` None leaves out
    what is found in files.
    """
    all_units = _with_picks(units(commits, pulls, rules.lasting))
    before = {u.id: version for u in all_units if (version := _version_of(u, shipped))}
    settled = settle(all_units, before)
    reader = _Reader(rules, pulls)
    items, old = [], []
    for unit in settled.kept:
        item = reader.item(unit, settled.undos.get(unit.id))
        if unit.id in before:
            old.append(Shipped(item, before[unit.id]))
        else:
            items.append(item)
    gone = tuple(Reverted(reader.item(unit, None), reader.item(by, None)) for unit, by in settled.undone)
    findings, found_gaps = detect(difference) if difference else ((), ())
    findings = tuple(reader.finding(f) for f in findings)
    made = Draft(base, head, tuple(items), tuple(old), gone, findings, hosts=tuple(rules.hosts))
    gaps = [*gaps_of(made, rules, pulls), *reader.odd, *found_gaps]
    gaps += _partly(settled.kept, shipped, before)
    return replace(made, gaps=tuple(_ordered(gaps)), redacted=reader.redacted)


def numbers(commits: Iterable[Commit]) -> tuple[int, ...]:
    """The pull requests that a range names, to ask the forge about, each once and sorted."""
    return tuple(sorted({n for c in commits if (n := c.pull or message.pull_trailer(c.body))}))


class _Reader:
    """Makes items of units under the rules; counts what is redacted."""

    def __init__(self, rules: NotesRules, pulls: Mapping[int, Pull]) -> None:
        self.rules, self.pulls = rules, pulls
        self.keys = re.compile(rules.issue_pattern) if rules.issue_pattern else None
        self.redacted = 0
        self.odd: list[Gap] = []

    def item(self, unit: Unit, undo: Undo | None) -> Item:
        pull = self.pulls.get(unit.pull) if unit.pull else None
        bodies = [message.trimmed(c.body) for c in unit.commits if c.body]
        if unit.body:
            bodies.insert(0, unit.body)
        if undo and not undo.again:
            verdict, told = classify.Verdict(Heading.FIXES, "revert", "revert"), undo.told
        else:
            labels = pull.labels if pull else ()
            verdict, led = classify.decide(_Again(undo.title) if undo else unit, labels, self.rules)
            told = classify.shown(unit.titles[0] if unit.led and not undo else led)
            if undo:
                told, verdict = f"Re-applied: {told}", verdict._replace(why=f"reapplied:{verdict.why}")
        if verdict.odd:
            self.odd.append(Gap("odd_prefix", unit.id, {"title": told}))
        breaking = ""
        for body in bodies:
            breaking = breaking or message.breaking(body)
        keys = message.keys(self.keys, [*unit.titles, unit.branch, *bodies]) if self.keys else ()
        return Item(
            unit.id,
            self._clean(message.unkeyed(told, keys) if keys else told),
            verdict.heading,
            verdict.why,
            unit.pull,
            keys,
            tuple([c.sha for c in unit.commits]),
            _authors(unit, bodies),
            (breaking and self._clean(breaking)) or ("!" if verdict.breaking else ""),
            verdict.is_fix(self.rules.fix_types),
            message.closes([*unit.titles, *bodies]) + message.brought(bodies),
            pull.author if pull else "",
            tuple(name for name in pull.reviewers if name != pull.author) if pull else None,
            pull.opened_at if pull else None,
        )

    def finding(self, finding: Finding) -> Finding:
        return replace(finding, what=self._clean(message.tidy(finding.what, 500)))

    def _clean(self, text: str) -> str:
        text, count = redact(text, self.rules.hosts)
        self.redacted += count
        return text


class _Again:
    """What a revert of a revert brings back, known by its title alone."""

    led, branch = True, ""

    def __init__(self, title: str) -> None:
        self.titles = [title]


@lru_cache(maxsize=1024)
def _name(author: str) -> str:
    return message.tidy(author, 80)


def _authors(unit: Unit, bodies: Sequence[str]) -> tuple[str, ...]:
    names = [_name(c.author) for c in unit.own]
    for body in bodies:
        names += message.co_authors(body)
    return tuple(dict.fromkeys(names)) if len(names) > 1 else tuple(names)


def _with_picks(found: list[Unit]) -> list[Unit]:
    """The units, where one that was picked from another of the range counts with it: one change on two branches."""
    if not any(map(_may_be_picked, found)):
        return found
    of_sha = {c.sha: u for u in found for c in u.commits}
    of_pull: dict[int | None, Unit] = {u.pull: u for u in found if u.pull}
    kept = []
    for unit in found:
        target = _picked_from(unit, of_sha, of_pull)
        if target is None or target is unit:
            kept.append(unit)
            continue
        target.take(unit)
        of_sha |= {c.sha: target for c in unit.commits}
    return kept


def _may_be_picked(unit: Unit) -> bool:
    for commit in unit.commits:
        if "ackport" in commit.body or "herry" in commit.body:
            return True
    return "ackport" in unit.body or "herry" in unit.body


def _picked_from(unit: Unit, of_sha: Mapping[str, Unit], of_pull: Mapping[int | None, Unit]) -> Unit | None:
    if any("from commit" in c.body for c in unit.own):
        picked = [message.origins(c.body) for c in unit.own]
        froms = {id(of_sha[o]): of_sha[o] for names in picked for o in names if o in of_sha}
        if len(froms) == 1 and all(picked):
            return next(iter(froms.values()))
    bodies = [body for body in (unit.body, *(c.body for c in unit.commits)) if body]
    pulls = {n for body in bodies for n in message.backport_of(body) if n in of_pull and n != unit.pull}
    return of_pull[pulls.pop()] if len(pulls) == 1 else None


def _version_of(unit: Unit, shipped: Mapping[str, str]) -> str:
    """The version that has all of a unit already, "" when none has."""
    if not shipped:
        return ""
    if unit.pull and f"#{unit.pull}" in shipped:
        return shipped[f"#{unit.pull}"] or _UNNAMED
    versions = [_version_of_commit(c, shipped) for c in unit.own]
    return versions[0] if all(versions) else ""


def _version_of_commit(commit: Commit, shipped: Mapping[str, str]) -> str:
    return next((shipped[s] or _UNNAMED for s in (commit.sha, *message.origins(commit.body)) if s in shipped), "")


def _partly(kept: Sequence[Unit], shipped: Mapping[str, str], before: Mapping[str, str]) -> Iterable[Gap]:
    for unit in kept if shipped else ():
        if unit.id not in before and len(unit.own) > 1:
            versions = {v for c in unit.own if (v := _version_of_commit(c, shipped))}
            if versions:
                yield Gap("partly_shipped", unit.id, {"title": unit.titles[0], "versions": sorted(versions)})


def _ordered(gaps: Iterable[Gap]) -> list[Gap]:
    """Those that block first, each kind together."""
    return sorted(gaps, key=lambda g: not g.blocking)
