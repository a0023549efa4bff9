"""What people do beside the straight way of a release: results, roles, absences, a gate that is passed, a rehearsal."""

from __future__ import annotations

from sandbox.workspace.records import Channel
from tests.torture.walk import VERSION, Holds, Step, clicks, did, fills, minor, types
from tests.torture.world import World

ROOM = "rehearsals"


def beside() -> list[Step]:
    """A minor beside which people state results, stand in for each other, pass a gate and hear of faults."""
    smooth = minor()
    ci = next(n for n, step in enumerate(smooth) if step.what == "CI reports")
    live = next(n for n, step in enumerate(smooth) if step.what == "Priya: /release status")
    start, planned = smooth[0], smooth[1:ci]
    return [
        *rehearsed(),
        start,
        types("Qadir", "delegate <@U0THEO> until 24 dec", did("delegate")),
        types("Qadir", "away 21 dec 4 jan", did("away")),
        fills("Dana", "settings", {"mutes": ["A change of mine missed its train"]}, did("settings")),
        types("Erika", f"follow {VERSION}", did("follow")),
        types("Erika", "unfollow", did("unfollow")),
        types("Priya", "shift 27 jan 28 jan a fair", did("shift")),
        types("Olu", "lock staging a test runs", did("lock")),
        types("Olu", "unlock staging", did("unlock")),
        types("Olu", "data staging 2026-11-02", did("data")),
        types("Theo", "pause the office moves", did("pause")),
        types("Theo", "resume all", did("unpause")),
        types("Dana", f"concern {VERSION} the export is slow", did("concern")),
        fills("Priya", f"carry {VERSION}", {"Why can it wait?": "few use it"}, did("carry")),
        fills("Theo", f"carry {VERSION}", {}, did("carry", 2)),
        fills("Priya", f"roles {VERSION}", {"Product manager": "Mira"}, did("cast"), button="Change the roles…"),
        *planned,
        smooth[ci],
        fills("Theo", f"evidence {VERSION}", RESULT, did("result"), button="I have a result…"),
        *smooth[ci + 1 : ci + 3],
        types("Theo", f"override {VERSION} window the bank waits since noon", did("override")),
        clicks("Olu", "Confirm it", "dm", did("override", 2)),
        types("Mira", f"ask {VERSION} who tested the export?", did("ask")),
        *smooth[ci + 3 : live + 1],
        types("Sana", f"report {VERSION} bug the list is empty", did("report")),
        fills("Qadir", f"triage {VERSION}", {"What is it?": "A duplicate", "Why?": "it is AA-155"}, did("triage")),
        fills("Erika", f"review {VERSION}", {"right": "It was right", "reason": "a window of its own"}, did("review")),
        *smooth[live + 1 :],
    ]


RESULT = {
    "Of what?": "Security scan", "What came of it?": "Passed", "Where can it be looked at?": "https://wiki.example/7",
}  # fmt: skip


async def _nothing(world: World) -> None:
    """It comes by itself."""


def rehearsed() -> list[Step]:
    """Begun, taken to its next hour and ended, in a channel of its own."""

    def says(words: str, done: Holds) -> Step:
        async def act(world: World) -> None:
            channels = world.slack.state.channels
            if "C0PLAY" not in channels:
                channels["C0PLAY"] = Channel("C0PLAY", ROOM, set(channels["C0RELEASES"].members))
            await world.slack.person("Priya").types(f"/release {words}", channel=ROOM)

        return Step(f"Priya: /release {words} in #{ROOM}", act, done)

    return [
        says("rehearse minor", did("start")),
        says("rehearse next", lambda f: f.get("ahead")),
        Step("the hour there comes", _nothing, did("missed")),
        says("rehearse end", did("rehearse_end")),
    ]
