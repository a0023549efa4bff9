"""Every word of `/release`, typed by the person who would type it, in a phase where it means something."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from handlers.parsing import parse
from handlers.words import WORDS
from tests.scenarios.driver import Team, team

FIX = ("app/payments.py", "TIMEOUT = 30\n")
OWN_FAULT = re.compile(r"Something in me failed|recorded as [A-Z2-7]{4}|Traceback|None\b|\{|\}")


@dataclass(frozen=True)
class Says:
    """A line, and what its answer says. With `fields` it opens a form, which is sent and answered with `then`."""

    who: str
    line: str
    answer: str
    fields: Mapping[str, Any] | None = None
    then: str = ""

    async def __call__(self, play: Team) -> None:
        person = getattr(play, self.who)
        if person.form:
            await person.closes(everything=True)
        await person.types(f"/release {self.line}")
        shown = person.reads(person.form) if person.form else person.private()
        assert re.search(self.answer, shown), f"{self.who}: /release {self.line}\n{shown}"
        assert not OWN_FAULT.search(shown), shown
        if self.fields is not None:
            assert person.form is not None, f"no form was opened: {shown}"
            assert await person.submits(self.fields) == {}
            shown = person.reads(person.form)
            assert re.search(self.then, shown), f"{self.who} sent {self.line} with {self.fields}:\n{shown}"
        await play.settles()


Step = Says | Callable[[Team], Awaitable[None]]


@dataclass
class Told:
    """What was typed so far, so that no word of the table is forgotten."""

    words: set[str] = field(default_factory=set)

    async def plays(self, play: Team, *steps: Step) -> None:
        for step in steps:
            await step(play)
            if isinstance(step, Says):
                self.words.add(parse(step.line, datetime.now(UTC), "UTC").first)


async def a_fix_on_the_branch(play: Team) -> None:
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: wrong month in statements (AA-171)")
    await play.settles()


async def the_upgrade_notes_are_written(play: Team) -> None:
    await play.priya.types("/release notes")
    await play.priya.clicks("Edit the notes…")
    form = (await play.priya.waits_for_form()).body
    asked = [b["label"]["text"] for b in form["blocks"] if "Upgrade note" in str(b.get("label"))]
    assert await play.priya.submits(dict.fromkeys(asked, "It runs by itself")) == {}
    assert "2 changes kept" in play.priya.reads(play.priya.form)
    await play.settles()


async def two_days_before_it_leaves(play: Team) -> None:
    await play.moves_to("2026-12-28 10:00")


async def all_is_signed(play: Team) -> None:
    await play.signs("1.3.0", "ready")


async def names_the_commit(play: Team) -> None:
    sha = (await play.facts("1.3.0"))["candidate"]["sha"][:7]
    await Says("mira", f"approve 1.3.0 {sha} as product manager", "You approved v1.3.0")(play)


async def the_hour_comes(play: Team) -> None:
    await play.to_the_hour("1.3.0")
    play.app.host.faults["production:1.3.0"] = "2 of 12 smoke tests failed"


async def goes(play: Team) -> None:
    await play.priya.clicks("Go")
    await play.settles()
    assert "2 of 12 smoke tests failed" in play.card_text("1.3.0")


async def verified(play: Team) -> None:
    await play.signs("1.3.0", "deployed")
    assert await play.phase("1.3.0") == "post-release"


async def a_day_passes(play: Team) -> None:
    await play.moves_to("2026-12-31 10:00")


PLANNING: tuple[Step, ...] = (
    Says("priya", "start minor", "v1.3.0 is started; its card is in the channel"),
    Says("dana", "status", "Planning.*\n.*led by @Priya"),
    Says("dana", "show 1.3.0", "v1.3.0 · minor release"),
    Says("dana", "list", r"In flight · 1\nv1.3.0 minor · Planning"),
    Says("dana", "list done", r"[Nn]o release|Nothing|ended"),
    Says("dana", "why", "What v1.3.0 still needs(.|\n)*Scope is final"),
    Says("dana", "scope", "12 changes since v1.2.2"),
    Says("dana", "notes", r"Needs you(.|\n)*has no upgrade note(.|\n)*Unclassified, 1(.|\n)*New Features"),
    Says("dana", "notes github", "# Release v1.3.0"),
    Says("dana", "plan", "The plan of v1.3.0"),
    Says("dana", "metrics", r"The last 90 days: no release\.(.|\n)*Nothing was recorded then"),
    Says("dana", "page", "sent you the address of the status page in a direct message"),
    Says("dana", "where AA-142", "Goes out with v1.3.0"),
    Says("dana", "where", "Name a pull request"),
    Says("sana", "notes support", r"Support reads(.|\n)*If a customer asks"),
    Says("dana", "diff", "From v1.2.2 to v1.3.0"),
    Says("dana", "diff 1.2.1 1.2.2", r"From v1.2.1 to v1.2.2(.|\n)*Commits"),
    Says("dana", "diff 1.2.1 9.9.9", "The remote has no 9.9.9"),
    Says("priya", "classify #331 improvement", "notes of v1.3.0 are kept as you wrote them"),
    Says("mira", "scope add #331", "scope of v1.3.0 holds #331 now"),
    Says("priya", "scope add #999 not there yet", "holds #999 now"),
    Says("priya", "scope drop #999 next time", "is without #999 now"),
    Says("priya", "pull", r"has no conflict for a pull request(.|\n)*No host of the code is connected"),
    Says("mira", "checklist", "Checklist v1.3.0", {"Yours: also asked": ["Scope is final"]}, "1 changed"),
    Says("dana", "evidence", "v1.3.0 has no candidate yet"),
    Says("dana", "environments", r"Production  v1.2.2"),
    Says("dana", "env", r"Production  v1.2.2"),
    Says("dana", "flags", "There are no feature flags yet"),
    Says("dana", "roles", "tech lead  @Theo"),
    Says("qadir", "delegate <@U0THEO> until 24 dec", "stands in for you until"),
    Says("qadir", "delegate off", "no longer stands in for you"),
    Says("qadir", "away 21 dec 4 jan", "You are away from"),
    Says("qadir", "away off", "You are there again"),
    Says("dana", "settings", "My settings", {"mutes": ["A change of mine missed its train"]}, "kept"),
    Says("dana", "mute", "My settings"),
    Says("dana", "calendar", "v1.3.0 is on it"),
    Says("dana", "help", "v1.3.0 is in planning. Possible now:(.|\n)*Every word, in six groups"),
    Says("dana", "help freeze", "cuts the branch(.|\n)*Example: /release freeze"),
    Says("dana", "audit", "Record: [0-9]+ entries, ✅ chain unbroken"),
    Says("priya", "edit", "Correct v1.3.0", {"Title": "Winter release"}, "v1.3.0 is corrected"),
    Says("priya", "depends on billing-api 2.4 @dana 9 dec", "dependency of v1.3.0 is noted"),
    Says("mira", "untick scope.final we forgot one", "sign-off is taken back"),
    Says("mira", "tick scope.final", "You signed off for v1.3.0: Scope is final"),
    Says("mira", "untick scope.final one more", "sign-off is taken back"),
    Says("mira", "scope finalize", "You signed off for v1.3.0: Scope is final"),
    Says("priya", "done milestone", "not ticked by hand: it is met by itself, when the milestone is there"),
    Says("dana", "concern search is slow", "Your concern about v1.3.0 is on the card"),
    Says("dana", "settle the index was missing", "concern about v1.3.0 is settled"),
    Says("dana", "concern the export is slow", "Your concern about v1.3.0 is on the card"),
    Says("priya", "carry", "Carry a concern on", {"Why can it wait?": "few use it"}, "A second person has to carry"),
    Says("theo", "carry", "You would be the second", {}, "goes on with the next release"),
    Says("theo", "hold waiting for the bank", "v1.3.0 is on hold"),
    Says("theo", "resume", "v1.3.0 goes on"),
    Says("priya", "extra 18 dec 14:00", "A train leaves"),
    Says("priya", "skip 13 jan holidays", "does not run"),
    Says("priya", "shift 27 jan 28 jan a fair", "That train leaves"),
    Says("priya", "move 30 dec", "Move v1.3.0", {"Why?": "the bank is late"}, "v1.3.0 leaves"),
    Says("priya", "begin", "Development of v1.3.0 begins"),
)
TO_STAGING: tuple[Step, ...] = (
    the_upgrade_notes_are_written,
    Says("theo", "freeze early: office move", "Got it: branch and first candidate"),
    a_fix_on_the_branch,
    Says("qadir", "rc", "Got it: a new candidate"),
    Says("qadir", "candidate", "no commit that is not in v1.3.0-rc.2"),
    two_days_before_it_leaves,
    Says("theo", "accept", "Nothing waits for an answer"),
    all_is_signed,
    Says("qadir", "ready", "v1.3.0 is in preparation. @Mira is asked"),
    Says("mira", "approve", r"Approve v1.3.0\?(.|\n)*last signature"),
    Says("mira", "sign 1.3.0", r"Approve v1.3.0\?"),
    Says("mira", "ask who tested the export?", "Your question about v1.3.0 is in the thread; @Priya can answer there"),
    Says("mira", "reject wrong month", "wrong month", {}, "You rejected v1.3.0"),
    names_the_commit,
    Says("mira", "withdraw I looked at the wrong build", "You took your approval of v1.3.0 back"),
    Says("qadir", "back the export is broken", "back in stabilization"),
    Says("priya", "ready", "in preparation"),
    Says("theo", "override window the bank waits", "You asked to pass a gate of v1.3.0"),
    Says("erika", "review", "No override waits for your review"),
    Says("dana", "policy", "Policy [0-9]+ is active"),
    Says("theo", "drill Olu has never done it", "Drill, nothing ships", {"gate": "A freeze"}, "has to confirm it"),
    Says("priya", "rehearse", r"A rehearsal is a whole release in this channel(.|\n)*rehearse minor"),
    Says("priya", "policy adopt", "is judged by the active policy already"),
    names_the_commit,
)
SHIPPED: tuple[Step, ...] = (
    Says("priya", "nogo the team is ill", "No-go for v1.3.0 is recorded"),
    the_hour_comes,
    Says("priya", "go", r"Go for v1.3.0(.|\n)*All \d+ conditions are met"),
    goes,
    Says("priya", "stop", "nothing to stop"),
    Says("priya", "abort wrong evening", "Production may have changed, so it cannot be aborted"),
    Says("olu", "retry", "The step of v1.3.0 runs again"),
    Says("theo", "record", "Two people record the same", {"runs": "1.2.2", "Why?": "I looked"}, "second person"),
    Says("olu", "flag new_search off", "new_search", {"Why?": "it was slow"}, "flag is off"),
    Says("olu", "worked I looked at the host", "the step of v1.3.0 did its work"),
    verified,
    Says(
        "dana",
        "incident payments fail",
        "payments fail",
        {"How bad is it?": "Something is wrong"},
        "report about v1.3.0",
    ),
    Says("dana", "resolve the index is back", "incident of v1.3.0 is over"),
    Says("sana", "report bug the list is empty", "Your report about v1.3.0 is kept"),
    Says(
        "sana",
        "report payments fail again",
        "Report about v1.3.0",
        {"What is it?": "An incident: those on duty are called"},
        "How bad is it",
    ),
    Says(
        "qadir",
        "triage",
        "Triage a report",
        {"What is it?": "A duplicate", "Why?": "it is AA-155"},
        "It is recorded for v1.3.0: a duplicate",
    ),
    Says("dana", "unlock please", "Only .* can clear that lock"),
    Says("olu", "lock staging a test runs", "Staging is locked by you"),
    Says("olu", "unlock staging", "Staging is free again"),
    Says("olu", "data staging 2026-11-02", "the data of staging are of"),
    Says("qadir", "deploy staging", "Only integration is put by hand"),
    Says("theo", "pause the office moves", "Everything is paused"),
    Says("theo", "resume all", "Everything goes on"),
    Says("theo", "unpause", "Nothing is paused"),
    Says("erika", "follow 1.3.0", "You follow v1.3.0"),
    Says("erika", "unfollow", "You follow nothing"),
    Says("priya", "fix payments fail again", "hotfix v1.3.0-hotfix.1 is open"),
    Says("priya", "cancel 1.3.0-hotfix.1 it was nothing", "Cancel v1.3.0-hotfix.1", {}, "is cancelled"),
    a_day_passes,
    Says("priya", "close", "cannot be closed yet(.|\n)*Support team briefed"),
    Says("priya", "retro", "Retrospective v1.3.0", {"What went well?": "It left on time"}, "Thank you: 1 line"),
    Says("dana", "retro add wrong the regression began late", "It is in the retrospective of v1.3.0"),
    Says("priya", "retro at tomorrow 15:30", "The retrospective of v1.3.0 meets Jan 1, 2027 at 15:30"),
    Says("dana", "action faster staging <@U0OLU> 14 jan", "Action item for Olu, by 14 Jan: “faster staging”"),
    Says("sana", "action done 1", "Only .* say that an action item is done|Only .*Olu"),
    Says("olu", "action done 1", "“faster staging” is done"),
    Says("dana", "action write it down", "Action item for Dana, by 14 Jan"),
    Says("dana", "action keep", "comes back on the next one by itself"),
    Says("dana", "action drop 2 nobody reads it", "“write it down” is dropped, with your reason"),
    Says("priya", "retro summary", "Went well(.|\n)*Action items", {}, "The summary of v1.3.0 is in its thread"),
    Says(
        "olu",
        "rollback 1.3.0 payments fail",
        "Roll back v1.3.0",
        {"How bad is it?": "Customers cannot work"},
        "rolled back",
    ),
    Says("olu", "unlock the fix is on its way", "Production is free again"),
    Says("priya", "start minor", "v1.4.0 is started"),
    Says("priya", "start major", "v2.0.0 is started"),
    Says("priya", "merge 1.4.0", "Merge v1.4.0", {"Into which release?": "v2.0.0", "Why?": "one train"}, "is merged"),
)


async def test_every_word_has_a_sensible_answer(tmp_path: Path) -> None:
    told = Told()
    async with team(tmp_path) as play:
        await told.plays(play, *PLANNING)
        assert await play.phase("1.3.0") == "development"
        await told.plays(play, *TO_STAGING)
        assert (await play.facts("1.3.0"))["staging_run"]["state"] == "done"
        await told.plays(play, *SHIPPED)
    known = {name for word in WORDS for name in (word.word, *word.aliases)}
    assert told.words | {"approve"} >= known, f"nobody typed {sorted(known - told.words)}"
