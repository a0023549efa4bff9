"""No message, form or home is left out of the checks: whoever adds one and does not hold it is told its name."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.domain.lending import Desk
from core.domain.people import Away, Colleague, Delegation
from handlers.forms import people as forms
from handlers.forms.recipes import RECIPES
from handlers.views import answers, approval, card_stored, lists, people, policy, voices
from handlers.views.announcements import TEAM
from handlers.views.audiences import OUTSIDE
from handlers.views.direct import MOMENTS
from handlers.words import WORDS
from tests.handlers.layout import HOSTILE, check_form, check_message
from tests.handlers.story import MIRA, NOW, PRIYA, THEO, release, situation
from tests.handlers.test_views import PICTURES

ROOT = Path(__file__).parents[2]
MADE = {"Message", "Form", "Message | None", "Form | None"}
BY_TABLE = (*TEAM.values(), *OUTSIDE.values(), *MOMENTS.values())  # `test_posts.py` draws each of their moments


@cache
def makers() -> tuple[tuple[str, str], ...]:
    return tuple(_makers())


def _makers() -> Iterator[tuple[str, str]]:
    """Module and name of each public function of the handlers that makes something people see."""
    for file in sorted((ROOT / "handlers").rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for made in ast.parse(file.read_text(encoding="utf-8")).body:
            public = isinstance(made, ast.FunctionDef) and not made.name.startswith("_")
            if public and made.returns is not None and ast.unparse(made.returns) in MADE:
                yield module, made.name


def names_in_checks() -> set[str]:
    """The names that stand in test files which check layouts."""
    texts = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")]
    checked = "\n".join(t for t in texts if re.search(r"check_(message|form|home)\(", t))
    return set(re.findall(r"\b[a-z_0-9]+\b", checked))


def left_out(named: set[str]) -> list[str]:
    drawn = {(f.__module__, f.__name__) for f in BY_TABLE}
    return [f"{module}.{name}" for module, name in makers() if (module, name) not in drawn and name not in named]


def test_every_maker_of_something_that_people_see_is_held() -> None:
    named = names_in_checks()
    assert not left_out(named), "draw them with hostile words in a test that calls check_message or check_form"
    assert left_out(named - {"mistyped"}) == ["handlers.views.answers.mistyped"], "what nobody draws is noticed"
    assert len(makers()) > 80 and len(RECIPES) > 20


@pytest.mark.parametrize("picture", ["hostile", "minor-preparation", "hotfix-stabilization", "cancelled"])
def test_the_small_ones_hold_with_hostile_words(picture: str) -> None:
    f = PICTURES[picture]
    told: list[dict[str, Any]] = [
        {"off": [THEO, HOSTILE]}, {"off": []}, {"to": HOSTILE, "role": HOSTILE}, {"to": THEO, "until": NOW.isoformat()},
    ]  # fmt: skip
    for message in (
        answers.mistyped(HOSTILE, HOSTILE, [f] * 9),
        answers.mistyped("1.3", "approve", []),
        answers.looked_for(HOSTILE),
        answers.no_ref(HOSTILE),
        approval.asked_anew(f),
        card_stored.stored_card(json.dumps(f), NOW),
        policy.nothing_to_adopt(f),
        voices.proposed(f, PRIYA),
        *(people.lent(result, f) for result in told),
        *(lists.one_word(word, facts) for word in WORDS for facts in (f, None)),
    ):
        check_message(message)


def test_the_forms_of_people_hold_with_hostile_words() -> None:
    s = situation(release())
    held = {role: tuple(members) for role, members in s.members.items()}
    end = NOW + timedelta(days=3)
    lent = tuple(Delegation(p, NOW, until, role) for p in (THEO, MIRA) for until in (end, None) for role in ("qa", ""))
    row = Colleague(PRIYA, "America/Argentina/ComodRivadavia", None, lent * 5, (Away(NOW, end),) * 9)
    desk = Desk(s.policy, held, replace(s.roster, people={PRIYA: row}), (s.release,), NOW)
    given = {"note": HOSTILE, "role": HOSTILE}  # what is typed as a person or a day is read before it comes here
    for made in (forms.delegate, forms.away, forms.settings):
        for who in (replace(row, zone=""), Colleague(PRIYA)):
            for words in ({}, given):
                check_form(made(who, desk, PICTURES["hostile"], words, "C0RELEASES"))
