"""App Home on the real store: what waits, what is in flight, the trains."""

from __future__ import annotations

import pytest

from core.domain.release import Phase, RunState
from core.usecases import look
from handlers.request import Message
from handlers.views.home import home
from handlers.views.lists import line_of
from tests.handlers.desk import Desk, labels, words
from tests.handlers.layout import check_home
from tests.handlers.play import frozen, prepared, started
from tests.handlers.story import DANA, MIRA, NOW, PRIYA, QADIR, SANA, facts, run


async def _home(desk: Desk, person: str) -> Message:
    blocks = home(await look.home(desk.ctx, person), person, desk.clock.now())
    check_home(blocks)
    return Message("Home", blocks)


async def test_an_empty_home_says_so_and_offers_the_start(desk: Desk) -> None:
    seen = await _home(desk, PRIYA)
    assert "Start a release" in labels(seen.blocks) and "Nothing waits for you." in words(seen)
    assert "Nothing is in flight." in words(seen) and "v1.2.2" in words(seen)


async def test_the_approver_is_asked_and_told_before_when(desk: Desk) -> None:
    await started(desk)
    early = await _home(desk, MIRA)
    assert "Your checklist · 1" in words(early) and "Start a release" not in labels(early.blocks)
    await desk.types(MIRA, "tick scope.final")
    assert "v1.3.0 will ask you around" in words(await _home(desk, MIRA))


async def test_what_waits_opens_from_home(desk: Desk) -> None:
    await prepared(desk)
    seen = await _home(desk, MIRA)
    assert "Waits for you · 1" in words(seen) and "approve as product manager" in words(seen)
    content = await desk.clicks(MIRA, seen, "Look and decide", from_home=True, view_id="V1")
    assert content.private and content.private.text.startswith("Priya asks you to approve v1.3.0")


async def test_support_reads_plain_words_and_no_phases(desk: Desk) -> None:
    await started(desk)
    seen = words(await _home(desk, SANA))
    assert "A customer has a problem…" in seen and "Live now" in seen and "Coming" in seen
    for inside in ("Planning", "Staging", "rc.", "release/"):
        assert inside not in seen


async def test_what_can_be_signed_counts_as_waiting(desk: Desk) -> None:
    await started(desk)
    seen = words(await _home(desk, MIRA))
    assert "Waits for you · 1" in seen and "Nothing waits for you" not in seen and "Your checklist · 1" in seen
    await desk.types(MIRA, "tick scope.final")
    assert "Nothing waits for you." in words(await _home(desk, MIRA))


async def test_what_is_more_than_five_opens_in_a_window_with_all_of_it(desk: Desk) -> None:
    await prepared(desk)
    for n in range(7):
        await desk.types(MIRA, f"concern the {n}th thing is slow")
    seen = await _home(desk, PRIYA)
    assert "Waits for you · 7" in words(seen) and "2 more" in words(seen)
    window = (await desk.clicks(PRIYA, seen, "Show all", from_home=True, view_id="V1")).form
    assert window and all(f"the {n}th thing is slow" in words(window) for n in range(7))
    assert labels(window.blocks).count("Resolve…") == 7
    overview = (await desk.types(PRIYA, "")).private
    assert overview and overview.text.startswith("7 things wait for you.") and "Show all" in labels(overview.blocks)


async def test_a_condition_that_a_person_can_clear_waits_for_them_with_its_button(desk: Desk) -> None:
    await frozen(desk)
    seen = words(await _home(desk, QADIR))
    assert "Your checklist ·" in seen and "Full regression passed" in seen and "State a result…" in seen
    await desk.types(DANA, "concern search is slow")
    assert "Resolve…" in labels((await _home(desk, DANA)).blocks)
    assert "Resolve…" not in labels((await _home(desk, QADIR)).blocks)


@pytest.mark.parametrize(
    "state,kind,line",
    [
        (RunState.RUNNING, "deploy", "🔵 going to production"),
        (RunState.WAITING, "deploy", "⛔ stopped"),
        (RunState.RUNNING, "roll back", "🔵 going back to v1.2.2"),
    ],
)
def test_a_release_on_its_way_is_told_by_its_run_not_by_its_checklist(state: RunState, kind: str, line: str) -> None:
    told = line_of(facts(Phase.DEPLOYMENT, runs=(run(state, kind),)), NOW)
    assert line in told and "conditions open" not in told
    assert ("to decide" in told) == (state is RunState.WAITING)
