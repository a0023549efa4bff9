"""The small forms about what is in a release: take in, take out, answer for; with what follows from a late change."""

from __future__ import annotations

from handlers.forms.recipe import Field, Known, Recipe, why
from handlers.views.evidence import title_of
from handlers.views.inputs import Choice
from handlers.views.marks import LOOK
from handlers.views.strays import open_late, open_strays
from handlers.views.writing import Facts, listed, mention, plain, said


def is_late(facts: Facts) -> bool:
    """Whether its content is that of a branch of its own: then what goes in or out is a commit there."""
    return facts.get("phase") not in ("planning", "development") or not facts.get("train")


def what_it_means(facts: Facts) -> str:
    """What a change to the branch sets off, in one paragraph of markup; "" while develop is what counts."""
    if not is_late(facts):
        return ""
    given = [g["person"] for a in facts.get("approvals") or () for g in a.get("given") or ()]
    void = f" The approval of {listed([mention(facts, p) for p in given], 'and', 3)} is void then." if given else ""
    c = facts.get("candidate")
    what = f"`{said(facts.get('branch'))}` gets a commit"
    again = f" that rc.{c['number']} does not have: a new candidate has to be tagged and tested again" if c else ""
    return f"{LOOK} {what}{again}.{void}"


def _adding(facts: Facts, known: Known) -> str:
    late = what_it_means(facts)
    first = "What you name is picked onto the branch."
    return f"{first}\n{late}" if late else "It is expected to be merged before the freeze."


def _dropping(facts: Facts, known: Known) -> str:
    late = what_it_means(facts)
    return f"What you name is reverted on the branch.\n{late}" if late else "It goes to a later release."


def _answering(facts: Facts, known: Known) -> str:
    return "You answer for it with your name; it stays in the record, and it no longer stops the release."


def waiting(facts: Facts, known: Known) -> list[Choice]:
    """Late changes and moved branches or tags that nobody has answered for."""
    late = [(f"{x['id']} {plain(x.get('title') or '', 40)}", str(x["id"])) for x in open_late(facts)]
    return late + [(f"{plain(x.get('ref') or '', 50)}, moved by hand", str(x["id"])) for x in open_strays(facts)]


def _ref(facts: Facts, known: Known) -> str:
    return str(known.get("item") or "")


def _chosen(facts: Facts, known: Known) -> str:
    found = [value for _, value in waiting(facts, known)]
    return _ref(facts, known) if _ref(facts, known) in found else found[0] if len(found) == 1 else ""


_SCOPE = {
    "reason": "reason",
    "scope.ref": "ref",
    "scope.there": "ref",
    "scope.none": "ref",
    "scope.merged": "ref",
}
_WHICH = Field("ref", "What?", "line", hint="A pull request (#345), an issue (AA-171) or a commit", initial=_ref)


def _kinds(facts: Facts, known: Known) -> list[Choice]:
    """The kinds that this person may state, those first that the release asks for."""
    person = str(known.get("person") or "")
    rows = [e for e in facts.get("evidence") or () if _may_state(facts, e, person)]
    asked = sorted(rows, key=lambda e: (e.get("state") == "passed", not e.get("asked")))
    return [(title_of(e["kind"]), str(e["kind"])) for e in asked]


def _may_state(facts: Facts, row: Facts, person: str) -> bool:
    members = facts.get("members") or {}
    return row["kind"] != "build" and any(person in members.get(role, ()) for role in row.get("who") or ())


def _verdicts(facts: Facts, known: Known) -> list[Choice]:
    return [("Passed", "passed"), ("Failed", "failed")]


def _kind(facts: Facts, known: Known) -> str:
    found = [value for _, value in _kinds(facts, known)]
    item = _ref(facts, known)
    return item if item in found else found[0] if len(found) == 1 else ""


def _stating(facts: Facts, known: Known) -> str:
    c = facts.get("candidate") or {}
    return f"It is about rc.{c.get('number', '')} (`{said(c.get('sha', ''))[:7]}`), and stands there as stated by you."


CONTENTS: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "scope_add",
            "Take into {tag}",
            "Take it in",
            (_WHICH, Field("title", "In a few words", "line", True)),
            _adding,
            wrong=_SCOPE,
        ),
        Recipe(
            "scope_drop",
            "Take out of {tag}",
            "Take it out",
            (_WHICH, why(), Field("to", "Into which version instead?", "line", True)),
            _dropping,
            wrong=_SCOPE,
        ),
        Recipe(
            "result",
            "A result for {tag}",
            "State it",
            (
                Field("kind", "Of what?", "select", choices=_kinds, initial=_kind),
                Field("verdict", "What came of it?", "radio", choices=_verdicts),
                Field("url", "Where can it be looked at?", "line", hint="An address that begins with https://"),
                Field("tests", "How many were there?", "line", True),
                Field("failed", "How many of them failed?", "line", True),
                Field("note", "In a few words", optional=True),
            ),
            _stating,
            wrong={
                "result.kind": "kind", "result.machines": "kind", "result.verdict": "verdict", "result.link": "url",
                "result.count": "failed", "result.same": "url",
            },
        ),
        Recipe(
            "accept",
            "Answer for it",
            "I answer for it",
            (Field("item", "For what?", "select", choices=waiting, initial=_chosen), why()),
            _answering,
            wrong={"reason": "reason", "accept.which": "item", "accept.none": "item"},
        ),
    )
}
