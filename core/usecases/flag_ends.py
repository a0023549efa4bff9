"""What becomes of a flag: one release more, on or off for everybody with its code removed, archived; and a result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from core.domain.flags.guarding import GUARDED
from core.domain.flags.model import ENVIRONMENTS, Decided, Setting
from core.domain.gates.people import reason_lacks
from core.errors import Refused
from core.store import flags
from core.store.flags import FLAGS, Stored
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.flag_agreeing import Wish, wish
from core.usecases.flag_release import look_again, open_ids
from core.usecases.flag_writing import FlagFaults, chains_of, in_thread, known, may_change
from core.usecases.flags import archive, faults_of_archive

ENDS = ("keep", "on", "off", "archive")
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class End:
    """What somebody decides about a flag; `result` and `winner` are an experiment's."""

    name: str
    by: str
    what: str
    reason: str
    winner: str = ""
    result: str = ""


async def decide(ctx: Context, wanted: End, key: str | None = None) -> dict[str, Any]:
    """Keep the decision, then do what follows in production: off at once, on when a second person agrees.

    Returns {"flag", "what", "then": what `wish` tells, or None}. Raises FlagFaults, NotFound and Refused.
    """
    async with ctx.store.database.reader.connect() as conn:
        stored = await known(conn, wanted.name, GUARDED)
        faults = _faults(stored, wanted)
        if wanted.what == "archive":
            faults += await faults_of_archive(conn, stored, concluded=bool(wanted.result))
    await may_change(ctx, wanted.by, stored.flag)
    if faults:
        raise FlagFaults(faults)
    if lacks := list(reason_lacks(wanted.reason, wanted.by)):
        raise Refused(lacks, asked="flag")
    then = None
    if wanted.what in ("on", "off"):  # first: a decision that production cannot follow now is none
        then = await _follow(ctx, wanted, f"{key}:then" if key else None)
    await _keep(ctx, wanted, key)
    if wanted.what == "archive":
        await archive(ctx, wanted.name, wanted.by, wanted.reason)
    return {"flag": wanted.name, "end": wanted.what, "then": then, "actor": wanted.by}


def _faults(stored: Stored, wanted: End) -> list[str]:
    flag, arms = stored.flag, {v.name for v in stored.setting.variants}
    found = [] if wanted.what in ENDS else ["choose what becomes of it"]
    if flag.kind == "ops" and wanted.what == "keep":
        found.append("an ops flag is there for good")
    if flag.kind == "experiment" and wanted.what != "keep" and not (wanted.result or flag.result):
        found.append("an experiment is concluded with its result: say what came out")
    if max(len(wanted.result), len(wanted.winner) * 10) > LONGEST:
        found.append(f"a result has at most {LONGEST:,} characters, the name of a variant 100")
    if wanted.winner and arms and wanted.winner not in arms:
        found.append(f"{wanted.winner[:40]} is none of its variants: {', '.join(sorted(arms))}")
    return found


async def _keep(ctx: Context, wanted: End, key: str | None) -> None:
    policy = await ctx.policy()

    async def work(unit: Unit) -> None:
        now = ctx.clock.now()
        flag = (await known(unit.conn, wanted.name)).flag
        ids = await open_ids(ctx, unit.conn)
        changed = replace(flag, winner=wanted.winner or flag.winner, result=wanted.result or flag.result)
        if wanted.what != "archive":
            what = cast(Literal["keep", "on", "off"], wanted.what)
            said = tuple(Decided(what, wanted.by, now, one, wanted.reason) for one in (ids or (None,)))
            kept = flag.kept + 1 if what == "keep" else flag.kept
            ends: Literal["", "on", "off"] = "" if what == "keep" else what
            changed = replace(changed, decisions=(*flag.decisions, *said)[-20:], kept=kept, ends=ends)
            changed = replace(changed, ends_by=wanted.by if ends else "")
        body = {
            "flag": flag.key, "name": flag.name, "end": wanted.what, "reason": wanted.reason,
            "winner": changed.winner, "result": changed.result,
        }  # fmt: skip
        await unit.audit(FLAGS, wanted.by, "flag.decided", policy.hash, body, now)
        await flags.put_flag(unit, changed)
        said_ = {"flag": flag.name, "actor": wanted.by, **body}
        await in_thread(unit, policy, changed, "flag_decided", {**said_, "flag": flag.name})
        await look_again(unit, ids)

    await ctx.store.unit(work, verb="flag.decide", key=key, chains=await chains_of(ctx, wanted.name, *ENVIRONMENTS))


async def _follow(ctx: Context, wanted: End, key: str | None) -> dict[str, Any]:
    """Production becomes what was decided."""

    def edit(setting: Setting) -> Setting:
        on = wanted.what == "on"
        return replace(setting, on=on, percentage=0, user_ids=setting.user_ids if on else ())

    return await wish(ctx, Wish(wanted.name, GUARDED, wanted.by, edit, wanted.reason), key)
