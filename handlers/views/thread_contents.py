"""The lines of a thread about what is in a release: scope, notes, picks, late changes, what was moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.views import evidence, links
from handlers.views.git_words import by_hand, conflicts
from handlers.views.marks import BLOCKED, DONE, LOOK
from handlers.views.thread_lines import WHOLE, actor, problems, tag, why
from handlers.views.writing import Data, Facts, listed, said


def _named(data: Data, facts: Facts, key: str) -> str:
    """`#345 “Statements as PDF”`."""
    title = f" “{said(data['title'], WHOLE)}”" if data.get("title") else ""
    return f"{links.ref(facts, str(data.get(key) or ''))}{title}"


def _refs(data: Data, facts: Facts) -> str:
    found = [links.ref(facts, str(r)) for r in data.get("refs") or ()]
    return listed(found, "and", 6) or "a change"


def _added(data: Data, facts: Facts) -> str:
    onto = f" It is picked onto `{said(facts.get('branch'))}`." if data.get("pick") else ""
    return f"{actor(data, facts)} took {_named(data, facts, 'ref')} into {tag(facts)}.{onto}"


def _dropped(data: Data, facts: Facts) -> str:
    to = f" It goes to {said(data['to'])}." if data.get("to") else ""
    back = f" It is reverted on `{said(facts.get('branch'))}`." if data.get("revert") else ""
    return f"{actor(data, facts)} took {_named(data, facts, 'ref')} out of {tag(facts)}{why(data)}{to}{back}"


def _on_branch(what: str) -> Callable[[Data, Facts], str]:
    def write(data: Data, facts: Facts) -> str:
        sha = links.commit(facts, str(data.get("sha") or ""))
        at = f", at {sha}" if sha else ""
        anew = " A new candidate takes it in; tests and approvals are asked anew." if facts.get("candidate") else ""
        branch = f"`{said(data.get('branch'))}`"
        return f"{DONE} {what} {branch}: {_refs(data, facts)}{at}, asked by {actor(data, facts)}.{anew}"

    return write


def _carried(data: Data, facts: Facts) -> str:
    if data.get("branch") and not data.get("by"):
        sha = links.commit(facts, str(data.get("sha") or ""))
        return f"{DONE} What was on the branch of {tag(facts)} is merged into `{said(data['branch'])}`, at {sha}."
    version = said(data.get("by") or data.get("version") or "")
    what = f"v{version}" if version else "What production runs"
    return f"{what} was merged into this branch. Tag a new candidate to take it in."


def _classified(data: Data, facts: Facts) -> str:
    if data.get("embargoed"):
        return f"{actor(data, facts)} mended the notes: a change is hidden until released."
    item = str(data.get("item") or "")
    name = _named(data, facts, "item")
    if item == "known":
        text = f": “{said(data['text'], WHOLE)}”" if data.get("text") else ": there are none."
        return f"{actor(data, facts)} wrote the known issues{text}"
    if item.startswith("upgrade:"):
        about = f"`{said(item.removeprefix('upgrade:'))}`"
        return f"{actor(data, facts)} wrote the upgrade note of {about}: “{said(data.get('text'), WHOLE)}”"
    under = f", under {said(data['heading'])}" if data.get("heading") else ""
    text = f": “{said(data['text'], WHOLE)}”" if data.get("text") else "."
    return f"{actor(data, facts)} mended the notes of {name}{under}{text}"


def _accepted(data: Data, facts: Facts) -> str:
    what = _named(data, facts, "item")
    return f"{LOOK} {actor(data, facts)} answers for {what}, which came late and is no fix{why(data)}"


def _stray_accepted(data: Data, facts: Facts) -> str:
    what = f" ({said(data['what'], 300)})" if data.get("what") else ""
    ref = f"`{said(data.get('ref'))}`"
    return f"{LOOK} {actor(data, facts)} answers for {ref}, which was moved by hand{what}{why(data)}"


def _stray(data: Data, facts: Facts) -> str:
    what = said(data.get("what") or "it is elsewhere", 300)
    return (
        f"{BLOCKED} `{said(data.get('ref'))}` was moved by hand: {what}. {tag(facts)} does not go out until somebody "
        "answers for it or puts it back."
    )


def _pull(data: Data, facts: Facts) -> str:
    page = links.site(facts, data.get("url"), f"Pull request #{said(data.get('number'))}")
    base = f"`{said(data.get('base'))}`"
    return f"{LOOK} {page} is open: it brings {tag(facts)} into {base}, which git could not by itself."


def _published(data: Data, facts: Facts) -> str:
    page = links.site(facts, data.get("page"), "The release page")
    return f"{DONE} {page} of {tag(facts)} is published with its notes."


def _latest(data: Data, facts: Facts) -> str:
    page = links.site(facts, data.get("page"), said(data.get("tag")))
    return f"{DONE} {page or 'The version before'} is called the latest release again."


def _rehearsed(data: Data, facts: Facts) -> str:
    """What the promotion would meet if it were today."""
    if data.get("problem"):
        return f"{LOOK} {tag(facts)} could not go to production today. {problems(data, facts)}"
    bad = [c for c in data.get("conflicts") or () if isinstance(c, Mapping)]
    stuck = {c.get("branch") for c in bad}
    clean = listed([f"`{said(b)}`" for b in data.get("branches") or () if b not in stuck], "and", 5)
    line = f"Merging {tag(facts)} into {clean or 'its branches'} would be clean today."
    found = "; ".join(f"into `{said(c.get('branch'))}` {conflicts(c)}" for c in bad[:4])
    if not found:
        return f"{DONE} {line}"
    hand = "" if data.get("host") or not data.get("source") else f" {by_hand(bad[0].get('branch'), data['source'])}"
    return f"{LOOK} {line} But {found}.{hand}"


def _checks(data: Data, facts: Facts) -> str:
    failed = [links.site(facts, c.get("url"), f"“{said(c.get('name'))}”") for c in data.get("failed") or ()]
    on = f" on {said(str(data['candidate']).rpartition('-')[2])}" if data.get("candidate") else ""
    return f"{BLOCKED} {listed(failed, 'and', 4) or 'A check'} failed{on}."


LINES: dict[str, Callable[[Data, Facts], str]] = {
    "evidence": evidence.came_in,
    "result": evidence.stated,
    "scope_added": _added,
    "scope_dropped": _dropped,
    "picked": _on_branch("Picked onto"),
    "reverted": _on_branch("Reverted on"),
    "carried": _carried,
    "classified": _classified,
    "accepted": _accepted,
    "stray_accepted": _stray_accepted,
    "stray": _stray,
    "pull_opened": _pull,
    "rehearsed": _rehearsed,
    "published": _published,
    "latest_back": _latest,
    "checks_failed": _checks,
}
