"""Words for how an item of a checklist stands: what evidence counts, and what a rule that is met by itself has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.checklist_rules import RULES as FUNCTIONS
from core.domain.checklist_rules import rule_words
from handlers.views import links
from handlers.views.writing import Facts, counted, listed, role_title, said
from handlers.words import nearest

Number = Mapping[str, Any]
# What a kind of evidence is called inside a sentence.
KINDS = {
    "automated": "the automated tests",
    "regression": "the full regression",
    "uat": "the user acceptance test",
    "limited": "the limited scope tests",
    "performance": "the performance tests",
    "security": "the security scan",
    "accessibility": "the accessibility review",
    "build": "the build",
    "review": "the reviews",
    "plan": "the rollback plan",
    "migrations": "the migrations",
    "documentation": "the documentation",
}
# What a rule says: met, or why it is open. Values come from the rule's facts.
RULES = {
    "milestone": "{title}",
    "no_milestone": "the repository's host has no milestone for it yet",
    "dated": "the departure and the freeze are set",
    "no_date": "it has no departure yet",
    "not_frozen": "the branch is not cut yet",
    "scope_open": "{count} of what was named is not merged: {refs}",
    "scope_in": "{count} in it",
    "branch": "{branch}",
    "no_candidate": "no candidate is tagged yet",
    "files": "another version stands in {paths}",
    "version": "{version} in {candidate}",
    "no_notes": "the notes are not drafted yet",
    "notes": "{count}",
    "told": "",
    "not_told": "nobody has been told yet",
    "step": "reported by the host",
    "said": "said by a person",
    "step_open": "the run has not reported it yet",
    "published": "",
    "fixed_by": "with {version}",
    "unpublished": "the announcement is not out yet",
    "not_live": "it is not live yet",
    "bugs": "{all} reported, none open",
    "bugs_open": "{open} of {all} incidents open, {waiting} of {reports} reports untriaged",
    "times": "the times of the deployment stand in the record",
    "no_times": "there is no deployment yet",
    "retro_later": "it opens when the release is live",
    "retro_open": "{count} of {of} answered so far",
    "retro_held": "{count} of {of} answered",
    "schema_untouched": "the database was not changed",
    "schema_structure": "the structure of the database was compared",
    "schema_files": "by the files of its migrations",
    "schema_down": "its migrations are taken back first, and later rows stay",
}
_COUNTED = {"scope_in": ("change", "changes"), "notes": ("item", "items"), "bugs": ("incident", "incidents")}


def numbers(found: Number) -> str:
    """`1,284 passed`, `3 of 1,284 failed`, `2 findings`, `82 % covered`; "" where nothing is counted."""
    n = {key: float(value) for key, value in found.items()}
    for what in ("tests", "checks"):
        if what in n:
            bad = int(n.get("failed", 0))
            ran = int(n[what] - n.get("skipped", 0))
            return f"{bad:,} of {ran:,} failed" if bad else f"{ran:,} passed"
    if "changes" in n:
        bad = int(n.get("unreviewed", 0))
        return f"{bad:,} of {int(n['changes']):,} not reviewed" if bad else f"{int(n['changes']):,} reviewed"
    if "benchmarks" in n:
        bad, of = int(n.get("failed", 0)), int(n["benchmarks"])
        return f"{bad:,} of {of:,} over the limit" if bad else f"{counted(of, 'benchmark')} within the limit"
    if "findings" in n:
        held = f", {int(n['suppressed']):,} suppressed" if n.get("suppressed") else ""
        return counted(int(n["findings"]), "finding") + _levels(n) + held
    if "percent" in n:
        return f"{n['percent']:g} % of the lines ran"
    if "builds" in n:
        return counted(int(n["builds"]), "build")
    things = [(said(key, 30), f"{value:,g}") for key, value in n.items()]
    return listed([f"{many} {what}" if what.endswith("s") else f"{what} {many}" for what, many in things], "and", 3)


def _levels(n: Mapping[str, float]) -> str:
    """How bad the findings are: ` (1 error, 2 warnings)`."""
    told = [counted(int(n[key]), key[:-1]) for key in ("errors", "warnings", "notes") if n.get(key)]
    return f" ({', '.join(told)})" if told else ""


def rule(why: str, given: Mapping[str, Any]) -> str:
    """What a rule has seen, as the end of a line; foreign text in it is escaped."""
    values = {key: _value(value) for key, value in given.items()}
    one_many = _COUNTED.get(why)
    key = "all" if why == "bugs" else "count"
    if one_many and isinstance(given.get(key), int):
        values[key] = counted(given[key], *one_many)
    return RULES.get(why, "").format_map(_Blank(values))


class _Blank(dict[str, str]):
    """A fact that is not there reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed([said(v, 60) for v in value], "and", 3)
    return said(value, 60)


def kind_of(kind: object) -> str:
    return KINDS.get(str(kind), said(kind, 40))


def source_of(facts: Facts, source: str) -> str:
    """Who reported evidence, in a word."""
    known = {"host": "the repository's host", "cli": "the command line", "person": "", "ci": "CI"}
    return known.get(source, said(source, 30))


def failed(facts: Facts, given: Mapping[str, Any], counts: Number, url: object) -> str:
    """`3 of 1,284 failed, “test_pay”`, linked to the result."""
    failing = said((given.get("failing") or ("",))[0], 60)
    told = numbers(counts) or said(given.get("note") or "") or "failed"
    return links.site(facts, url, ", ".join(filter(None, (told, f"“{failing}”" if failing else ""))))


def item_values(given: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    """What the words of an open item need: of evidence, of a rule, or of how it is met when nobody ticks it."""
    if "kind" in given:
        counts = {str(key): float(value) for key, value in given.get("numbers") or ()}
        running = ", it is running" if given.get("state") == "running" else ""
        told = failed(facts, given, counts, given.get("url"))
        return {"kind_words": kind_of(given["kind"]), "told": told, "running": running}
    found = str(given.get("rule") or "")
    how = {
        "evidence": f"by a result of {kind_of(found)} for {said(given.get('candidate') or 'the candidate')}",
        "automatic": "by the summary of the retrospective" if found == "retrospective" else "by itself",
        "approval": f"by the approval of the {said(role_title(facts, str(given.get('role'))))}",
    }.get(str(given.get("how")), "by itself")
    when = rule_words(found)[:-1] if found in FUNCTIONS else ""
    by_how = f"{how}, when {when[:1].lower()}{when[1:]}" if when and how == "by itself" else how
    return {"told": rule(str(given.get("why")), given) or "not seen yet", "by_how": by_how}


def unknown_item(given: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    """For a name that no item has: the nearest one, and the items that are the person's own."""
    titles = {str(s["name"]): str(s["title"]) for s in facts.get("signoffs") or ()}
    spelled = {spelling.casefold(): name for name, title in titles.items() for spelling in (name, title)}
    guess = spelled.get(nearest(str(given.get("item") or "").casefold(), spelled) or "")
    yours = [f"“{said(titles[n])}” (`{said(n)}`)" for n in given.get("yours") or () if n in titles]
    return {
        "nearest": f" Did you mean “{said(titles[guess])}” (`{said(guess)}`)?" if guess else "",
        "yours": f"Yours now: {listed(yours, 'and', 6)}." if yours else "None of its items is yours now.",
    }
