"""What a draft lacks, by its own account: each gap names what it is about and whether it holds up the release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from core.domain.forge import Pull
from core.domain.notes.message import tidy
from core.domain.notes.model import Draft, Gap, Heading, Issue, Item, NotesRules
from core.domain.secrets import redact

_NOTHING_TAKEN = ("patch", "hotfix")  # types that may take nothing away from who uses the product


def gaps_of(draft: Draft, rules: NotesRules, pulls: Mapping[int, Pull]) -> Iterator[Gap]:
    """All gaps but those that only the texts of files or a tracker show."""
    by_pulls = bool(pulls) or any(i.pull for i in draft.items)
    for item in draft.items:
        if item.heading is None or item.breaking:
            yield from _blocking(item, rules)
        if item.heading is not Heading.HIDDEN:
            if rules.issue_pattern and not item.keys:
                yield Gap("no_key", item.id, {"title": item.title})
            if by_pulls and not item.pull:
                yield Gap("no_pull", item.id, {"title": item.title})
        if pulls and item.pull:
            yield from _of_review(item, pulls)
    yield from _of_findings(draft, rules)
    yield from _not_in_range(draft, rules, pulls)
    yield Gap("known_issues_open", "known")


def with_issues(draft: Draft, issues: Mapping[str, Issue]) -> Draft:
    """The draft with what the tracker says about its keys, which are known only when it is made."""
    found = [gap for item in draft.items for gap in _of_issues(item, issues)]
    return replace(draft, gaps=(*draft.gaps, *found)) if found else draft


def as_told_before(draft: Draft, before: Draft) -> Draft:
    """The draft with what the tracker said about its keys when it last answered."""
    keys = {item.id: item.keys for item in draft.items}
    old = [g for g in before.gaps if g.code == "key_not_done" and g.facts.get("key") in keys.get(g.item, ())]
    return replace(draft, gaps=(*draft.gaps, *old)) if old else draft


def _blocking(item: Item, rules: NotesRules) -> Iterable[Gap]:
    facts = {"title": item.title}
    if item.heading is None:
        yield Gap("unclassified", item.id, facts, blocking=True)
    if item.breaking == "!":
        yield Gap("no_upgrade_note", f"upgrade:{item.id}", facts, blocking=True)
    if item.breaking and rules.release_type in _NOTHING_TAKEN:
        yield Gap("contradiction", item.id, {**facts, "type": rules.release_type}, blocking=True)


def _of_issues(item: Item, issues: Mapping[str, Issue]) -> Iterable[Gap]:
    for key in item.keys:
        issue = issues.get(key)
        if issue and not issue.done:
            yield Gap("key_not_done", item.id, {"title": item.title, "key": key, "state": issue.state})


def _of_review(item: Item, pulls: Mapping[int, Pull]) -> Iterable[Gap]:
    pull = pulls.get(item.pull) if item.pull else None
    if pull is None or any(name != pull.author for name in pull.reviewers):
        return
    before = [name for name in pull.reviewers_before if name != pull.author]
    yield Gap("unreviewed", item.id, {"title": item.title, **({"before": before} if before else {})})


def _of_findings(draft: Draft, rules: NotesRules) -> Iterable[Gap]:
    for finding in draft.findings:
        facts = {"path": finding.path, "what": finding.what}
        if finding.kind == "migration":
            yield Gap("no_upgrade_note", finding.id, facts, blocking=True)
        elif finding.kind == "api" and finding.removed and rules.release_type in (*_NOTHING_TAKEN, "minor"):
            blocking = rules.release_type in _NOTHING_TAKEN
            yield Gap("contradiction", finding.id, {**facts, "type": rules.release_type}, blocking=blocking)


def _not_in_range(draft: Draft, rules: NotesRules, pulls: Mapping[int, Pull]) -> Iterable[Gap]:
    """Merged pull requests of the milestone that no commit carries."""
    there = {i.pull for i in draft.items} | {s.item.pull for s in draft.shipped}
    there |= {i.pull for r in draft.reverted for i in (r.item, r.by)}
    for number, pull in sorted(pulls.items()):
        if pull.state == "merged" and number not in there:
            yield Gap("not_in_range", f"#{number}", {"title": redact(tidy(pull.title), rules.hosts)[0]})
