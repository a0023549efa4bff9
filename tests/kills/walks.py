"""Longer walks than a smooth minor, so that processes are killed in nearly everything that people can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.torture.walk import (
    TRIES,
    VERSION,
    NothingCameOfIt,
    Step,
    clicks,
    did,
    fills,
    minor,
    on_staging,
    phase,
    signs,
    types,
)
from tests.torture.world import World

WHY = "What has to change?"
BAD = {"How bad is it?": "customers cannot work"}


def approved(facts: Mapping[str, Any]) -> bool:
    return any(a["given"] for a in facts.get("approvals", ()))


def rejected(facts: Mapping[str, Any]) -> bool:
    return any(a["rejected"] for a in facts.get("approvals", ()))


def eventful() -> list[Step]:
    """A minor on which people change their minds: hold, concern, other dates, reject, take back, send back."""
    smooth = minor()
    ready = next(n for n, step in enumerate(smooth) if f"ready {VERSION}" in step.what)
    start, begin = smooth[0], smooth[1:ready]
    frozen = 1 + next(n for n, step in enumerate(begin) if "freeze_at" in step.what)
    return [
        start,
        opens_home("Priya"),
        mentions("Theo", f"status {VERSION}"),
        mentions("Theo", "where #331"),
        fills("Priya", f"edit {VERSION}", {"Title": "The winter release"}, lambda f: f.get("title")),
        types("Priya", "skip 13 jan holidays", did("skip")),
        types("Priya", "extra 18 dec 14:00 for the bank", did("extra")),
        *begin[:2],
        types("Mira", f"untick {VERSION} scope.final one more look", did("untick")),
        types("Mira", f"depends {VERSION} billing-api 2.4 @dana", did("depend")),
        types("Qadir", f"concern {VERSION} search is slow on staging", did("concern")),
        types("Qadir", f"settle {VERSION} the index was missing", did("settle")),
        types("Theo", f"hold {VERSION} waiting for the bank", did("hold")),
        types("Theo", f"resume {VERSION}", did("resume")),
        *begin[2:frozen],
        fills("Mira", f"scope drop {VERSION} #331 the export is not ready", {}, did("scope_drop")),
        fills("Mira", f"scope add {VERSION} #331", {}, did("scope_add")),
        types("Theo", f"accept {VERSION} #331 the bank waits for it", did("accept")),
        types("Theo", f"candidate {VERSION}", lambda f: (f.get("candidate") or {}).get("tag", "").endswith("rc.2")),
        *begin[frozen:],
        smooth[ready],
        fills("Mira", f"reject {VERSION}", {WHY: "Owner statements show the wrong month"}, rejected),
        clicks("Mira", "Approve after all", "dm", lambda f: approved(f) and on_staging(f)),
        types("Mira", f"withdraw {VERSION} I looked at the wrong build", did("withdraw")),
        types("Theo", f"back {VERSION} the export is broken", phase("stabilization")),
        smooth[ready],
        clicks("Mira", "Approve (last signature)", "dm", approved),
        types("Priya", f"nogo {VERSION} half the team is ill", did("nogo")),
        *smooth[ready + 2 :],
    ]


def bad_day() -> list[Step]:
    """A minor whose deployment fails, is tried again, is said to have worked, and is taken back when it is live."""
    smooth = minor()
    went = next(n for n, step in enumerate(smooth) if step.what.endswith(": go"))
    failed: Any = lambda f: (f.get("run") or {}).get("state") in ("waiting", "failed")  # noqa: E731
    return [
        *smooth[: went + 1],
        types("Olu", "status", failed),
        types("Olu", f"retry {VERSION}", lambda f: did("retry")(f) and failed(f)),
        types("Olu", f"worked {VERSION} I looked at the host", did("worked")),
        *smooth[went + 1 : went + 3],
        fills("Priya", f"incident {VERSION}", {"What is wrong?": "payments fail", **BAD}, did("incident")),
        types("Priya", f"resolve {VERSION} the bank is back", did("resolve")),
        signs("rollback"),
        fills(
            "Olu", f"rollback {VERSION}", {"Why?": "payments fail", **BAD},
            lambda f: f.get("outcome") == "rolled back",
        ),
        types("Olu", "unlock the hotfix comes tomorrow", did("unlock")),
    ]  # fmt: skip


def opens_home(who: str) -> Step:
    """Home is drawn afresh when somebody opens it."""

    async def act(world: World) -> None:
        await world.slack.person(who).opens_home()

    return Step(f"{who} opens Home", act, lambda f: True)


def mentions(who: str, words: str) -> Step:
    """What only shows is said in the thread for all; like every answer it may be lost, and is asked for again."""

    async def act(world: World) -> None:
        for _ in range(TRIES):
            await world.slack.person(who).types(f"@Release Bot {words}")
            asked = world.slack.person(who).newest("releases")
            for _ in range(60):
                if world.slack.state.replies(asked.channel, asked.ts):
                    return
                await asyncio.sleep(0.05)
        raise NothingCameOfIt(f"{who}: @Release Bot {words}")

    return Step(f"{who} mentions the bot", act, lambda f: True)
