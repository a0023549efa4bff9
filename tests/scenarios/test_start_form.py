"""The form that starts a release: it follows the kind, names faults at their field, and opens one release."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.scenarios.driver import Team
from tests.scenarios.hands import types

calm = pytest.mark.asyncio(loop_scope="module")


async def test_the_start_form_follows_the_kind(play: Team) -> None:
    await play.settles()  # the history is read
    priya = await types(play, "priya", "start")
    form = priya.reads(await priya.waits_for_form())
    assert re.search(r"Proposed: v1.3.0, because v1.2.2 is in production and \d of the 12 changes since then", form), (
        form
    )
    assert "Wed 16 Dec 2026, 10:00 Eastern (next free train)" in form and "What fails?" not in form
    await priya.fills({"What kind?": "Hotfix"})
    await play.app.replies.after.idle()
    form = priya.reads(priya.form)
    assert "v1.2.2-hotfix.1" in form and "What fails?" in form and "When does it leave?" not in form
    assert "tech lead (@Theo) and DevOps (@Olu)" in form
    await priya.fills({"What fails?": "Card payments time out", "What kind?": "Patch"})
    await play.app.replies.after.idle()
    form = priya.reads(priya.form)
    assert "v1.2.3" in form and "Card payments time out" in form, "what was typed is kept"
    await priya.fills({"What kind?": "Major"})
    await play.app.replies.after.idle()
    assert "v2.0.0" in priya.reads(priya.form) and "16 Dec" not in priya.reads(priya.form)
    assert priya.form is not None and priya.form.body["submit"]["text"] == "Start v2.0.0"
    assert await priya.submits() == {}
    await play.settles()
    assert (datetime.fromisoformat((await play.facts("2.0.0"))["departs_at"]) - play.clock.now()).days >= 28
    assert "v2.0.0 · major release" in play.card_text("2.0.0")


async def test_faults_in_the_start_form_stand_at_their_field(play: Team) -> None:
    priya = await types(play, "priya", "start")
    for version, words in (
        ("1.2.1", "is taken already"),
        ("banana", "does not fit"),
        ("1.2.3", "does not fit a minor"),
    ):
        errors = await priya.submits({"Version": version})
        assert [*errors] == ["version.minor"], errors
        assert words in errors["version.minor"] and errors["version.minor"].endswith("Next free: 1.3.0"), errors
    await priya.fills({"What kind?": "Hotfix"})
    await play.app.replies.after.idle()
    assert [*(await priya.submits({"What fails?": "x"}))] == ["reason"]
    assert await priya.submits({"What fails?": "Card payments time out"}) == {}
    await play.settles()
    assert await play.phase("1.2.2-hotfix.1") == "development"
    await types(play, "priya", "start hotfix")
    errors = await priya.submits({"Version": "1.2.2-hotfix.1", "What fails?": "the same again"})
    assert "v1.2.2-hotfix.1 is already in flight." in "".join(errors.values())


async def test_a_form_sent_twice_opens_one_release(play: Team) -> None:
    await types(play, "priya", "start")
    first, second = await play.sends_twice("priya")
    assert first and second, "both are answered"
    assert len(play.channel("releases")) == 0 and len(play.priya.messages("releases")) == 1
    assert await play.phase("1.3.0") == "planning"


async def test_who_may_not_start_is_told_who_may(play: Team) -> None:
    dana = await types(play, "dana", "start minor")
    assert "Only a release manager can start" in dana.private() and "Priya" in dana.private()
    theo = await types(play, "theo", "start hotfix card payments time out")
    assert "v1.2.2-hotfix.1" in theo.private() and "approve" in theo.private(), "nobody else could sign as tech lead"
