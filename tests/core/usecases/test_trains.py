"""Skip and extra change the timetable once, with a reason, by whom the policy allows."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.usecases.advance import Ask
from core.usecases.start import propose
from core.usecases.trains import extra, next_trains, skip
from tests.scenarios.driver import Team

TRAIN, AFTER = "2026-12-16T15:00:00+00:00", "2026-12-30T15:00:00+00:00"


async def codes(work: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        await work  # type: ignore[misc]
    return [b.code for b in refused.value.blockers]


async def test_a_skipped_train_is_offered_to_nobody_and_says_why(play: Team) -> None:
    ctx = play.app.ctx
    await skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN, "reason": "holidays"}))
    rows = {row["at"]: row for row in await next_trains(ctx)}
    assert rows[TRAIN]["skipped"] == "holidays"
    from core.domain.release import ReleaseType
    proposal = await propose(ctx, ReleaseType.MINOR, actor="U0PRIYA")
    assert proposal.departs_at is not None and proposal.departs_at.isoformat() == AFTER


async def test_who_may_not_and_what_cannot_be_is_refused(play: Team) -> None:
    ctx = play.app.ctx
    assert await codes(skip(ctx, Ask("U0DANA", "skip", input={"at": TRAIN, "reason": "holidays"}))) == ["permission"]
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN}))) == ["reason"]
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": "someday", "reason": "x y z"}))) == ["train_when"]
    assert await codes(extra(ctx, Ask("U0PRIYA", "extra", input={"at": TRAIN}))) == ["train_exists"]
    assert await codes(extra(ctx, Ask("U0PRIYA", "extra", input={"at": "2026-01-01T00:00:00+00:00"}))) == [
        "departure_past"]
    await play.says("priya", "start minor")
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN, "reason": "holidays"}))) == [
        "departure_free"]


async def test_an_added_departure_stands_among_the_others(play: Team) -> None:
    ctx = play.app.ctx
    at = "2026-12-18T19:00:00+00:00"
    await extra(ctx, Ask("U0PRIYA", "extra", input={"at": at, "reason": "a customer waits"}))
    rows = [row["at"] for row in await next_trains(ctx)]
    assert rows == sorted(rows) and at in rows
