"""Following a release: by word and by button, for anybody, and never one that has ended."""

from __future__ import annotations

from handlers.views import render_post
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, ERIKA, PRIYA


async def test_anybody_follows_and_unfollows_and_reads_what_stakeholders_read(desk: Desk) -> None:
    await started(desk)
    assert said(await desk.types(ERIKA, "follow 1.3.0")).startswith("✅ You follow v1.3.0. You hear when it is planned")
    both = await desk.types(ERIKA, "follow")
    assert "v1.3.0 and every release of Asset Anchor" in said(both)
    posted = render_post(f"dm:{ERIKA}", "followed", {"of": "planned", "facts": await desk.facts()})
    assert "is planned for" in words(posted) and labels(posted.blocks) == ["Do not follow it any more"]
    left = await desk.clicks(ERIKA, posted, "Do not follow it any more")
    assert said(left) == "✅ You follow every release of Asset Anchor."
    assert both.private and said(await desk.clicks(ERIKA, both.private, "Follow nothing")).startswith(
        "✅ You follow nothing"
    )


async def test_what_has_ended_or_is_not_there_is_not_followed(desk: Desk) -> None:
    await started(desk)
    assert "there is no" in said(await desk.types(DANA, "follow 7.7.7")).casefold()
    form = (await desk.types(PRIYA, "cancel 1.3.0 it fell apart")).form
    assert form
    await desk.sends(PRIYA, form)
    assert "has ended" in said(await desk.types(DANA, "follow 1.3.0"))
