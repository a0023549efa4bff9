"""Where an issue, a pull request or a commit is: versions, environments, open releases."""

from __future__ import annotations

from core.usecases.where import Where
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.commits import commit_line
from handlers.views.marks import DONE, LOOK, NOT_YET, RUNNING
from handlers.views.writing import Facts, counted, listed, plain, said

MOST = 5


def where(found: Where, facts: Facts, flight: dict[str, int]) -> Message:
    """The answer; `facts` are those about no release, `flight` the ids of open releases by their number."""
    asked = plain(found.text, 60)
    if not found.found:
        return b.message(
            f"No commit of the remote names {asked}.",
            b.section(
                f"No commit of the remote names “{said(found.text, 60)}”. I look for a pull request (#345), an issue "
                "key (AA-171) or the start of a commit."
            ),
            b.actions(b.button("All words", "help"), block_id="onward"),
        )
    places = [f"{plain(name, 30)} ({_runs(runs)})" for name, runs in found.environments]
    out = f"It is in {listed(places, 'and', 4)}." if places else "It is in no environment yet."
    return b.message(
        f"{asked}: {counted(len(found.found), 'commit')}. {out}",
        b.header(f"Where {asked} is"),
        b.section("\n".join(commit_line(facts, c, dated=True) for c in found.found[:MOST]), "commits"),
        b.context(f"and {len(found.found) - MOST} more") if len(found.found) > MOST else None,
        b.section("\n".join(_lines(found)), "places"),
        _open(found, flight),
    )


def _runs(runs: str) -> str:
    return plain(runs, 30) if runs.startswith("v") or not runs else f"v{plain(runs, 30)}"


def _lines(found: Where) -> list[str]:
    lines = [f"{DONE} *{said(name).capitalize()}* runs it: {said(_runs(runs))}" for name, runs in found.environments]
    if not found.environments:
        lines.append(f"{NOT_YET} In no environment yet")
    if found.versions:
        rest = f", and in {len(found.versions) - 1} later" if len(found.versions) > 1 else ""
        lines.append(f"{DONE} Released first with v{said(found.versions[0])}{rest}")
    if found.partly:
        shown = listed([f"v{said(v)}" for v in found.partly], "and", 3)
        lines.append(f"{LOOK} Only part of it is in {shown}")
    if found.releases:
        lines.append(f"{RUNNING} Goes out with {listed([f'v{said(v)}' for v in found.releases], 'and', 3)}")
    elif not found.versions:
        lines.append(f"{NOT_YET} In no open release")
    if found.branches:
        lines.append(f"On {listed([f'`{said(x)}`' for x in found.branches], 'and', 4)}")
    return lines


def _open(found: Where, flight: dict[str, int]) -> Block | None:
    buttons = [
        b.button(f"Open v{plain(v)}", "status", ids.value(flight[v])) for v in found.releases[:4] if v in flight
    ]
    return b.actions(*buttons, block_id="onward")


def what_to_ask() -> Message:
    """`where` alone."""
    line = "Name a pull request (#345), an issue (AA-171) or the start of a commit, for example /release where AA-171."
    return b.message(line, b.section(said(line, 300)), b.actions(b.button("All words", "help"), block_id="onward"))
