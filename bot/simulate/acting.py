"""What people do in a simulation: an event by its name goes to the use case that takes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.domain.policy import Policy
from core.usecases import drills, environments, pausing, people, trains
from core.usecases.advance import Ask, perform
from core.usecases.context import Context
from core.usecases.evidence import Posted, take
from core.usecases.fix import fix_forward
from core.usecases.flag_off import flag_off
from core.usecases.start import start

CI = "ci"  # the source of simulated results
Case = Callable[[Context, Ask], Awaitable[Any]]

CASES: Mapping[str, Case] = {
    "start": start,
    "fix_forward": fix_forward,
    "flag_off": flag_off,
    "skip": trains.skip,
    "shift": trains.shift,
    "extra": trains.extra,
    "keep": trains.keep,
    "delegate": people.delegate,
    "away": people.away,
    "settings": people.settings,
    "follow": people.follow,
    "unfollow": people.follow,
    "drill": drills.drill,
    "lock": environments.lock,
    "unlock": environments.unlock,
    "data": environments.data,
    "pause": pausing.pause,
    "unpause": pausing.unpause,
}


async def act(ctx: Context, ask: Ask) -> Any:
    """Do it as if somebody had pressed the button. Raises what the use case raises: Refused, NotFound, Stale."""
    return await CASES.get(ask.event, perform)(ctx, ask)


async def reported(ctx: Context, sha: str, kind: str, *, passed: bool = True) -> None:
    """A machine reports a result of this kind for a commit."""
    await take(ctx, Posted(sha, kind, CI, report(kind, sha, passed=passed)))


def report(kind: str, sha: str, *, passed: bool = True) -> bytes:
    """What a job of CI would say, in the plainest form that is read."""
    if kind == "build":
        digest = hashlib.sha256(sha.encode()).hexdigest()
        return json.dumps({"build": {"name": "app", "digest": f"sha256:{digest}"}}).encode()
    failure = "" if passed else '<failure message="simulated"/>'
    return f'<testsuite name="{kind}"><testcase classname="{kind}" name="all">{failure}</testcase></testsuite>'.encode()


def person_of(policy: Policy, said: str) -> str:
    """The Slack id of somebody by their key in the policy or their name; an id is one already."""
    found = next((p.slack for key, p in policy.people.items() if said in (key, p.name)), "")
    return found or said
