"""What a retrospective tells: its state for readers of a release, and the whole for its form, page and summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.domain.retro import actions
from core.domain.retro.meeting import silent
from core.domain.retrospective import QUESTIONS, ActionItem, Line, Retro
from core.domain.situation import Situation

SHOWN = 5  # of each question in the summary; the rest stands behind a button
MOST_ACTIONS = 30


def retro_of(s: Situation) -> dict[str, Any]:
    """For the facts of a release: how its retrospective stands, and the action items on its checklist and of its own.

    What was said is not among them: facts go along with each message.
    """
    retro = s.release.retro
    here = actions.standing(s.product, s.release)
    made = [a for a in actions.made_by(s.product, s.release) if a not in here]
    return {
        "retro": _state(retro, s.policy.retrospective.named) if retro else None,
        "actions": [item_of(s, a) for a in here][:MOST_ACTIONS],
        "resolved": [item_of(s, a) for a in made][:MOST_ACTIONS],
    }


def item_of(s: Situation, a: ActionItem) -> dict[str, Any]:
    """An action item for readers, with whether its day is over."""
    return actions.told(a) | {"late": actions.late(a, s.now, s.policy.zone)}


def _state(retro: Retro, named: bool) -> dict[str, Any]:
    held = retro.summary
    return {
        "opened_at": retro.opened_at.isoformat(), "due_at": retro.due_at.isoformat(),
        "meets_at": retro.meets_at.isoformat(), "minutes": retro.minutes, "moves": retro.moves,
        "invited": list(retro.invited), "answered": list(retro.answered),
        "silent": list(silent(retro.invited, retro.answered)), "counts": counts_of(retro), "named": named,
        "summary": {"by": held.by, "at": held.at.isoformat(), "answered": len(held.answered)} if held else None,
    }  # fmt: skip


def counts_of(retro: Retro) -> dict[str, int]:
    return {q: len(retro.of_question(q)) for q in QUESTIONS}


def summary_of(s: Situation) -> dict[str, Any]:
    """What the summary post says, within a message: the first lines of each question and how many there are."""
    retro = s.release.retro
    assert retro is not None and retro.summary is not None  # it was just closed
    named = s.policy.retrospective.named
    return {
        "proven": list(retro.summary.proven),
        "lines": {q: lines_of(retro.of_question(q)[:SHOWN], named) for q in QUESTIONS},
        "counts": counts_of(retro),
        "answered": len(retro.answered),
        "invited": len(retro.invited),
        "actions": [actions.told(a) for a in actions.made_by(s.product, s.release)],
        "tally": actions.tally(s.product, s.release),
    }


def lines_of(lines: Iterable[Line], named: bool) -> list[dict[str, Any]]:
    """Lines as messages tell them; without names where the policy shows none."""
    who = (lambda x: {"by": x.by, "kept_by": x.kept_by}) if named else (lambda x: {"by": "", "kept_by": ""})
    return [{"id": x.id, "text": x.text, "link": x.link if named else "", **who(x)} for x in lines]
