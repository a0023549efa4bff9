"""Evidence as people see it: each kind with its number, link, since when and by whom; and its lines in the thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.checklist_words import kind_of, numbers, source_of
from handlers.views.marks import BLOCKED, DONE, LOOK, NOT_YET, RUNNING, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import Facts, counted, date_token, listed, mention, plain, role_title, said, short_sha, who

MOST_RESULTS, MOST_FAILING = 5, 2  # in one line of the thread; the rest stands behind `/release evidence`
_MARK = {"passed": DONE, "failed": BLOCKED, "running": RUNNING, "missing": WAITS}
Row = Mapping[str, Any]


def title_of(kind: object) -> str:
    """The kind as a title, in plain text: `Full regression`."""
    bare = kind_of(kind).removeprefix("the ")
    return bare[:1].upper() + bare[1:]


def evidence(facts: Facts) -> Message:
    """`/release evidence`: what there is for the candidate, and what is missing."""
    tag, c = plain(facts.get("tag", "")), facts.get("candidate") or {}
    if not c:
        text = f"{tag} has no candidate yet. What is reported for its commit meanwhile is kept, and counts then."
        onward = b.actions(show(facts, "checklist", "Checklist"), block_id="do")
        return b.message(text, b.section(said(text, 300)), onward)
    rows = list(facts.get("evidence") or ())
    bad = [title_of(r["kind"]) for r in rows if r["state"] == "failed"]
    open_ = [title_of(r["kind"]) for r in rows if r["state"] in ("missing", "running")]
    told = "; ".join(
        part for part in (f"failed: {listed(bad)}" if bad else "", f"missing: {listed(open_)}" if open_ else "") if part
    )
    may = "result" in (facts.get("allowed") or ())
    name = plain(c.get("tag") or "")
    return b.message(
        f"Evidence for {name}: {told or 'everything that is asked for passed' if rows else 'nothing yet'}.",
        b.header(f"Evidence for {name}"),
        b.context(f"Everything here is about the commit `{short_sha(str(c.get('sha') or ''))}` and nothing else."),
        *(_kind(facts, row) for row in rows),
        b.section("Nothing was reported yet, and nothing is asked for.", "nothing") if not rows else None,
        b.actions(press(facts, "result") if may else None, show(facts, "checklist", "Checklist"), block_id="do"),
    )


def _kind(facts: Facts, row: Row) -> Block:
    mark = _MARK[row["state"]] if row.get("asked") or row["state"] != "missing" else NOT_YET
    head = f"{mark} *{said(title_of(row['kind']))}*"
    if row["state"] == "missing":
        roles = listed([said(role_title(facts, role)) for role in row.get("who") or ()], "or")
        can = f"; the {roles} can state it with a link" if roles and row["kind"] != "build" else ""
        return b.section(f"{head}\nNo result yet. CI reports it{can}.", f"evidence.{row['kind']}")
    found = row.get("numbers") or {}
    told = links.site(facts, row.get("url"), numbers(found) or said(row.get("note")) or said(row["state"]))
    since = f"since {date_token(facts, row['at'])}" if row.get("at") else ""
    more = f"{counted(int(row['results']), 'result')} together" if int(row.get("results") or 0) > 1 else ""
    lines = [head, " · ".join(x for x in (told, since, _by(facts, row), more) if x)]
    if row.get("failing"):
        lines.append(listed([f"“{said(name)}”" for name in row["failing"]], "and", 5))
    if row.get("note") and found:
        lines.append(f"“{said(row['note'], 300)}”")
    lines += [f"{said(x['name'])}: `{said(x['digest'])[:19]}`" for x in (row.get("builds") or ())[:5]]
    return b.section("\n".join(lines), f"evidence.{row['kind']}")


def _by(facts: Facts, row: Row) -> str:
    """Who says so: a person is named as such."""
    if row.get("by"):
        via = ", from the command line" if row.get("source") == "cli" else ", stated"
        other = f" for v{said(row['about'])}, which has the same commit" if row.get("about") else ""
        return f"by {mention(facts, str(row['by']))}{via}{other}"
    source = source_of(facts, str(row.get("source") or ""))
    name = f" ({said(row['name'], 40)})" if row.get("name") else ""
    return f"by {source}{name}" if source else ""


# --- in the thread ----------------------------------------------------------------------------------------------------


def came_in(data: Row, facts: Facts) -> str:
    """What machines reported, a line each."""
    found = [r for r in data.get("results") or () if isinstance(r, Mapping)]
    lines = [_line(r, data, facts) for r in found[:MOST_RESULTS]]
    if len(found) > MOST_RESULTS:
        lines.append(f"And {counted(len(found) - MOST_RESULTS, 'more result')}; `/release evidence` shows all.")
    return "\n".join(lines) or "Results came in."


def _line(r: Row, data: Row, facts: Facts) -> str:
    mark = DONE if r.get("verdict") == "passed" else BLOCKED
    on = said(str(data.get("candidate") or "")).rpartition("-")[2]
    told = links.site(facts, r.get("url"), numbers(r.get("numbers") or {}) or said(r.get("verdict")))
    names = listed([f"“{said(x)}”" for x in r.get("failing") or ()], "and", MOST_FAILING)
    note = f" “{said(r['note'])}”" if r.get("note") else ""
    line = f"{mark} {said(title_of(r.get('kind')))} {said(r.get('verdict'))} on {on}: {told}"
    return f"{line}{': ' + names if names else ''}{note}, {_by(facts, r)}."


def stated(data: Row, facts: Facts) -> str:
    """What a person says about a result, named as theirs."""
    r: Row = data.get("result") or {}
    mark = DONE if r.get("verdict") == "passed" else BLOCKED
    on = said(str(data.get("candidate") or "")).rpartition("-")[2]
    told = numbers(r.get("numbers") or {})
    count = f": {told}" if told else ""
    note = f" “{said(r['note'], 900)}”" if r.get("note") else ""
    person = who(facts, str(data.get("actor") or ""))
    here = links.site(facts, r.get("url"), "the result")
    what = f"{kind_of(r.get('kind'))} {said(r.get('verdict'))} on {on}"
    return f"{mark} {person} states that {what}{count}; see {here}.{note}"


def noted(facts: Facts, notes: Mapping[str, Any], of: str) -> str:
    """The answer to who stated a result of `of`; a machine's failure counts whatever a person says."""
    row: Mapping[str, Any] = next((e for e in facts.get("evidence") or () if e["kind"] == notes.get("kind")), {})
    if notes.get("verdict") == "passed" and row.get("by_machine"):
        told = source_of(facts, str(row.get("source") or "")) or "a machine"
        return (
            f"{LOOK} Noted for {of}, but {kind_of(notes.get('kind'))} still failed: the failure that {told} reported "
            f"counts, and only a new result of {told} or a new candidate lifts it."
        )
    return (
        f"{DONE} Noted for {of}: {kind_of(notes.get('kind'))} {said(notes.get('verdict'))}, stated by you. The thread "
        "shows it with your link."
    )
