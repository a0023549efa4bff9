"""What git was asked for and where it could not go on, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.writing import Facts, counted, listed, said

_PURPOSES = {
    "cut": "branch",
    "freeze": "branch and first candidate",
    "candidate": "candidate",
    "promote": "promotion",
    "pick": "picked change",
    "revert": "revert",
    "carry": "merge of what was fixed",
    "solve": "branch in which a conflict is solved",
}
MOST_FILES, MOST_PEOPLE = 4, 3


def purpose(text: object) -> str:
    """What git was asked for, escaped: `the {purpose} could not be published`."""
    return said(_PURPOSES.get(str(text), str(text or "work")))


def conflicts(given: Mapping[str, Any]) -> str:
    """`2 files conflict, app/pay.py (Dana and Ben) and README.md (Kim)`, escaped."""
    files = [str(f) for f in given.get("files") or ()]
    people: Mapping[str, Any] = given["people"] if isinstance(given.get("people"), Mapping) else {}
    shown = [f"`{said(f)}`{_by(people.get(f))}" for f in files]
    if not files:
        return "something conflicts"
    verb = "conflicts" if len(files) == 1 else "conflict"
    return f"{counted(len(files), 'file')} {verb}, {listed(shown, 'and', MOST_FILES)}"


def by_hand(base: object, head: object) -> str:
    """What to do about a conflict where no host knows pull requests: plain git, escaped."""
    steps = f"git switch {said(base)}", f"git merge {said(head)}"
    return f"Please merge it by hand, `{steps[0]}` then `{steps[1]}`, solve the files, commit and push."


def carried_by_hand(data: Mapping[str, Any]) -> str:
    """The same for a change that could not be picked or taken back; "" for other work and where a button does it."""
    order = {"pick": "cherry-pick -x", "revert": "revert"}.get(str(data.get("purpose")))
    met = next((b["facts"] for b in data.get("problem") or () if b.get("code") == "git.conflict"), None)
    if order is None or met is None or data.get("host"):
        return ""
    steps = f"`git switch {said(met.get('branch'))}` then `git {order} {said(str(met.get('commit') or '')[:12])}`"
    return f" Please do it by hand, {steps}, solve the files, commit and push."


def open_button(facts: Facts, base: str = "") -> Block:
    """Opens a pull request for what conflicts with a branch; "" for all that was met."""
    label, value = "Open a pull request", ids.value(facts.get("id"), base)
    return b.button(label, "pull", value, about=f"{label}: {facts.get('tag', '')}")


def _by(names: object) -> str:
    found = [said(n, 40) for n in names] if isinstance(names, list | tuple) else []
    return f" ({listed(found, 'and', MOST_PEOPLE)})" if found else ""
