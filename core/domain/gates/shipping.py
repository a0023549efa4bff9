"""Gates about the hour, the environments and the runs in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.gates.people import iso
from core.domain.release import Phase, Release, ReleaseType, RunState
from core.domain.situation import Act, Situation
from core.errors import Blocker

SEVERITIES = ("customers cannot work", "something is wrong", "nobody notices")
OPS = ("role:devops", "role:release_manager")


def when_of(act: Act, name: str = "to") -> datetime | None:
    """An instant of the input; ISO-8601 with an offset, as the handlers write it."""
    value = act.input.get(name)
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def by_train(s: Situation, act: Act) -> Iterator[Blocker]:
    """Only minor and major wait for trains."""
    if not s.release.type.by_train:
        yield Blocker("by_train", {"type": s.release.type})


def freeze_date(s: Situation, act: Act) -> Iterator[Blocker]:
    """The freeze has its date."""
    if s.release.type.by_train and s.release.freeze_at is None:
        yield Blocker("freeze_date", {}, ("role:release_manager",))


def freeze_day(s: Situation, act: Act) -> Iterator[Blocker]:
    """The freeze's hour has come."""
    if s.release.freeze_at is None or s.now < s.release.freeze_at:
        yield Blocker("freeze_day", {"at": iso(s.release.freeze_at)}, later=True)


def early_reason(s: Situation, act: Act) -> Iterator[Blocker]:
    """Before its day a freeze needs a reason."""
    if s.release.freeze_at and s.now < s.release.freeze_at and len(act.reason) < 3:
        yield Blocker("early_reason", {"at": iso(s.release.freeze_at)}, (act.actor,))


def departure_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """The departure lies ahead and nobody else has it (a release that is moved names it as `to`)."""
    if not s.release.type.by_train:
        return
    when = when_of(act) if act.event == "move" else s.release.departs_at
    if when is None or when <= s.now:
        yield Blocker("departure_past", {"at": iso(when)}, ("role:release_manager",))
        return
    for other in s.others:
        if other.id != s.release.id and other.train == s.release.train and other.departs_at == when:
            yield Blocker("departure_free", {"at": iso(when), "version": other.version, "release": other.id},
                          (other.lead,))


def notice(s: Situation, act: Act) -> Iterator[Blocker]:
    """A type with a notice (major: 4 weeks) leaves that many days after it was announced."""
    days = s.policy.rules(s.release.type).notice_days
    when = when_of(act) if act.event == "move" else s.release.departs_at
    if days and when is not None and when < s.now + timedelta(days=days):
        yield Blocker("notice", {"days": days, "at": iso(when), "earliest": iso(s.now + timedelta(days=days))})


def departure_missed(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires once when the window is over and the release did not leave."""
    end = s.release.window_ends_at
    if s.release.missed_departure or end is None or s.now <= end or s.release.go is not None:
        yield Blocker("nothing_new", {}, later=True)


def merge_target(s: Situation, act: Act) -> Iterator[Blocker]:
    """The release that shall take over is open, waits for a later train and has no candidate yet."""
    into = next((o for o in s.others if o.version == act.text("into")), None)
    if into is None or into.id == s.release.id or not into.type.by_train:
        yield Blocker("merge_target", {"into": act.text("into"), "why": "unknown"}, (act.actor,))
    elif into.candidate is not None or into.phase not in (Phase.PLANNING, Phase.DEVELOPMENT):
        yield Blocker("merge_target", {"into": into.version, "why": "frozen"}, (into.lead,))


def told(s: Situation, act: Act) -> Iterator[Blocker]:
    """Stakeholders heard of the date (releases by train) and support of the coming update."""
    needed = ["coming:support"]
    if s.release.type.by_train:
        needed.insert(0, "planned:stakeholders")
    for key in needed:
        if key not in s.release.announced:
            moment, _, audience = key.partition(":")
            yield Blocker(f"told.{audience}", {"moment": moment, "at": iso(s.release.coming_at)},
                          ("role:product_manager",), later=key not in s.release.wanted)


def window(s: Situation, act: Act) -> Iterator[Blocker]:
    """A train's release goes in its window."""
    r = s.release
    if r.type.by_train and (r.departs_at is None or r.window_ends_at is None
                            or not r.departs_at <= s.now <= r.window_ends_at):
        over = r.window_ends_at is not None and s.now > r.window_ends_at
        yield Blocker("window", {"opens": iso(r.departs_at), "closes": iso(r.window_ends_at), "over": over},
                      ("role:release_manager",) if over else (), later=not over)


def no_freeze(s: Situation, act: Act) -> Iterator[Blocker]:
    """No freeze of the policy covers today; a hotfix may pass."""
    if s.release.type is ReleaseType.HOTFIX:
        return
    today = s.now.astimezone(ZoneInfo(s.policy.zone)).date()
    for freeze in s.policy.freezes:
        if freeze.first <= today <= freeze.last:
            yield Blocker("freeze", {"name": freeze.name, "until": freeze.last.isoformat()}, later=True)


def _holder(s: Situation) -> Release | None:
    """The other release that staging is kept for."""
    return next((o for o in s.others if o.id != s.release.id and o.candidate is not None
                 and o.candidate.tag == s.staging.candidate
                 and o.phase in (Phase.PREPARATION, Phase.DEPLOYMENT)), None)


def staging_wanted(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging does not run this candidate yet, and no run for it is under way or waits for a person."""
    run = s.release.run("staging")
    if s.on_staging:
        yield Blocker("nothing_new", {}, later=True)
    elif run and s.candidate and run.sha == s.candidate.sha and run.state is RunState.RUNNING:
        yield Blocker("staging.running", {}, (), iso(run.started_at), later=True)
    elif run and s.candidate and run.sha == s.candidate.sha and run.state in (RunState.FAILED, RunState.WAITING):
        yield Blocker("staging.failed", {"reason": run.reason}, OPS, iso(run.ended_at))


def staging_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging is not kept for another release; a hotfix goes first."""
    holder = _holder(s)
    if holder and not (s.release.type is ReleaseType.HOTFIX and holder.type is not ReleaseType.HOTFIX):
        yield Blocker("staging.busy", {"version": holder.version, "release": holder.id}, (holder.lead,))
    for other in s.others:
        run = other.run("staging")
        if other.id != s.release.id and run and run.state is RunState.RUNNING:
            yield Blocker("staging.running", {"version": other.version}, (), iso(run.started_at), later=True)


def on_staging(s: Situation, act: Act) -> Iterator[Blocker]:
    """Staging runs this candidate."""
    if not s.on_staging:
        run = s.release.run("staging")
        failed = run is not None and run.state in (RunState.FAILED, RunState.WAITING)
        yield Blocker("staging.failed" if failed else "staging.other",
                      {"runs": s.staging.candidate, "reason": run.reason if run and failed else ""},
                      OPS if failed else (), later=not failed)


def production_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Production's lock is free or ours, and no other run is under way there."""
    lock = s.production.lock
    if lock and lock.release_id != s.release.id:
        yield Blocker("production.locked", {"version": lock.version, "by": lock.by, "reason": lock.reason,
                                            "until_cleared": lock.until_cleared},
                      s.holders(*s.policy.permissions["unlock"]), iso(lock.since))
    for other in s.others:
        if other.id != s.release.id and other.phase is Phase.DEPLOYMENT and not (
                lock and lock.release_id == s.release.id):
            yield Blocker("production.busy", {"version": other.version}, (other.lead,), iso(other.phase_since))


def lock_cleared(s: Situation, act: Act) -> Iterator[Blocker]:
    """A lock that this release left on production is cleared."""
    lock = s.production.lock
    if lock and lock.release_id == s.release.id:
        yield Blocker("lock", {"reason": lock.reason}, s.holders(*s.policy.permissions["unlock"]), iso(lock.since))


def not_being_fixed(s: Situation, act: Act) -> Iterator[Blocker]:
    """No hotfix for it is under way."""
    fix = next((o for o in s.others if o.fixes == s.release.id), None)
    if fix:
        yield Blocker("being_fixed", {"version": fix.version}, (fix.lead,))


def fix_live(s: Situation, act: Act) -> Iterator[Blocker]:
    """The hotfix that was opened for it runs in production."""
    if not s.release.fixed_by or s.production.version != s.release.fixed_by or s.release.outcome:
        yield Blocker("nothing_new", {}, later=True)


def _state(s: Situation, *states: RunState, kind: str = "", environment: str = "production") -> bool:
    run = s.release.run(environment)
    return run is not None and run.state in states and (not kind or run.kind == kind)


def run_stopped(s: Situation, act: Act) -> Iterator[Blocker]:
    """A run of this release stands and waits for a decision."""
    where = "staging" if s.release.phase is Phase.PREPARATION else "production"
    if not _state(s, RunState.FAILED, RunState.WAITING, environment=where):
        yield Blocker("run.none", {"environment": where})


def run_running(s: Situation, act: Act) -> Iterator[Blocker]:
    """A run is under way."""
    if not _state(s, RunState.RUNNING):
        yield Blocker("run.none", {"environment": "production"})


def run_done(s: Situation, act: Act) -> Iterator[Blocker]:
    """The run has done all its steps."""
    if not _state(s, RunState.DONE):
        yield Blocker("run.not_done", {}, later=True)


def deploy_run(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is a deployment."""
    run = s.release.run()
    if run is None or run.kind != "deploy":
        yield Blocker("nothing_new", {}, later=True)


def rollback_run(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is a roll-back."""
    run = s.release.run()
    if run is None or run.kind != "roll back":
        yield Blocker("nothing_new", {}, later=True)


def run_failed(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a deployment step has failed and nobody was asked yet."""
    if not _state(s, RunState.FAILED, kind="deploy"):
        yield Blocker("nothing_new", {}, later=True)


def rollback_stopped(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a roll-back has failed and nobody was asked yet."""
    if not _state(s, RunState.FAILED, kind="roll back"):
        yield Blocker("nothing_new", {}, later=True)


def production_untouched(s: Situation, act: Act) -> Iterator[Blocker]:
    """Nothing in production has changed yet; afterwards the way is roll back or fix forward."""
    run = s.release.run()
    if run is None or run.changed or run.kind != "deploy":
        yield Blocker("run.changed", {"version": s.release.version}, OPS)


def severity(s: Situation, act: Act) -> Iterator[Blocker]:
    """How bad it is, in one of three degrees."""
    if act.text("severity") not in SEVERITIES:
        yield Blocker("severity", {"one_of": list(SEVERITIES)}, (act.actor,))


def in_production(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is what production runs, or is being brought there."""
    if s.release.phase is Phase.DEPLOYMENT:
        run = s.release.run()
        if run is None or run.kind != "deploy" or not run.changed:
            yield Blocker("not_live", {"version": s.release.version, "production": s.production.version})
    elif s.production.version != s.release.version:
        yield Blocker("not_live", {"version": s.release.version, "production": s.production.version})


def way_back(s: Situation, act: Act) -> Iterator[Blocker]:
    """The version before is known."""
    live = s.production.version == s.release.version
    if not (s.production.previous if live else s.production.version):
        yield Blocker("way_back", {"version": s.release.version}, OPS)


def recordable(s: Situation, act: Act) -> Iterator[Blocker]:
    """The version that is said to run is this one or the one before."""
    target = s.release.run().target if s.release.run() else ""  # type: ignore[union-attr]
    known = {s.release.version, s.production.version, s.production.previous, target} - {""}
    if act.text("runs") not in known:
        yield Blocker("record.unknown", {"one_of": sorted(known), "given": act.text("runs")}, (act.actor,))


def live_or_running(s: Situation, act: Act) -> Iterator[Blocker]:
    """The flag is named."""
    if not act.text("flag"):
        yield Blocker("flag_named", {}, (act.actor,))
