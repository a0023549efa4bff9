"""Every view, in every phase, with ordinary and with hostile facts: within limits, escaped, one coloured button."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.gates import blockers
from core.domain.lifecycle import TABLE
from core.domain.release import (
    Concern,
    Dependency,
    Ending,
    Environment,
    Hold,
    Incident,
    Lock,
    Phase,
    ReleaseType,
    RunState,
    StakeholderText,
    SupportText,
    Texts,
)
from core.domain.situation import Act
from handlers.forms import checklist, going
from handlers.forms.recipe import build
from handlers.forms.recipes import RECIPES
from handlers.ids import Target
from handlers.request import Message
from handlers.views import answers, audit, content, direct, done, environments, lists, notes, places
from handlers.views.approval import ask
from handlers.views.card import card
from handlers.views.checklist import checklist as checklist_view
from handlers.views.diff import of_release
from handlers.views.home import home
from handlers.views.refusals import refusal
from handlers.views.scope import scope
from handlers.views.why import nothing_in_flight, why
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_form, check_home, check_message
from tests.handlers.story import (
    LEAVES,
    MIRA,
    NOW,
    OLU,
    PRIYA,
    QADIR,
    SANA,
    THEO,
    facts,
    release,
    run,
    signed,
    situation,
)

Facts = dict[str, Any]


def pictures() -> Iterator[tuple[str, Facts]]:
    """The release in each phase and state of the card."""
    for kind in ReleaseType:
        for phase in Phase:
            if phase in release(phase, kind).phases or phase in (Phase.CLOSED, Phase.CANCELLED):
                live = NOW if phase in (Phase.POST_RELEASE, Phase.CLOSED) else None
                runs = (run(RunState.RUNNING),) if phase is Phase.DEPLOYMENT else ()
                yield f"{kind}-{phase}", facts(phase, kind, live_at=live, runs=runs)
    r = release()
    yield "approved", facts(decisions=(signed("approval", "product_manager", MIRA, r),))
    yield "rejected", facts(decisions=(signed("approval", "product_manager", MIRA, r, "reject", "wrong month"),))
    yield "hold", facts(hold=Hold(THEO, NOW, "waiting for the bank", LEAVES))
    yield "decision", facts(Phase.DEPLOYMENT, runs=(run(RunState.WAITING, reason="smoke", ended_at=NOW),))
    yield "rolling back", facts(Phase.DEPLOYMENT, runs=(run(RunState.RUNNING, "roll back"),))
    yield "rollback failed", facts(Phase.DEPLOYMENT, runs=(run(RunState.WAITING, "roll back", ended_at=NOW),))
    lock = Lock(42, "1.3.0", OLU, NOW, "payments", until_cleared=True)
    envs = {"production": Environment("production", "1.2.2", since=NOW, lock=lock), "staging": Environment("staging")}
    yield (
        "rolled back",
        facts(
            Phase.POST_RELEASE,
            outcome=Ending.ROLLED_BACK,
            live_at=NOW,
            environments=envs,
            runs=(run(RunState.DONE, "roll back", ended_at=NOW, reason="payments failed"),),
        ),
    )
    yield "cancelled", facts(Phase.CANCELLED, closed_at=NOW, closed_by=PRIYA, cancel_reason="scope fell apart")
    yield "hostile", hostile()


def hostile() -> Facts:
    """The same release written by somebody who wants to break the page."""
    r = release()
    text = SupportText(*[(HOSTILE,) * 20] * 3, *[HOSTILE] * 4)
    r = replace(
        r,
        title=HOSTILE,
        reason=HOSTILE,
        branch=HOSTILE[:200],
        scope=tuple(replace(c, subject=HOSTILE, author=HOSTILE) for c in r.scope * 30),
        texts=Texts(StakeholderText((HOSTILE,) * 20, HOSTILE, HOSTILE), text, MIRA, NOW),
        concerns=tuple(Concern(n, THEO, NOW, HOSTILE) for n in range(30)),
        dependencies=tuple(Dependency(HOSTILE, THEO, NOW) for _ in range(30)),
        incidents=tuple(Incident(n, SANA, HOSTILE, NOW) for n in range(30)),
        hold=Hold(THEO, NOW, HOSTILE),
    )
    from core.domain.facts import project

    made = project(
        situation(r, (signed("approval", "product_manager", MIRA, r, "reject", HOSTILE),)), record="7be1 04c9"
    )
    made["names"] = dict.fromkeys(made["names"], HOSTILE)
    made["roles"] = dict.fromkeys(made["roles"], HOSTILE)
    made["product"]["name"] = HOSTILE
    for item in made["signoffs"]:
        item["title"] = HOSTILE
    return made


PICTURES = dict(pictures())
TRAIL = {
    "count": 212,
    "head": "7be104c9" * 8,
    "entries": [
        {"seq": 212, "at": "2026-12-14T15:02:00+00:00", "actor": PRIYA, "verb": "go", "body": ""},
        {"seq": 211, "at": "2026-12-14T15:01:00+00:00", "actor": "release-bot", "verb": HOSTILE, "body": ""},
    ],
}
TRAINS = [
    {
        "train": "main",
        "at": (LEAVES + timedelta(days=14 * n)).isoformat(),
        "release": 42 if not n else 0,
        "freeze_at": (LEAVES + timedelta(days=14 * n - 6)).isoformat(),
        "version": "1.3.0" if not n else "",
        "phase": "preparation",
        "skipped": HOSTILE if n == 2 else "",
        "extra": n == 1,
    }
    for n in range(4)
]

VIEWS: dict[str, Callable[[Facts], Message]] = {
    "card": lambda f: card(f, NOW),
    "card at the hour": lambda f: card(f, LEAVES),
    "why": lambda f: why(f, PRIYA, NOW),
    "why for qa": lambda f: why(f, QADIR, LEAVES),
    "scope": scope,
    "texts": content.notes,
    "texts for support": lambda f: content.notes(f, "support"),
    "notes": notes.being_read,
    "diff": of_release,
    "checklist": lambda f: checklist_view(f, QADIR),
    "audit": lambda f: audit.audit(f, TRAIL | {"whole": True}, may=True),
    "audit broken": lambda f: audit.audit(f, TRAIL | {"whole": False, "broken": 2}),
    "roles": lambda f: places.roles(f, f["tag"]),
    "help": lists.all_words,
    "choices": lists.choices,
    "ask": lambda f: ask(f, MIRA, "product_manager", NOW),
    "ask theo": lambda f: ask(f, THEO, "tech_lead", NOW),
    "stale": lambda f: answers.stale(f, NOW),
    "old button": lambda f: answers.old_button(card(f, NOW)),
    "reminded": lambda f: answers.reminded(f, MIRA, True),
    "list": lambda f: lists.releases([f] * 12, False, 1, NOW),
    "started": done.started,
    "calendar": lambda f: places.calendar(TRAINS, f, True, NOW),
    "environments": lambda f: environments.environments(f["environments"], f),
    "picker": lambda f: lists.picker("hold", [f] * 7, ["hold 1.3.0 x"] * 7),
    "no version": lambda f: answers.no_version(HOSTILE, [f] * 9, f),
    "none": lambda f: answers.none_for("hold", [f] * 4),
    "shipped before": lambda f: answers.not_shipped_here(HOSTILE, HOSTILE, True, f, True),
    "idle": lambda f: nothing_in_flight(TRAINS[1]["at"], f),
}


@pytest.mark.parametrize("picture", PICTURES)
def test_views_hold_in_every_picture(picture: str) -> None:
    for view in VIEWS.values():
        check_message(view(PICTURES[picture]))


@pytest.mark.parametrize("picture", PICTURES)
def test_homes_hold_in_every_picture(picture: str) -> None:
    from core.usecases.look import waits_for

    f = PICTURES[picture]
    for person, roles in ((PRIYA, ["release_manager"]), (MIRA, ["product_manager"]), (SANA, ["support"]), (THEO, [])):
        data = {
            "person": person,
            "roles": roles,
            "flight": [f] * 7,
            "waits": waits_for(f, person) * 9,
            "trains": TRAINS,
            "environments": f["environments"],
            "zone": f["zone"],
            "names": f["names"],
            "product": f["product"],
            "live": f,
        }
        check_home(home(data, person, NOW))
        check_message(lists.overview(data, person, True, NOW))
    check_home(
        home({"roles": [], "flight": [], "waits": [], "trains": [], "environments": {}, "zone": "UTC"}, PRIYA, NOW)
    )
    check_home(home({"roles": ["support"], "flight": [], "waits": [], "environments": {}, "zone": "UTC"}, SANA, NOW))


@pytest.mark.parametrize("picture", PICTURES)
def test_forms_hold_in_every_picture(picture: str) -> None:
    f = PICTURES[picture]
    known = {"trains": TRAINS, "others": [f], "item": "product_manager", "person": QADIR, "given": {"reason": HOSTILE}}
    for recipe in RECIPES.values():
        check_form(build(recipe, f, Target(42, "product_manager"), known, "C0RELEASES", "A note."))
    check_form(checklist.form(f, QADIR, "C0RELEASES"))
    if f["candidate"]:
        check_form(going.form(f, NOW, "C0RELEASES"))


@pytest.mark.parametrize(
    "picture", ["hostile", "minor-preparation", "hotfix-preparation", "minor-planning", "rolled back"]
)
def test_refusals_of_every_event_hold(picture: str) -> None:
    f = PICTURES[picture]
    s = situation(release(Phase(f["phase"]), ReleaseType(f["type"])))
    for row in TABLE:
        stops = blockers(row, s, Act(THEO, row.event, {}))
        if stops:
            check_message(refusal(row.event, stops, f, THEO))
            check_message(refusal(row.event, stops, {}, THEO))


def test_what_was_rolled_back_has_no_button_that_would_be_refused() -> None:
    offered = labels(card(PICTURES["rolled back"], NOW).blocks)
    assert "Clear the lock…" in offered and "Fix forward…" not in offered  # only what is live is fixed forward
    form = build(RECIPES["unlock"], PICTURES["rolled back"], Target(42, "production"), {}, "C0RELEASES", "")
    assert '"initial_option"' in json.dumps(form.blocks) and "Production" in json.dumps(form.blocks)


@pytest.mark.parametrize("event", sorted(done._LINES))
def test_every_answer_after_a_deed_holds(event: str) -> None:
    for picture in ("hostile", "minor-preparation", "cancelled"):
        given = {"reason": HOSTILE, "item": "tests.regression", "runs": HOSTILE, "until": NOW.isoformat()}
        for told in (
            {},
            {"already": True, "at": NOW.isoformat()},
            {"last": True, "role": "product_manager"},
            {"pending": "others", "missing": ["role:devops"]},
        ):
            check_message(done.done(event, PICTURES[picture], told, given, ("stage", "close")))


def test_small_answers_hold() -> None:
    for message in (
        answers.unknown_word(HOSTILE, "approve", HOSTILE),
        answers.unknown_word(HOSTILE, "", ""),
        answers.busy(),
        answers.unreachable("git", True),
        answers.broken("7K2F"),
        answers.old_button(None),
        answers.other_commit(PICTURES["hostile"], "8f3c2ab"),
        answers.freeze_is_now(PICTURES["hostile"], HOSTILE),
        direct.render(MIRA, "unknown", {"facts": PICTURES["hostile"]}),
    ):
        check_message(message)


def test_card_and_checklist_count_the_same_items() -> None:
    f = facts(Phase.STABILIZATION)
    now = [s for s in f["signoffs"] if "pre-release" in s["lists"]]
    counted = f"pre-release {sum(s['state'] == 'met' for s in now)} of 11"
    assert f["lists"] == ["pre-release"] and len(now) == 11
    assert counted in words(card(f, NOW)) and counted in words(checklist.form(f, PRIYA))


def test_what_stands_on_staging_does_not_go_there_again_after_the_approval() -> None:
    f = facts()
    assert "after the approval rc.2 goes to staging" in words(card(f, NOW))
    f["environments"]["staging"]["candidate"] = f["candidate"]["tag"]
    shown = words(card(f, NOW))
    assert "goes to staging" not in shown and "rc.2 is on staging and waits for the approval" in shown
